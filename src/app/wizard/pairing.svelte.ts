/** The draft as the wizard's screens share it: each change is kept at once. Knows no screen. */
import { dropDraft, keepDraft, loadDraft, newDraft, type Draft } from "./draft.ts";

export class Pairing {
  draft = $state.raw<Draft>(newDraft);

  constructor() {
    this.draft = loadDraft();
  }
  set(part: Partial<Draft>): void {
    this.draft = { ...this.draft, ...part };
    keepDraft(this.draft);
  }
  /** For another meter. */
  clear(): void {
    this.draft = newDraft;
    dropDraft();
  }
}
