/** Where the eye and the screen reader go next: to a new step's heading, or to the first field to correct. */
import { tick } from "svelte";

export const focusHeading = async (): Promise<void> => {
  await tick();
  window.scrollTo(0, 0);
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
};

/** The button that was pressed may be a screen below: shows what is wrong. */
export const focusWrong = async (): Promise<void> => {
  await tick();
  const field = document.querySelector<HTMLElement>("main [aria-invalid='true']");
  // Within what was folded away nothing takes the focus.
  field?.closest("details")?.setAttribute("open", "");
  field?.focus();
};
