/**
 * The way from one build to the next: it waits until the member taps, or until nothing is going on; then the meters' last
 * pulses are written down, the new service worker takes over, and every window loads anew. Knows no browser interface.
 */
import type { View } from "../../worker/port.ts";
import { nothingGoesOn, pulsesAreDue, type Quiet } from "./quiet.ts";

/** What the bridge offers when a new build waits (src/bridge/service-worker.ts). */
export type Update = {
  /** The new build takes over; all windows load anew. */
  readonly take: () => void;
  /** Since when none of the app's windows is seen; null while one is. */
  readonly unseenSince: () => Promise<number | null>;
};

type Surroundings = {
  readonly now: () => number;
  readonly situation: () => Pick<Quiet, "route" | "demo">;
  /** Writes down what the meters counted and ends their reading. */
  readonly rest: () => Promise<unknown>;
  /** Resolves after `ms`. */
  readonly delay: (ms: number) => Promise<void>;
};

/** A worker that does not answer has nothing left to write down. */
const REST_MS = 5_000;
/** How often it is asked whether anybody looks; a view comes several times a second. */
const LOOK_MS = 10_000;

export class Updating {
  /** `gap`: asked for, waits until no pulse can be missed. */
  state = $state<"none" | "ready" | "gap" | "going">("none");
  readonly #in: Surroundings;
  #update: Update | null = null;
  #lookedAt = 0;

  constructor(surroundings: Surroundings) {
    this.#in = surroundings;
  }

  offer(update: Update): void {
    this.#update = update;
    if (this.state === "none") this.state = "ready";
  }

  /** The member wants it now. */
  tap(view: View | null): void {
    if (this.state !== "ready") return;
    this.state = "gap";
    if (view === null) void this.#go();
    else this.look(view);
  }

  /** At every view: is the moment come? */
  look(view: View): void {
    if (this.state === "gap") {
      if (!pulsesAreDue(view.meters, this.#in.now())) void this.#go();
    } else if (this.state === "ready" && this.#in.now() - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = this.#in.now();
      void this.#lookAround(view);
    }
  }

  async #lookAround(view: View): Promise<void> {
    const unseenSince = (await this.#update?.unseenSince()) ?? null;
    const now = this.#in.now();
    if (this.state === "ready" && nothingGoesOn({ ...this.#in.situation(), view, now, unseenSince })) await this.#go();
  }

  async #go(): Promise<void> {
    if (this.state === "going" || this.#update === null) return;
    await this.finish();
    this.#update.take();
  }

  /** Everything that was counted is on disk when this resolves, if the worker still answers. */
  async finish(): Promise<void> {
    this.state = "going";
    await Promise.race([this.#in.rest().catch(() => undefined), this.#in.delay(REST_MS)]);
  }
}
