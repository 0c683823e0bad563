/** Whether this tab shows the demo, so that loading the page anew goes on with one. In sessionStorage: of this tab only. */

const KEY = "commonwatt-demo";

export const isDemoMarked = (): boolean => {
  try {
    return sessionStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
};

export const markDemo = (on: boolean): void => {
  try {
    if (on) sessionStorage.setItem(KEY, "");
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is denied: a page that is loaded anew then begins without the demo.
  }
};
