/** The number on the app's icon, where the system shows one: how many things there are to do. */

/** 0 takes it away. */
export const setBadge = (count: number): void => {
  // Refused where the app is not installed: then there is no icon to write on.
  if (count > 0) void navigator.setAppBadge?.(count).catch(() => undefined);
  else void navigator.clearAppBadge?.().catch(() => undefined);
};
