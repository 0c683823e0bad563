/** One node per device across tabs: one runs it, the others show its views and pass on what their people ask. */
import { describe, expect, it } from "vitest";
import type { View } from "../../worker/port.ts";
import { answeredBy, Tabs, type Answered, type Asked, type ChannelLike } from "../../worker/shell/tabs.ts";
import { ok, refuse } from "../../worker/base/result.ts";
import { startingView } from "./views.ts";

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Locks and a channel as one browser has them: whoever asks first holds the lock until it is closed. */
class Browser {
  #listeners: ((event: { readonly data: unknown }) => void)[] = [];
  #queue: (() => Promise<void>)[] = [];
  #held = false;
  channel(): ChannelLike {
    let own: ((event: { readonly data: unknown }) => void) | null = null;
    return {
      // As a BroadcastChannel: everyone but the sender hears it, later, as a copy.
      postMessage: (message) => {
        const data: unknown = structuredClone(message);
        for (const listener of this.#listeners) if (listener !== own) queueMicrotask(() => listener({ data }));
      },
      addEventListener: (_, listener) => {
        own = listener;
        this.#listeners.push(listener);
      },
    };
  }
  readonly locks = {
    request: (_: string, work: () => Promise<void>): Promise<unknown> => {
      this.#queue.push(work);
      if (!this.#held) this.releaseLock();
      return Promise.resolve();
    },
  };
  /** The holder's tab is gone. */
  releaseLock(): void {
    const next = this.#queue.shift();
    this.#held = next !== undefined;
    void next?.();
  }
  say(data: unknown): void {
    for (const listener of this.#listeners) listener({ data });
  }
  forget(listenerIndex: number): void {
    this.#listeners.splice(listenerIndex, 1);
  }
}

class Tab {
  readonly shown: View[] = [];
  readonly heard: Asked[] = [];
  leads = 0;
  readonly tabs: Tabs;
  constructor(browser: Browser, name: string, build = "b1", isStuck = false) {
    this.tabs = new Tabs({
      name: "node",
      build,
      tab: name,
      channel: browser.channel(),
      locks: browser.locks,
      lead: async () => {
        this.leads += 1;
        return async (asked) => {
          this.heard.push(asked);
          if (isStuck) await new Promise<never>(() => {});
          return { ok: true, value: `${name} answers ${asked.name}` };
        };
      },
      show: (view) => this.shown.push(view),
    });
  }
}
const ask: Asked = { name: "vote", ask: { proposal: "p", yes: true } };
const view = (madeAt: number): View => ({ ...startingView, madeAt });

describe("two tabs of one device", () => {
  it("the first runs the node; the second shows the same views and knows that it does not lead", async () => {
    const browser = new Browser();
    const [first, second] = [new Tab(browser, "one"), new Tab(browser, "two")];
    await turn();
    expect([first.leads, second.leads]).toEqual([1, 0]);
    first.tabs.publish(view(1));
    await turn();
    expect(first.shown).toEqual([view(1)]);
    expect(second.shown).toEqual([{ ...view(1), leader: false }]);
  });

  it("a tab that opens later is shown the last view at once", async () => {
    const browser = new Browser();
    const first = new Tab(browser, "one");
    await turn();
    first.tabs.publish(view(7));
    const late = new Tab(browser, "late");
    await turn();
    expect(late.shown.at(-1)).toEqual({ ...view(7), leader: false });
  });

  it("what is asked in the second is answered by the first, to the one that asked", async () => {
    const browser = new Browser();
    const [first, second, third] = [new Tab(browser, "one"), new Tab(browser, "two"), new Tab(browser, "three")];
    await turn();
    const [a, b] = await Promise.all([second.tabs.ask(ask), third.tabs.ask({ name: "leave", ask: { confirm: "Us" } })]);
    expect([a, b]).toEqual([
      { ok: true, value: "one answers vote" },
      { ok: true, value: "one answers leave" },
    ]);
    expect(first.heard).toEqual([ask, { name: "leave", ask: { confirm: "Us" } }]);
    expect(await first.tabs.ask(ask)).toEqual({ ok: true, value: "one answers vote" });
    expect([second.leads, third.leads, second.heard.length]).toEqual([0, 0, 0]);
  });

  it("when the first is closed the second takes over, and answers what it had asked in vain", async () => {
    const browser = new Browser();
    const [first, second] = [new Tab(browser, "one"), new Tab(browser, "two")];
    await turn();
    // The first is gone without a word: it hears nothing any more.
    browser.forget(0);
    const asked = second.tabs.ask(ask);
    await turn();
    expect(first.heard).toEqual([]);
    browser.releaseLock();
    expect(await asked).toEqual({ ok: true, value: "two answers vote" });
    expect(second.leads).toBe(1);
    second.tabs.publish(view(9));
    expect(second.shown.at(-1)).toEqual(view(9));
  });

  it("what a third tab asked of one that closed meanwhile is answered by the next", async () => {
    const browser = new Browser();
    const first = new Tab(browser, "one", "b1", true);
    const [second, third] = [new Tab(browser, "two"), new Tab(browser, "three")];
    await turn();
    const asked = [third.tabs.ask(ask), second.tabs.ask(ask)];
    await turn();
    expect(first.heard).toHaveLength(2);
    browser.forget(0);
    const meanwhile = third.tabs.ask({ name: "rest", ask: {} });
    await turn();
    browser.releaseLock();
    const all = await Promise.all([...asked, meanwhile]);
    expect(all).toEqual(["vote", "vote", "rest"].map((name) => ({ ok: true, value: `two answers ${name}` })));
    expect(second.heard).toHaveLength(3);
  });

  it("what must not be done twice is not begun again: whoever asked is told to look", async () => {
    const browser = new Browser();
    const first = new Tab(browser, "one", "b1", true);
    const [second, third] = [new Tab(browser, "two"), new Tab(browser, "three")];
    await turn();
    const admit: Asked = { name: "admit", ask: { key: "k", weight: 1, replaces: null } };
    const asked = [third.tabs.ask(admit), second.tabs.ask(admit)];
    await turn();
    expect(first.heard).toHaveLength(2);
    browser.forget(0);
    // Of this nobody has begun anything.
    const later = third.tabs.ask(admit);
    await turn();
    browser.releaseLock();
    for (const one of asked) expect(await one).toMatchObject({ ok: false, error: { code: "interrupted" } });
    expect(await later).toEqual({ ok: true, value: "two answers admit" });
    expect(second.heard).toEqual([admit]);
  });

  it("a tab of another build says that the other one is old, and neither answers the other", async () => {
    const browser = new Browser();
    const [first, other] = [new Tab(browser, "one", "b1"), new Tab(browser, "two", "b2")];
    await turn();
    first.tabs.publish(view(3));
    await turn();
    expect(other.shown.at(-1)?.problem).toEqual({ code: "other-tab-old", severity: "trouble" });
    let answered: Answered | null = null;
    void other.tabs.ask(ask).then((answer) => (answered = answer));
    await turn();
    expect(answered).toBeNull();
    expect(first.heard).toEqual([]);
  });

  it("rubbish on the channel changes nothing", async () => {
    const browser = new Browser();
    const tab = new Tab(browser, "one");
    await turn();
    for (const rubbish of [null, 5, "view", {}, { kind: "view" }, { build: "b1" }]) browser.say(rubbish);
    await turn();
    expect(tab.shown).toEqual([]);
    expect(await tab.tabs.ask(ask)).toMatchObject({ ok: true });
  });
});

describe("answers", () => {
  it("carry a value, or a refusal without its verdict on peers", () => {
    expect(answeredBy(ok(5))).toEqual({ ok: true, value: 5 });
    expect(answeredBy(refuse("code", "Do this.", "penalise"))).toEqual({
      ok: false,
      error: { code: "code", message: "Do this." },
    });
    expect(answeredBy(refuse("code", "Do this.", "ignore", { word: "x" }))).toEqual({
      ok: false,
      error: { code: "code", message: "Do this.", data: { word: "x" } },
    });
  });
});
