/**
 * One link's life over any raw channel: framing, hello, then messages under both rates, until one side is gone
 * (PROTOCOL.md §9). Used by every adapter, so the simulator runs the same hello as a browser. Nothing that the
 * other side sends can make it throw.
 */
import type { Refusal } from "../base/result.ts";
import { decodeControl, encodeControl, explain, NONCE_BYTES, type RefusalCode } from "./control.ts";
import { createFramer, createReassembler, FRAME_HEADER, FRAME_LIMIT, type Channel, type Whole } from "./framing.ts";
import { createHello, type HelloMachine, type HelloOutcome } from "./hello.ts";
import type { Self, Surroundings } from "./network.ts";
import {
  fullBuckets,
  RECEIVE_ALLOWANCE,
  SEND_ALLOWANCE,
  takeFrom,
  waitFor,
  type Allowance,
  type Buckets,
} from "./rate.ts";

/** A reliable, ordered channel of frames. `close` delivers what was sent before it as far as it can. */
export type RawLink = {
  readonly send: (frame: Uint8Array) => void;
  readonly close: () => void;
  readonly localFingerprint: string;
  readonly remoteFingerprint: string;
};

/** Times in ms, sizes in bytes. */
export type Tuning = {
  readonly helloMs: number;
  /** How often a silent link says that it lives; 0 where the transport itself knows. */
  readonly keepAliveMs: number;
  readonly receive: Allowance;
  readonly send: Allowance;
  /** Messages waiting for our own rate: beyond this the other side is too slow to be a neighbour. */
  readonly queueBytes: number;
};

export const TUNING: Tuning = {
  helloMs: 20_000,
  keepAliveMs: 10_000,
  receive: RECEIVE_ALLOWANCE,
  send: SEND_ALLOWANCE,
  queueBytes: 32 * 1024 * 1024,
};

/** Keep-alive periods without a frame after which a link is dead. Counted, not timed: a sleeping device misses none. */
const SILENT_PERIODS = 4;

export type LinkUp = Extract<HelloOutcome, { kind: "up" }>;

/** Called at most: `up` once, `message` after it, then exactly one of `refused` (never up) or `down`. */
export type LinkListener = {
  readonly up: (link: LinkUp) => void;
  readonly message: (bytes: Uint8Array) => void;
  readonly down: (reason: string) => void;
  readonly refused: (by: "us" | "them", refusal: Refusal) => void;
};

export type LinkOptions = {
  readonly raw: RawLink;
  readonly self: Self;
  readonly dialler: boolean;
  readonly session: Uint8Array;
  readonly dial: number;
  readonly surroundings: Surroundings;
  readonly tuning: Tuning;
  readonly listener: LinkListener;
};

export type Link = {
  /** Says hello, or refuses at once with `code`. */
  readonly start: (code?: RefusalCode) => void;
  /** A frame from the transport. */
  readonly receive: (frame: Uint8Array) => void;
  /** The transport is gone. */
  readonly lost: (reason: string) => void;
  /** Dropped when the link is not up. */
  readonly send: (message: Uint8Array) => void;
  /** Tells the other side `reason` (kebab-case), then closes; the listener hears `down` or `refused`. */
  readonly close: (reason: string) => void;
};

/** Nobody there, or gone before hello was over: worth another try later. */
export const unreachable = (reason: string): Refusal => ({
  code: "unreachable",
  message: "A neighbour did not answer; this device tries again by itself.",
  verdict: "ignore",
  data: { reason },
});

/** Reasons are short kebab-case words on the wire; what came from outside is shown only if it is one. */
const REASON = /^[a-z0-9-]{1,64}$/u;

/** Our messages on their way out, within our own rate. */
type Outbox = { readonly push: (message: Uint8Array) => boolean; readonly clear: () => void };

const createOutbox = (options: LinkOptions, emit: (channel: Channel, message: Uint8Array) => void): Outbox => {
  const { surroundings, tuning } = options;
  const buckets = fullBuckets(tuning.send, surroundings.now());
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let cancel: (() => void) | null = null;

  const cost = (message: Uint8Array): readonly [bytes: number, frames: number] => {
    const frames = Math.max(1, Math.ceil(message.length / (FRAME_LIMIT - FRAME_HEADER)));
    return [message.length + frames * FRAME_HEADER, frames];
  };
  const flush = (): void => {
    cancel = null;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const [bytes, frames] = cost(next);
      if (!takeFrom(buckets, tuning.send, surroundings.now(), bytes, frames)) {
        cancel = surroundings.after(waitFor(buckets, tuning.send, bytes, frames), flush);
        return;
      }
      waiting.shift();
      waitingBytes -= next.length;
      emit("data", next);
    }
  };
  return {
    push: (message) => {
      waiting.push(message);
      waitingBytes += message.length;
      if (cancel === null) flush();
      return waitingBytes <= tuning.queueBytes;
    },
    clear: () => {
      cancel?.();
      cancel = null;
      waiting.length = 0;
    },
  };
};

