/**
 * A mark that this device has asked to be let in: whoever is admitted while the app is closed is told so when it is opened
 * again. In localStorage; where that is denied, nothing is told.
 */

const KEY = "commonwatt-asked";

export const hasAsked = (community: string): boolean => {
  try {
    return localStorage.getItem(KEY) === community;
  } catch {
    return false;
  }
};

/** @param community its number, or null once it was told. */
export const markAsked = (community: string | null): void => {
  try {
    if (community === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, community);
  } catch {
    // Nothing is told then.
  }
};
