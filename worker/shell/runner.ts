/**
 * The only imperative shell of a node: one queue, one event at a time, effects in the order commit, send, publish. What
 * is signed is on disk before it is sent; when the disk does not take it, nothing is sent and the node waits.
 */
import type { Refusal } from "../base/result.ts";
import type { Millis, MilliwattHours } from "../base/units.ts";
import { encodeMessage, type Message } from "../node/messages.ts";
import type { Effect, Event, Order, Participant } from "../node/events.ts";
import type { PulseCounter } from "../metering/reading.ts";
import type { Network, NetworkEvent } from "../network/network.ts";
import { StoreError, type Op, type Store } from "../storage/store.ts";
import type { Errand, Librarian } from "./librarian.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Verifier } from "./verifier.ts";

export type Clock = {
  readonly now: () => Millis;
  /** Calls `fn` once at `time` or soon after; the answer cancels it. */
  readonly at: (time: number, fn: () => void) => () => void;
};
/** Resolves after `ms`, or at once when aborted. */
export const delayOn =
  (clock: Clock) =>
  (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      // Modem lines are polled a hundred times a second, so no listener may stay behind.
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = clock.at(clock.now() + ms, done);
      signal.addEventListener("abort", done);
    });

export type RunnerOptions<M extends Participant> = {
  readonly machine: M;
  /** Who answers what light nodes ask; a light node has none. */
  readonly librarian: Pick<Librarian, "answer" | "decline" | "counter"> | null;
  /** Takes a little of what is due off the disk, true where there is more; a light node drops what is too old when it is opened (light-disk.ts). */
  readonly prune: (() => Promise<boolean>) | null;
  readonly store: Store;
  readonly network: Network;
  readonly neighbours: Neighbours;
  readonly clock: Clock;
  readonly verify: Verifier;
  /** Something a screen shows may have changed. */
  readonly onChange: () => void;
  readonly onStoreError: (error: StoreError | null) => void;
  /** The node has stopped to go on from another beginning, which is on disk. */
  readonly onRestart: () => void;
  /** A bug: the node has stopped. */
  readonly onCrash: (error: unknown) => void;
};
type Undated = Event extends infer E ? (E extends Event ? Omit<E, "now"> : never) : never;

const RETRY_MS = 2_000;
/** When nothing happens, more is pruned after so long. */
const PRUNE_MS = 100;
const STOPPED: Refusal = {
  code: "not-ready",
  message: "The node is starting again; try in a moment.",
  verdict: "ignore",
};
/** While the disk does not answer, what peers say may wait in such number; readings always do. */
const MAX_WAITING = 2_000;
/** And so many bytes: of all together, and of one peer. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const MAX_PEER_BYTES = 16 * 1024 * 1024;
/** Questions wait until nothing else does; for so many events in a row at the most. */
const MAX_AHEAD = 256;

export class Runner<M extends Participant = Participant> {
  readonly #o: RunnerOptions<M>;
  #queue: Undated[] = [];
  readonly #bytes = new Map<number, number>();
  #allBytes = 0;
  #pumping: Promise<void> | null = null;
  #stopped = false;
  #cancelWake: () => void = () => {};
  #wakeFor: number | null = null;
  #orders = new Map<number, (r: { refusal: Refusal | null; value?: string }) => void>();
  #orderId = 0;
  readonly #along = new Map<string, Op>();
  #isPruning = false;

