/** Errors that reached the window: shown as one plain sentence, never raw. Kept in the console for a report. */
export const watchErrors = (failed: () => void): void => {
  window.addEventListener("error", (event) => {
    // A missing image or font is not the program's end; a script error carries an error object.
    if (event.error !== undefined && event.error !== null) failed();
  });
  window.addEventListener("unhandledrejection", () => failed());
};
