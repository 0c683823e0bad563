/**
 * The page's end of worker/port.ts: says hello with version and build, asks commands by promise, hands out views
 * and peer commands. Nothing is read from a worker of another build. Knows nothing of screens.
 */
import {
  PORT_VERSION,
  type CommandKind,
  type Commands,
  type PortRefusal,
  type ToPage,
  type ToWorker,
  type View,
} from "../../worker/port.ts";
import type { PeerCommand, PeerEvent } from "../../worker/port-peer.ts";

/** What of a Worker is used; a test plays one. */
export type WorkerLike = {
  postMessage(message: ToWorker): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error" | "messageerror", listener: () => void): void;
  terminate(): void;
};

/** A refused command. `refusal.code` has a sentence in every language; `message` is the English one. */
export class Refused extends Error {
  readonly refusal: PortRefusal;
  constructor(refusal: PortRefusal) {
    super(refusal.message);
    this.name = "Refused";
    this.refusal = refusal;
  }
}

export type NodeClient = {
  /** @throws Refused (as a rejection) when the node refuses, or with code `worker-failed` when the worker is gone. */
  ask<K extends CommandKind>(name: K, ask: Commands[K]["ask"]): Promise<Commands[K]["answer"]>;
  /** Tells the worker whether the page is seen and the device online. */
  visible(visible: boolean, online: boolean): void;
  peer(event: PeerEvent): void;
  close(): void;
};

export type NodeClientEvents = {
  readonly view: (view: View) => void;
  readonly peer: (command: PeerCommand) => void;
  /** The worker is of another build: the page must be loaded anew before anything else is read. */
  readonly mismatch: (theirs: { readonly version: number; readonly build: string }) => void;
  /** The worker could not be loaded or threw: environment or bug, the remedy is to reload. */
  readonly failed: () => void;
};

type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: Refused) => void };

export const WORKER_FAILED: PortRefusal = {
  code: "worker-failed",
  message: "The app's engine has stopped. Your data is safe; reload.",
};

const isMessage = (data: unknown): data is ToPage => typeof data === "object" && data !== null && "kind" in data;

/** One conversation with one worker. */
class PortClient implements NodeClient {
  readonly #worker: WorkerLike;
  readonly #build: string;
  readonly #on: NodeClientEvents;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #state: "hello" | "open" | "closed" = "hello";
  /** What was said before the worker has answered the hello. */
  #early: ToWorker[] = [];

  constructor(worker: WorkerLike, build: string, pageUrl: string, on: NodeClientEvents) {
    this.#worker = worker;
    this.#build = build;
    this.#on = on;
    worker.addEventListener("message", ({ data }) => this.#hear(data));
    worker.addEventListener("error", () => this.#fail());
    worker.addEventListener("messageerror", () => this.#fail());
    worker.postMessage({ kind: "hello", version: PORT_VERSION, build, pageUrl });
  }

  ask<K extends CommandKind>(name: K, ask: Commands[K]["ask"]): Promise<Commands[K]["answer"]> {
    return new Promise((resolve, reject) => {
      if (this.#state === "closed") {
        reject(new Refused(WORKER_FAILED));
        return;
      }
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: "command", id, name, ask });
    });
  }

  visible(visible: boolean, online: boolean): void {
    this.#send({ kind: "visible", visible, online });
  }

  peer(event: PeerEvent): void {
    this.#send({ kind: "peer", event });
  }

  close(): void {
    this.#end();
    this.#worker.terminate();
  }

  #send(message: ToWorker): void {
    if (this.#state === "hello") this.#early.push(message);
    else if (this.#state === "open") this.#worker.postMessage(message);
  }

  #end(): void {
    this.#state = "closed";
    this.#early = [];
    for (const { reject } of this.#waiting.values()) reject(new Refused(WORKER_FAILED));
    this.#waiting.clear();
  }

  #fail(): void {
    if (this.#state === "closed") return;
    this.#end();
    this.#on.failed();
  }

  #hear(data: unknown): void {
    if (!isMessage(data) || this.#state === "closed") return;
    if (data.kind === "hello") this.#hello(data);
    else if (this.#state !== "open") return;
    else if (data.kind === "view") this.#on.view(data.view);
    else if (data.kind === "answer") this.#answer(data);
    else this.#on.peer(data.command);
  }

  #hello({ version, build }: Extract<ToPage, { kind: "hello" }>): void {
    if (version !== PORT_VERSION || build !== this.#build) {
      this.#end();
      this.#on.mismatch({ version, build });
      return;
    }
    if (this.#state !== "hello") return;
    this.#state = "open";
    for (const message of this.#early) this.#worker.postMessage(message);
    this.#early = [];
  }

  #answer(message: Extract<ToPage, { kind: "answer" }>): void {
    const asked = this.#waiting.get(message.id);
    if (asked === undefined) return;
    this.#waiting.delete(message.id);
    // The port's types promise that a value fits the command its id was given for.
    if (message.ok) asked.resolve(message.value as never);
    else asked.reject(new Refused(message.error));
  }
}

/** Says hello at once; what is asked before the answer waits for it. */
export const startNodeClient = (worker: WorkerLike, build: string, pageUrl: string, on: NodeClientEvents): NodeClient =>
  new PortClient(worker, build, pageUrl, on);
