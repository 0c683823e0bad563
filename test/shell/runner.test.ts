/** What waits for a node, and in which order it has its turn (PROTOCOL.md §8.6): events before questions, within stated bounds. */
import { describe, expect, it } from "vitest";
import type { Millis } from "../../worker/base/units.ts";
import type { Effect, Event, Participant } from "../../worker/node/events.ts";
import { decodeMessage, type Message, type Question } from "../../worker/node/messages.ts";
import type { NetworkEvent } from "../../worker/network/network.ts";
import { Counter } from "../../worker/shell/counter.ts";
import type { Errand } from "../../worker/shell/librarian.ts";
import { Runner } from "../../worker/shell/runner.ts";
import { createMemoryDisk, openMemory } from "../../worker/storage/memory.ts";

const QUESTION = 1;
const MIB = 1024 * 1024;
const OTHER = Uint8Array.of(0);
const ASKED: Question = { kind: "ask-range", from: 1, count: 1 };

/** Says what comes to pass, in order; answers take until they are let go. */
class Scene {
  readonly log: string[] = [];
  readonly sent: { readonly peer: number; readonly message: Message }[] = [];
  now = 0 as Millis;
  /** True: each answer waits for `let`. */
  isSlow = false;
  #waiting: (() => void)[] = [];
  readonly disk = createMemoryDisk();
  runner!: Runner;
  tell!: (event: NetworkEvent) => void;

