/**
 * The page's end of worker/port.ts: says hello with version and build, asks commands by promise, hands out views
 * and peer commands. Nothing is read from a worker of another build. Knows nothing of screens.
 */
import {
  PORT_VERSION,
  type CommandKind,
  type Commands,
  type PeerCommand,
  type PeerEvent,
  type PortRefusal,
  type ToPage,
  type ToWorker,
  type View,
} from "../../worker/port.ts";

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

export const WORKER_FAILED: PortRefusal = { code: "worker-failed", message: "The app's engine has stopped. Your data is safe; reload." };

const isMessage = (data: unknown): data is ToPage => typeof data === "object" && data !== null && "kind" in data;

export const startNodeClient = (worker: WorkerLike, build: string, pageUrl: string, on: NodeClientEvents): NodeClient => {
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let state: "hello" | "open" | "closed" = "hello";
  /** Commands asked before the worker has said hello. */
  let early: ToWorker[] = [];

  const send = (message: ToWorker): void => {
    if (state === "hello") early.push(message);
    else if (state === "open") worker.postMessage(message);
  };

  const end = (): void => {
    state = "closed";
    early = [];
    for (const { reject } of waiting.values()) reject(new Refused(WORKER_FAILED));
    waiting.clear();
  };

  const hello = (message: Extract<ToPage, { kind: "hello" }>): void => {
    if (message.version !== PORT_VERSION || message.build !== build) {
      end();
      on.mismatch({ version: message.version, build: message.build });
      return;
    }
    if (state !== "hello") return;
    state = "open";
    for (const one of early) worker.postMessage(one);
    early = [];
  };

  const answer = (message: Extract<ToPage, { kind: "answer" }>): void => {
    const asked = waiting.get(message.id);
    if (asked === undefined) return;
    waiting.delete(message.id);
    if (message.ok) asked.resolve(message.value as never);
    else asked.reject(new Refused(message.error));
  };

  worker.addEventListener("message", ({ data }) => {
    if (!isMessage(data) || state === "closed") return;
    if (data.kind === "hello") hello(data);
    else if (state !== "open") return;
    else if (data.kind === "view") on.view(data.view);
    else if (data.kind === "answer") answer(data);
    else on.peer(data.command);
  });
  const failed = (): void => {
    if (state === "closed") return;
    end();
    on.failed();
  };
  worker.addEventListener("error", failed);
  worker.addEventListener("messageerror", failed);
  worker.postMessage({ kind: "hello", version: PORT_VERSION, build, pageUrl });

  return {
    ask: (name, ask) =>
      new Promise((resolve, reject) => {
        if (state === "closed") {
          reject(new Refused(WORKER_FAILED));
          return;
        }
        const id = next++;
        waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
        send({ kind: "command", id, name, ask });
      }),
    visible: (visible, online) => send({ kind: "visible", visible, online }),
    peer: (event) => send({ kind: "peer", event }),
    close: () => {
      end();
      worker.terminate();
    },
  };
};