class OpenLink implements Link {
  readonly #options: LinkOptions;
  readonly #frame = createFramer();
  readonly #reassemble = createReassembler();
  readonly #received: Buckets;
  readonly #hello: HelloMachine;
  readonly #outbox: Outbox;
  #phase: "hello" | "up" | "closed" = "hello";
  #silent = 0;
  #spoke = false;
  #cancelTimer: () => void = () => {};

  constructor(options: LinkOptions) {
    const { raw, surroundings, tuning } = options;
    this.#options = options;
    this.#received = fullBuckets(tuning.receive, surroundings.now());
    this.#outbox = createOutbox(options, (channel, message) => this.#emit(channel, message));
    this.#hello = createHello({
      self: options.self,
      dialler: options.dialler,
      nonce: surroundings.random(NONCE_BYTES),
      session: options.session,
      dial: options.dial,
      localFingerprint: raw.localFingerprint,
      remoteFingerprint: raw.remoteFingerprint,
    });
  }

  readonly start = (code?: RefusalCode): void => {
    const { surroundings, tuning } = this.#options;
    if (code !== undefined) return this.#turnAway(code);
    const late = (): void => this.#refuse("us", unreachable("hello took too long"));
    this.#cancelTimer = surroundings.after(tuning.helloMs, late);
    this.#emit("control", this.#hello.first);
  };

  readonly receive = (bytes: Uint8Array): void => {
    if (this.#phase === "closed") return;
    const { surroundings, tuning, listener } = this.#options;
    this.#silent = 0;
    if (!takeFrom(this.#received, tuning.receive, surroundings.now(), bytes.length, 1)) return this.#rubbish("flood");
    const taken = this.#reassemble(bytes);
    if (!taken.ok) return this.#rubbish("malformed");
    if (taken.value === null) return;
    if (this.#phase === "hello") this.#onHello(taken.value);
    else if (taken.value.channel === "control") this.#onControl(taken.value.message);
    else listener.message(taken.value.message);
  };

  readonly lost = (reason: string): void => {
    if (this.#phase === "closed") return;
    const before = this.#phase;
    this.#shut();
    if (before === "up") this.#options.listener.down(reason);
    else this.#options.listener.refused("them", unreachable(reason));
  };

  readonly send = (message: Uint8Array): void => {
    if (this.#phase === "up" && !this.#outbox.push(message)) this.#drop("congested");
  };

  readonly close = (reason: string): void => {
    if (this.#phase === "up") this.#drop(reason);
    else if (this.#phase === "hello") this.#refuse("us", unreachable(reason));
  };

  #emit(channel: Channel, message: Uint8Array): void {
    this.#spoke = true;
    for (const part of this.#frame(channel, message)) this.#options.raw.send(part);
  }

  #shut(): void {
    this.#phase = "closed";
    this.#cancelTimer();
    this.#outbox.clear();
  }

  /** Ours to end: the other side hears why, our caller too. */
  #drop(reason: string): void {
    this.#emit("control", encodeControl({ kind: "bye", reason: REASON.test(reason) ? reason : "closed" }));
    this.#shut();
    this.#options.raw.close();
    this.#options.listener.down(reason);
  }

  #refuse(by: "us" | "them", refusal: Refusal): void {
    this.#shut();
    this.#options.raw.close();
    this.#options.listener.refused(by, refusal);
  }

  #turnAway(code: RefusalCode, data?: Refusal["data"]): void {
    this.#emit("control", encodeControl({ kind: "refuse", code }));
    this.#refuse("us", explain(code, "us", data));
  }

  #rubbish(reason: "flood" | "malformed"): void {
    if (this.#phase === "up") this.#drop(reason);
    else this.#turnAway("malformed", { reason });
  }

  #keepAlive(): void {
    const { surroundings, tuning } = this.#options;
    if (tuning.keepAliveMs === 0) return;
    this.#cancelTimer = surroundings.after(tuning.keepAliveMs, () => {
      this.#silent += 1;
      if (this.#silent >= SILENT_PERIODS) return this.#drop("lost");
      if (!this.#spoke) this.#emit("control", encodeControl({ kind: "ping" }));
      this.#spoke = false;
      this.#keepAlive();
    });
  }

  #onHello({ channel, message }: Whole): void {
    if (channel !== "control") return this.#turnAway("malformed", { reason: "a message before hello was over" });
    const { send, outcome } = this.#hello.step(message);
    for (const reply of send) this.#emit("control", reply);
    if (outcome?.kind === "refused") return this.#refuse(outcome.by, outcome.refusal);
    if (outcome?.kind !== "up") return;
    this.#phase = "up";
    this.#cancelTimer();
    this.#keepAlive();
    this.#options.listener.up(outcome);
  }

  #onControl(message: Uint8Array): void {
    const decoded = decodeControl(message);
    if (!decoded.ok) return this.#drop("malformed");
    if (decoded.value.kind === "ping") return;
    if (decoded.value.kind !== "bye") return this.#drop("malformed");
    this.#shut();
    this.#options.raw.close();
    this.#options.listener.down(REASON.test(decoded.value.reason) ? decoded.value.reason : "closed");
  }
}

export const createLink = (options: LinkOptions): Link => new OpenLink(options);
