/**
 * One node per device across tabs (Web Locks): the tab that holds the lock runs it, the others show its views and pass
 * it what their people ask. When it closes, the next takes over from the same disk, and is asked again what has no answer
 * yet: but not what must not be done twice and was begun. Tabs of different builds do not talk past each other: an old one
 * says so.
 */
import type { Result } from "../base/result.ts";
import type { CommandKind, Commands, PortRefusal, View } from "../port.ts";

export type Asked = { readonly name: CommandKind; readonly ask: Commands[CommandKind]["ask"] };
export type Answered =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: PortRefusal };

/** What is used of a BroadcastChannel; tests bring their own. */
export type ChannelLike = {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
};
export type LocksLike = { request(name: string, work: () => Promise<void>): Promise<unknown> };

type Message = { readonly build: string } & (
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "need-view" }
  /** A tab runs the node from now on. */
  | { readonly kind: "leading" }
  /** The node is at work on what was asked. */
  | { readonly kind: "begun"; readonly tab: string; readonly id: number }
  | ({ readonly kind: "ask"; readonly tab: string; readonly id: number } & Asked)
  | { readonly kind: "answer"; readonly tab: string; readonly id: number; readonly answer: Answered }
);

export type TabsOptions = {
  readonly name: string;
  readonly build: string;
  readonly tab: string;
  readonly channel: ChannelLike;
  readonly locks: LocksLike;
  /** Called once, when this tab is the one that runs the node. Answers what others ask. */
  readonly lead: () => Promise<(asked: Asked) => Promise<Answered>>;
  readonly show: (view: View) => void;
};

/** Done twice they do something twice, or the second time is refused because of the first. */
const ONCE: ReadonlySet<CommandKind> = new Set([
  "create",
  "join",
  "admit",
  "propose",
  "pair-meter",
  "forget-meter",
  "restore-words",
  "restore-backup",
  "leave",
] satisfies CommandKind[]);
const INTERRUPTED: Answered = {
  ok: false,
  error: {
    code: "interrupted",
    message: "The tab that was doing this was closed. Look whether it is done; if not, do it again.",
  },
};

type Waiting = { readonly asked: Asked; readonly resolve: (answer: Answered) => void; begun: boolean };

const isMessage = (data: unknown): data is Message =>
  typeof data === "object" && data !== null && "kind" in data && "build" in data;

export class Tabs {
  readonly #o: TabsOptions;
  #answer: ((asked: Asked) => Promise<Answered>) | null = null;
  readonly #waiting = new Map<number, Waiting>();
  /** As the one that runs the node: what other tabs asked, so that nothing is done twice. */
  readonly #taken = new Set<string>();
  #asked = 0;
  #last: View | null = null;

  constructor(options: TabsOptions) {
    this.#o = options;
    options.channel.addEventListener("message", ({ data }) => {
      if (isMessage(data)) void this.#hear(data);
    });
    void options.locks.request(options.name, async () => {
      const answer = await options.lead();
      this.#answer = answer;
      this.#post({ kind: "leading", build: options.build });
      // Whatever this tab asked of the last leader, it now answers itself: nobody else will.
      this.#askAgain((_, { asked, resolve }) => void answer(asked).then(resolve));
      this.#waiting.clear();
      await new Promise<never>(() => {});
    });
    this.#post({ kind: "need-view", build: options.build });
  }
  #post(message: Message): void {
    this.#o.channel.postMessage(message);
  }
  /** The leader's view goes to its own page and to every other tab. */
  publish(view: View): void {
    this.#last = view;
    this.#o.show(view);
    this.#post({ kind: "view", build: this.#o.build, view: { ...view, leader: false } });
  }
  ask(asked: Asked): Promise<Answered> {
    if (this.#answer !== null) return this.#answer(asked);
    const id = this.#asked++;
    return new Promise((resolve) => {
      this.#waiting.set(id, { asked, resolve, begun: false });
      this.#postAsk(id, asked);
    });
  }
  #postAsk(id: number, asked: Asked): void {
    this.#post({ kind: "ask", build: this.#o.build, tab: this.#o.tab, id, ...asked });
  }
  /** Nobody knows whether the last leader came to the end of what it had begun. */
  #askAgain(ask: (id: number, waiting: Waiting) => void): void {
    for (const [id, waiting] of this.#waiting) {
      if (!waiting.begun || !ONCE.has(waiting.asked.name)) {
        ask(id, waiting);
        continue;
      }
      this.#waiting.delete(id);
      waiting.resolve(INTERRUPTED);
    }
  }
  async #hear(message: Message): Promise<void> {
    const { build, tab } = this.#o;
    switch (message.kind) {
      case "view":
        if (this.#answer !== null) return;
        return this.#o.show(
          message.build === build
            ? message.view
            : { ...message.view, problem: { code: "other-tab-old", severity: "trouble" } },
        );
      case "need-view":
        if (this.#answer !== null && this.#last !== null) this.publish(this.#last);
        return;
      case "ask": {
        const taken = `${message.tab}/${message.id}`;
        if (this.#answer === null || message.build !== build || this.#taken.has(taken)) return;
        this.#taken.add(taken);
        this.#post({ kind: "begun", build, tab: message.tab, id: message.id });
        const answer = await this.#answer({ name: message.name, ask: message.ask });
        return this.#post({ kind: "answer", build, tab: message.tab, id: message.id, answer });
      }
      case "leading":
        return message.build === build ? this.#askAgain((id, { asked }) => this.#postAsk(id, asked)) : undefined;
      case "begun": {
        const waiting = message.tab === tab ? this.#waiting.get(message.id) : undefined;
        if (waiting !== undefined) waiting.begun = true;
        return;
      }
      case "answer":
        if (message.tab !== tab) return;
        this.#waiting.get(message.id)?.resolve(message.answer);
        this.#waiting.delete(message.id);
    }
  }
}

export const answeredBy = <T>(result: Result<T>): Answered => {
  if (result.ok) return { ok: true, value: result.value };
  const { code, message, data } = result.error;
  return { ok: false, error: data === undefined ? { code, message } : { code, message, data } };
};
