/** The page's end of the port: order, answers, refusals, and that another build's worker is not read. */
import { describe, expect, test, vi } from "vitest";
import { PORT_VERSION, type ToPage, type ToWorker, type View } from "../../worker/port.ts";
import { Refused, startNodeClient, type NodeClientEvents, type WorkerLike } from "../../src/bridge/node-client.ts";
import { fixtureView } from "./fixture-view.ts";

class PlayedWorker implements WorkerLike {
  readonly heard: ToWorker[] = [];
  readonly #listeners = new Map<string, ((event: { readonly data: unknown }) => void)[]>();
  ended = false;

  postMessage(message: ToWorker): void {
    this.heard.push(message);
  }
  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  terminate(): void {
    this.ended = true;
  }
  say(message: ToPage): void {
    this.fire("message", message);
  }
  fire(type: string, data: unknown = null): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
}

const start = () => {
  const worker = new PlayedWorker();
  const on = { view: vi.fn(), peer: vi.fn(), mismatch: vi.fn(), failed: vi.fn() } satisfies NodeClientEvents;
  const client = startNodeClient(worker, "b1", "https://example.org/", on);
  return { worker, on, client };
};
const hello: ToPage = { kind: "hello", version: PORT_VERSION, build: "b1" };
const view: View = fixtureView({ now: 1e12, stepMs: 900_000, dayStart: 1e12 - 1e7, t0: 0 });

describe("the port client", () => {
  test("says hello first and holds everything else until the worker has answered", () => {
    const { worker, client } = start();
    client.visible(true, true);
    expect(worker.heard.map(({ kind }) => kind)).toEqual(["hello"]);
    worker.say(hello);
    expect(worker.heard.map(({ kind }) => kind)).toEqual(["hello", "visible"]);
  });

  test("gives each answer to the command that asked for it", async () => {
    const { worker, client } = start();
    worker.say(hello);
    const first = client.ask("new-phrase", { other: false });
    const second = client.ask("vote", { proposal: "p", yes: true });
    const ids = worker.heard.flatMap((message) => (message.kind === "command" ? [message.id] : []));
    worker.say({ kind: "answer", id: ids[1] ?? 0, ok: true, value: {} });
    worker.say({ kind: "answer", id: ids[0] ?? 0, ok: true, value: { words: ["a"] } });
    await expect(first).resolves.toEqual({ words: ["a"] });
    await expect(second).resolves.toEqual({});
  });

  test("a refusal rejects with its code and sentence", async () => {
    const { worker, client } = start();
    worker.say(hello);
    const asked = client.ask("read-invitation", { link: "x" });
    worker.say({ kind: "answer", id: 1, ok: false, error: { code: "invitation-changed", message: "It was changed." } });
    await expect(asked).rejects.toBeInstanceOf(Refused);
    await expect(asked).rejects.toMatchObject({ refusal: { code: "invitation-changed" }, message: "It was changed." });
  });

  test("nothing is read from a worker of another build", () => {
    const { worker, on } = start();
    worker.say({ kind: "hello", version: PORT_VERSION, build: "b2" });
    worker.say({ kind: "view", view });
    expect(on.mismatch).toHaveBeenCalledWith({ version: PORT_VERSION, build: "b2" });
    expect(on.view).not.toHaveBeenCalled();
  });

  test("views and peer commands are handed on only after hello", () => {
    const { worker, on } = start();
    worker.say({ kind: "view", view });
    expect(on.view).not.toHaveBeenCalled();
    worker.say(hello);
    worker.say({ kind: "view", view });
    worker.say({ kind: "peer", command: { kind: "shut" } });
    expect(on.view).toHaveBeenCalledWith(view);
    expect(on.peer).toHaveBeenCalledWith({ kind: "shut" });
  });

  test("a worker that breaks is reported once, and every open question is refused", async () => {
    const { worker, on, client } = start();
    worker.say(hello);
    const asked = client.ask("new-phrase", { other: false });
    worker.fire("error");
    worker.fire("error");
    await expect(asked).rejects.toMatchObject({ refusal: { code: "worker-failed" } });
    await expect(client.ask("new-phrase", { other: false })).rejects.toMatchObject({
      refusal: { code: "worker-failed" },
    });
    expect(on.failed).toHaveBeenCalledTimes(1);
  });

  test("rubbish and answers nobody asked for are ignored", () => {
    const { worker, on } = start();
    worker.fire("message", "rubbish");
    worker.say(hello);
    worker.say({ kind: "answer", id: 99, ok: true, value: {} });
    expect(on.failed).not.toHaveBeenCalled();
  });

  test("closing ends the worker", () => {
    const { worker, client } = start();
    client.close();
    expect(worker.ended).toBe(true);
  });
});