  static async of(): Promise<Scene> {
    const scene = new Scene();
    const counter = new Counter<Errand>(
      (peer) => `member ${peer}`,
      () => scene.now,
    );
    const store = await openMemory({ disk: scene.disk });
    const never = (error: unknown): never => {
      throw error;
    };
    scene.runner = new Runner({
      machine: { wakeAt: null, step: (event) => scene.#step(event) } satisfies Participant,
      librarian: {
        counter,
        answer: (peer) => scene.#answer(peer),
        decline: (peer) => (counter.mayDecline(peer) ? { kind: "declined", why: "busy" } : null),
      },
      prune: null,
      store: { ...store, commit: (ops) => scene.#commit().then(() => store.commit(ops)) },
      network: {
        start: (onEvent) => void (scene.tell = onEvent),
        send: (peer, bytes) => scene.#sent(peer, bytes),
        dial: () => {},
        disconnect: () => {},
        addresses: () => [],
        stop: () => {},
      },
      neighbours: { note: () => {}, hear: () => {} } as never,
      clock: { now: () => scene.now, at: () => () => {} },
      verify: never,
      onChange: () => {},
      onStoreError: never,
      onRestart: () => {},
      onCrash: never,
    });
    scene.runner.start();
    await scene.runner.idle();
    scene.log.length = 0;
    return scene;
  }
  #step(event: Event): Effect[] {
    if (event.kind === "message" && event.bytes[0] === QUESTION)
      return [{ kind: "consult", peer: event.peer, message: ASKED }];
    this.log.push(event.kind === "message" ? `message of ${event.peer}` : event.kind);
    return event.kind === "reading" ? [{ kind: "commit", ops: [] }] : [];
  }
  /** True: commits wait for `let`. */
  isDiskSlow = false;
  #commit(): Promise<void> {
    return this.isDiskSlow ? new Promise((done) => this.#waiting.push(done)) : Promise.resolve();
  }
  async #answer(peer: number): Promise<Message> {
    this.log.push(`answer to ${peer}`);
    if (this.isSlow) await new Promise<void>((done) => this.#waiting.push(done));
    return { kind: "range", from: 1, blocks: [] };
  }
  #sent(peer: number, bytes: Uint8Array): void {
    const read = decodeMessage(bytes);
    if (read.ok) this.sent.push({ peer, message: read.value });
  }
  /** Whatever waits now is done. */
  let(): void {
    for (const done of this.#waiting.splice(0)) done();
  }
  ask(peer: number): void {
    this.tell({ kind: "message", peer, bytes: Uint8Array.of(QUESTION) });
  }
  say(peer: number, bytes = OTHER): void {
    this.tell({ kind: "message", peer, bytes });
  }
  /** Until nothing goes on that does not wait for `let`: what is to be done at once is done before the next turn. */
  settled(): Promise<void> {
    return new Promise((done) => setImmediate(done));
  }
  get read(): number {
    return this.log.filter((line) => line.startsWith("message")).length;
  }
}

describe("questions", () => {
  it("wait for every event, also one that comes in the midst of a flood of them", async () => {
    const scene = await Scene.of();
    scene.isSlow = true;
    for (let i = 0; i < 60; i++) for (const peer of [1, 2]) scene.ask(peer);
    scene.say(3);
    await scene.settled();
    expect(scene.log).toEqual(["message of 3", "answer to 1"]);
    scene.say(3);
    scene.runner.reading("roof", 1_000 as never, scene.now);
    await scene.settled();
    // One answer is under way, no more: it is not interrupted.
    expect(scene.log).toHaveLength(2);
    scene.let();
    await scene.settled();
    expect(scene.log.slice(2)).toEqual(["message of 3", "reading", "answer to 2"]);
    scene.isSlow = false;
    scene.let();
    await scene.runner.idle();
    expect(scene.log.filter((line) => line.startsWith("answer"))).toHaveLength(120);
  });

  it("wait for 256 events in a row at the most: a flood of messages starves nobody who asks", async () => {
    const scene = await Scene.of();
    scene.ask(1);
    scene.ask(1);
    for (let i = 0; i < 1_000; i++) scene.say(2);
    await scene.runner.idle();
    const places = scene.log.flatMap((line, at) => (line === "answer to 1" ? [at] : []));
    expect(places).toHaveLength(2);
    // The questions themselves were two of the first events.
    expect(places[0]).toBe(256 - 2);
    expect(places[1]).toBe(256 - 2 + 1 + 256);
    expect(scene.read).toBe(1_000);
  });

  it("beyond 64 of one are declined, once a second, and others' are answered", async () => {
    const scene = await Scene.of();
    scene.isSlow = true;
    for (let i = 0; i < 200; i++) scene.ask(1);
    scene.ask(2);
    await scene.settled();
    const declined = (): number[] =>
      scene.sent.filter(({ message }) => message.kind === "declined").map(({ peer }) => peer);
    expect(declined()).toEqual([1]);
    scene.now = 1_000 as Millis;
    // One is being answered: there is room for another, and no more.
    for (let i = 0; i < 3; i++) scene.ask(1);
    scene.isSlow = false;
    scene.let();
    await scene.runner.idle();
    expect(declined()).toEqual([1, 1]);
    expect(scene.log.filter((line) => line === "answer to 1")).toHaveLength(65);
    expect(scene.log.filter((line) => line === "answer to 2")).toHaveLength(1);
  });

  it("go with their link", async () => {
    const scene = await Scene.of();
    scene.isSlow = true;
    for (let i = 0; i < 10; i++) scene.ask(1);
    scene.ask(2);
    await scene.settled();
    scene.tell({ kind: "down", peer: 1, reason: "closed" });
    scene.isSlow = false;
    scene.let();
    await scene.runner.idle();
    expect(scene.log.filter((line) => line === "answer to 1")).toHaveLength(1);
    expect(scene.log).toContain("answer to 2");
  });
});

describe("messages that wait for a slow disk", () => {
  /** The disk is busy with a reading. */
  const busy = async (): Promise<Scene> => {
    const scene = await Scene.of();
    scene.isDiskSlow = true;
    scene.runner.reading("roof", 1_000 as never, scene.now);
    await scene.settled();
    return scene;
  };
  const end = async (scene: Scene): Promise<void> => {
    scene.isDiskSlow = false;
    scene.let();
    await scene.runner.idle();
  };

  it("are at most 16 MiB of one peer, and there is room again once they are read", async () => {
    const scene = await busy();
    const one = new Uint8Array(MIB);
    for (let i = 0; i < 20; i++) scene.say(1, one);
    scene.say(2, one);
    await end(scene);
    expect(scene.log.filter((line) => line === "message of 1")).toHaveLength(16);
    expect(scene.log).toContain("message of 2");
    for (let i = 0; i < 16; i++) scene.say(1, one);
    await scene.runner.idle();
    expect(scene.log.filter((line) => line === "message of 1")).toHaveLength(32);
  });

  it("are at most 64 MiB of all, and 2,000", async () => {
    const large = await busy();
    const two = new Uint8Array(2 * MIB);
    for (let peer = 1; peer <= 12; peer++) for (let i = 0; i < 8; i++) large.say(peer, two);
    await end(large);
    expect(large.read).toBe(32);
    const many = await busy();
    for (let i = 0; i < 3_000; i++) many.say(i % 7);
    await end(many);
    expect(many.read).toBeGreaterThanOrEqual(2_000);
    expect(many.read).toBeLessThanOrEqual(2_001);
  });

  it("never keep out a reading, or what this member orders", async () => {
    const scene = await busy();
    for (let i = 0; i < 3_000; i++) scene.say(1);
    scene.runner.reading("roof", 2_000 as never, scene.now);
    void scene.runner.order({ kind: "write-down" });
    await end(scene);
    expect(scene.log.slice(-2)).toEqual(["reading", "order"]);
  });
});
