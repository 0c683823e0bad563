/** How much of the community's record a device keeps, and why: the part of worker/port.ts about that. */

export type Kind = "light" | "full";
export type KindChoice = "auto" | Kind;
export type KindReason =
  | "chosen"
  /** It must keep everything, whatever was chosen. */
  | "joining"
  | "meter"
  | "needed"
  | "data-saver"
  | "memory"
  | "storage"
  | "battery"
  | "away"
  /** Nothing speaks against keeping everything. */
  | "able";

export type KindView = {
  readonly now: Kind;
  readonly choice: KindChoice;
  readonly reason: KindReason;
};

/** What only the page can see of the device; null where the browser does not say. */
export type SurroundingsAsk = {
  readonly battery: { readonly level: number; readonly charging: boolean } | null;
  readonly saveData: boolean | null;
  readonly memoryGb: number | null;
};