  constructor(options: RunnerOptions<M>) {
    this.#o = options;
  }
  start(): void {
    this.#o.network.start((event) => this.#network(event));
    this.post({ kind: "time" });
  }
  get machine(): M {
    return this.#o.machine;
  }
  stop(): void {
    this.#stopped = true;
    this.#cancelWake();
    this.#o.network.stop();
    for (const answer of this.#orders.values()) answer({ refusal: STOPPED });
    this.#orders.clear();
  }
  /** Resolves when every event so far has been handled. */
  idle(): Promise<void> {
    return this.#pumping ?? Promise.resolve();
  }
  get isIdle(): boolean {
    return this.#pumping === null;
  }
  reading(meter: string, register: MilliwattHours, at: Millis, counter: PulseCounter | null = null): void {
    this.post({ kind: "reading", meter, register, at, counter });
  }
  order(order: Order): Promise<{ refusal: Refusal | null; value?: string }> {
    if (this.#stopped) return Promise.resolve({ refusal: STOPPED });
    const id = this.#orderId++;
    return new Promise((resolve) => {
      this.#orders.set(id, resolve);
      this.post({ kind: "order", id, order });
    });
  }
  /** Written with the next commit, whatever that is for: for what is good to have and worth no write of its own. */
  along(op: Op): void {
    this.#along.set(`${op.table}/${op.key}`, op);
  }
  post(event: Undated): void {
    if (this.#stopped || (event.kind === "message" && !this.#hasRoom(event))) return;
    this.#queue.push(event);
    this.#pumping ??= this.#pump();
  }
  #hasRoom({ peer, bytes }: Extract<Undated, { kind: "message" }>): boolean {
    const ofPeer = (this.#bytes.get(peer) ?? 0) + bytes.length;
    const all = this.#allBytes + bytes.length;
    if (this.#queue.length > MAX_WAITING || ofPeer > MAX_PEER_BYTES || all > MAX_WAITING_BYTES) return false;
    this.#bytes.set(peer, ofPeer);
    this.#allBytes = all;
    return true;
  }
  #next(): Undated | undefined {
    const event = this.#queue.shift();
    if (event?.kind !== "message") return event;
    const left = (this.#bytes.get(event.peer) ?? 0) - event.bytes.length;
    if (left > 0) this.#bytes.set(event.peer, left);
    else this.#bytes.delete(event.peer);
    this.#allBytes -= event.bytes.length;
    return event;
  }
  #network(event: NetworkEvent): void {
    this.#o.neighbours.note(event);
    if (event.kind === "up") {
      const { key, role } = event.identity;
      this.post({ kind: "peer-up", peer: event.peer, identity: { key, role }, address: event.address });
    } else if (event.kind === "down") {
      this.#o.librarian?.counter.forget(event.peer);
      this.post({ kind: "peer-down", peer: event.peer });
    } else if (event.kind === "message") this.post({ kind: "message", peer: event.peer, bytes: event.bytes });
    else this.#o.onChange();
  }
  async #pump(): Promise<void> {
    try {
      for (let ahead = 0; !this.#stopped; ahead++) {
        const event = ahead < MAX_AHEAD ? this.#next() : undefined;
        if (event === undefined) {
          const errand = this.#o.librarian?.counter.next() ?? null;
          if (errand !== null) await this.#answer(errand);
          else if (this.#queue.length === 0) break;
          ahead = -1;
          continue;
        }
        await this.#handle(event);
        await this.#prune();
      }
    } catch (error) {
      this.stop();
      this.#o.onCrash(error);
    } finally {
      this.#pumping = null;
    }
    if (!this.#stopped) this.#setWake();
  }
  async #prune(): Promise<void> {
    if (this.#stopped) return;
    try {
      this.#isPruning = (await this.#o.prune?.()) === true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#isPruning = false;
      this.#o.onStoreError(error);
      // Else the next event tries again.
      if (error.code === "closed" || error.code === "corrupt") this.stop();
    }
  }
  async #handle(event: Undated): Promise<void> {
    const effects = this.#o.machine.step({ ...event, now: this.#o.clock.now() });
    for (const effect of effects) {
      if (this.#stopped) return;
      await this.#carryOut(effect);
    }
  }
  async #carryOut(effect: Effect): Promise<void> {
    const { network, verify, neighbours } = this.#o;
    switch (effect.kind) {
      case "commit":
        return this.#commit(effect.ops);
      case "send":
        return network.send(effect.peer, effect.bytes);
      case "verify":
        return this.#handle({ kind: "verdicts", ticket: effect.ticket, verdicts: await verify(effect.checks) });
      case "serve":
      case "consult":
        return this.#ask(effect);
      case "restart":
        this.stop();
        return this.#o.onRestart();
      case "drop":
        return network.disconnect(effect.peer, effect.refusal.code);
      case "learnt":
        return neighbours.hear(effect.peer, effect.addresses);
      case "answer":
        this.#orders.get(effect.id)?.(
          effect.value === undefined ? { refusal: effect.refusal } : { refusal: effect.refusal, value: effect.value },
        );
        this.#orders.delete(effect.id);
        return undefined;
      case "changed":
        return this.#o.onChange();
    }
  }
  /** Answers are for when nothing else is to be done: no vote and no block waits for them. */
  #ask(errand: Errand): void {
    const { librarian } = this.#o;
    if (librarian === null || librarian.counter.take(errand)) return;
    this.#say(errand.peer, librarian.decline(errand.peer));
  }
  /** A disk that does not answer serves nobody. */
  async #answer(errand: Errand): Promise<void> {
    const { librarian } = this.#o;
    try {
      const asked = errand.kind === "consult" ? errand.message : errand;
      this.#say(errand.peer, (await librarian?.answer(errand.peer, asked)) ?? null);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#o.onStoreError(error);
    }
  }
  #say(peer: number, message: Message | null): void {
    if (message !== null && !this.#stopped) this.#o.network.send(peer, encodeMessage(message));
  }
  async #commit(due: readonly Op[]): Promise<void> {
    const ops = [...due, ...this.#along.values()];
    this.#along.clear();
    for (let failed = false; ; failed = true) {
      try {
        await this.#o.store.commit(ops);
        if (failed) this.#o.onStoreError(null);
        return;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        this.#o.onStoreError(error);
        if (error.code === "closed" || error.code === "corrupt") return this.stop();
        await new Promise<void>((resolve) => this.#o.clock.at(this.#o.clock.now() + RETRY_MS, resolve));
      }
    }
  }
  #setWake(): void {
    const due = this.#o.machine.wakeAt;
    const more = this.#isPruning ? this.#o.clock.now() + PRUNE_MS : null;
    const at = due === null || more === null ? (due ?? more) : Math.min(due, more);
    if (at === this.#wakeFor) return;
    this.#cancelWake();
    this.#wakeFor = at;
    if (at === null) return;
    this.#cancelWake = this.#o.clock.at(at, () => {
      this.#wakeFor = null;
      this.post({ kind: "time" });
    });
  }
}
