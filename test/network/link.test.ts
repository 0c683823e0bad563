/** One link and all links of a node: floods, silence, rubbish, bounds, and which of two links stays. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ok } from "../../worker/base/result.ts";
import { encodeControl } from "../../worker/network/control.ts";
import { createFramer, type Framer } from "../../worker/network/framing.ts";
import {
  createLink,
  TUNING,
  type Link,
  type LinkListener,
  type RawLink,
  type Tuning,
} from "../../worker/network/link.ts";
import {
  createLinks,
  MAX_APPLICANTS,
  MAX_MEMBERS,
  MAX_UNFINISHED,
  type LinkEnd,
  type Links,
} from "../../worker/network/links.ts";
import type { NetworkEvent } from "../../worker/network/network.ts";
import { keyOf, selfOf, type Role } from "../contracts/network-checks.ts";
import { createVirtualTime, type VirtualTime } from "./virtual.ts";

type Heard = { readonly log: string[]; readonly messages: Uint8Array[]; readonly listener: LinkListener };

const listen = (): Heard => {
  const log: string[] = [];
  const messages: Uint8Array[] = [];
  return {
    log,
    messages,
    listener: {
      up: ({ identity }) => log.push(`up ${identity.key.slice(0, 4)}`),
      message: (bytes) => messages.push(bytes),
      down: (reason) => log.push(`down ${reason}`),
      refused: (by, { code }) => log.push(`refused by ${by}: ${code}`),
    },
  };
};

type Side = Heard & { readonly link: Link; readonly frames: Uint8Array[]; closed: boolean };

/** Two links whose frames a test passes on by hand; `pump` until both are silent. */
const createPair = (time: VirtualTime, tuning: Partial<Tuning> = {}) => {
  const make = (name: string, dialler: boolean): Side => {
    const heard = listen();
    const frames: Uint8Array[] = [];
    const side: Side = {
      ...heard,
      frames,
      closed: false,
      link: createLink({
        raw: {
          send: (frame) => frames.push(frame),
          close: () => void (side.closed = true),
          localFingerprint: dialler ? "sha-256 AA" : "sha-256 BB",
          remoteFingerprint: dialler ? "sha-256 BB" : "sha-256 AA",
        },
        self: selfOf({ name }),
        dialler,
        session: time.random(16),
        dial: 1,
        surroundings: time,
        tuning: { ...TUNING, ...tuning },
        listener: heard.listener,
      }),
    };
    return side;
  };
  const [a, b] = [make("a", true), make("b", false)];
  const pump = (): void => {
    while (a.frames.length + b.frames.length > 0) {
      for (const frame of a.frames.splice(0)) b.link.receive(frame);
      for (const frame of b.frames.splice(0)) a.link.receive(frame);
    }
  };
  const open = (): void => {
    a.link.start();
    b.link.start();
    pump();
  };
  return { a, b, pump, open };
};

describe("a link", () => {
  it("is up once hello is over, passes messages, and ends with the reason of whoever ends it", () => {
    const { a, b, pump, open } = createPair(createVirtualTime());
    open();
    a.link.send(Uint8Array.of(1, 2));
    b.link.send(Uint8Array.of(3));
    pump();
    a.link.close("enough");
    pump();
    expect([a.log, b.log]).toEqual([
      [`up ${keyOf("b").slice(0, 4)}`, "down enough"],
      [`up ${keyOf("a").slice(0, 4)}`, "down enough"],
    ]);
    expect([a.messages, b.messages]).toEqual([[Uint8Array.of(3)], [Uint8Array.of(1, 2)]]);
    expect([a.closed, b.closed]).toEqual([true, true]);
  });

  it("gives up a hello that is not over in time", () => {
    const time = createVirtualTime();
    const { a } = createPair(time);
    a.link.start();
    time.run(TUNING.helloMs - 1);
    expect(a.log).toEqual([]);
    time.run(1);
    expect(a.log).toEqual(["refused by us: unreachable"]);
    expect(a.closed).toBe(true);
  });

  it("lives through silence by keep-alive, and is lost when the other side says nothing any more", () => {
    const time = createVirtualTime();
    const { a, b, pump, open } = createPair(time);
    open();
    for (let i = 0; i < 20; i++) {
      time.run(TUNING.keepAliveMs);
      pump();
    }
    expect([a.log.length, b.log.length]).toEqual([1, 1]);
    time.run(TUNING.keepAliveMs * 4);
    expect([a.log[1], b.log[1]]).toEqual(["down lost", "down lost"]);
  });

  it("drops a neighbour that floods it, in frames or in bytes", () => {
    for (const [size, count] of [
      [1, TUNING.receive.frames.burst + 100],
      [16_000, TUNING.receive.bytes.burst / 16_000 + 100],
    ] as const) {
      const { a, b, open } = createPair(createVirtualTime());
      open();
      const frame = helloSaid(createFramer());
      for (let i = 0; i < count; i++) for (const part of frame("data", new Uint8Array(size))) b.link.receive(part);
      expect(b.log.at(-1)).toBe("down flood");
      expect(b.messages.length).toBeLessThan(count);
      expect(a.log).toHaveLength(1);
    }
  });

  it("paces itself, so that an honest node that sends all it can is never a flood", () => {
    const time = createVirtualTime();
    const { a, b, pump, open } = createPair(time);
    open();
    const message = new Uint8Array(1024 * 1024);
    for (let i = 0; i < 40; i++) a.link.send(message);
    pump();
    const atOnce = b.messages.length;
    expect(atOnce).toBeLessThan(20);
    for (let i = 0; i < 30; i++) {
      time.run(1000);
      pump();
    }
    expect(b.messages).toHaveLength(40);
    expect([a.log.length, b.log.length]).toEqual([1, 1]);
  });

  it("drops a neighbour that takes less than it is sent for too long, instead of keeping it all", () => {
    const { a, open } = createPair(createVirtualTime(), { queueBytes: 3_000_000 });
    open();
    for (let i = 0; i < 20; i++) a.link.send(new Uint8Array(1024 * 1024));
    expect(a.log.at(-1)).toBe("down congested");
  });

  it.each<[string, (frame: Framer) => Uint8Array[]]>([
    ["down malformed", () => [new Uint8Array(3)]],
    ["down malformed", (frame) => frame("control", new Uint8Array([99]))],
    ["down malformed", (frame) => frame("control", encodeControl({ kind: "accept" }))],
    ["down closed", (frame) => frame("control", encodeControl({ kind: "bye", reason: "<b>no word</b>" }))],
    ["down enough", (frame) => frame("control", encodeControl({ kind: "bye", reason: "enough" }))],
  ])("after hello, rubbish and goodbyes end it: %s", (ending, rubbish) => {
    const { b, open } = createPair(createVirtualTime());
    open();
    for (const frame of rubbish(helloSaid(createFramer()))) b.link.receive(frame);
    expect(b.log.at(-1)).toBe(ending);
    expect(b.closed).toBe(true);
  });

  it("never throws whatever arrives, ends once, and says nothing after its end", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 5 }),
        (opened, rubbish) => {
          const { a, b, open } = createPair(createVirtualTime());
          if (opened) open();
          else b.link.start();
          const before = b.log.length;
          for (const bytes of rubbish) b.link.receive(bytes);
          const endings = b.log.length - before;
          expect(endings).toBeLessThanOrEqual(1);
          b.link.lost("lost");
          b.link.send(Uint8Array.of(1));
          b.link.close("again");
          expect(b.log.length - before).toBe(1);
          expect(a.messages).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** A framer whose counter stands after the three messages of hello. */
const helloSaid = (frame: Framer): Framer => {
  for (let i = 0; i < 3; i++) frame("control", new Uint8Array());
  return frame;
};

type Party = { readonly links: Links; readonly events: NetworkEvent[]; readonly name: string };

/** Nodes whose raw links a test lays and passes frames over, so that it decides what happens first. */
const createParties = () => {
  const time = createVirtualTime();
  let numbers = 0;
  const party = (role: Role): Party => {
    const events: NetworkEvent[] = [];
    const links = createLinks({ self: selfOf(role), surroundings: time, tuning: { keepAliveMs: 0 } });
    links.start((event) => events.push(event));
    return { links, events, name: role.name };
  };
  /** Opens a link; frames wait until `pump`. */
  const lay = (from: Party, to: Party) => {
    const n = (numbers += 1);
    const waiting: { from: Uint8Array[]; to: Uint8Array[] } = { from: [], to: [] };
    const raw = (queue: Uint8Array[], local: string, remote: string): RawLink => ({
      send: (frame) => queue.push(frame),
      close: () => {},
      localFingerprint: local,
      remoteFingerprint: remote,
    });
    const [x, y] = [`sha-256 ${n} dialler`, `sha-256 ${n} answerer`];
    from.links.dialling(`${to.name} ${n}`);
    const ends: { from: LinkEnd; to: LinkEnd } = {
      from: from.links.opened(raw(waiting.to, x, y), { peer: n, address: `${to.name} ${n}`, dialled: true }),
      to: to.links.opened(raw(waiting.from, y, x), { peer: n, address: from.name, dialled: false }),
    };
    const pump = (): void => {
      while (waiting.from.length + waiting.to.length > 0) {
        for (const frame of waiting.to.splice(0)) ends.to.receive(frame);
        for (const frame of waiting.from.splice(0)) ends.from.receive(frame);
      }
    };
    return { n, pump, ends };
  };
  return { time, party, lay };
};

const upAt = ({ events }: Party): number[] => {
  const up = new Set<number>();
  for (const event of events) {
    if (event.kind === "up") up.add(event.peer);
    if (event.kind === "down") up.delete(event.peer);
  }
  return [...up];
};

describe("the links of a node", () => {
  it.each([
    ["first one way", [0, 1]],
    ["first the other way", [1, 0]],
  ])("of two that both sides dialled the one of the lower key stays, whichever is ready first: %s", (_, order) => {
    const { party, lay } = createParties();
    const [a, b] = [party({ name: "a" }), party({ name: "b" })];
    const both = [lay(a, b), lay(b, a)];
    for (const i of order) both[i]?.pump();
    for (const one of both) one.pump();
    const winner = keyOf("a") < keyOf("b") ? both[0]?.n : both[1]?.n;
    expect([upAt(a), upAt(b)]).toEqual([[winner], [winner]]);
  });

  it("of two dials by the same side the later one stays", () => {
    const { party, lay } = createParties();
    const [a, b] = [party({ name: "a" }), party({ name: "b" })];
    const [first, second] = [lay(a, b), lay(a, b)];
    second.pump();
    first.pump();
    second.pump();
    expect([upAt(a), upAt(b)]).toEqual([[second.n], [second.n]]);
  });

  it("a node that was restarted replaces the link that others still hold of it, whoever dialled that", () => {
    for (const dialledByB of [true, false]) {
      const { party, lay } = createParties();
      const [a, b] = [party({ name: "a" }), party({ name: "b" })];
      (dialledByB ? lay(b, a) : lay(a, b)).pump();
      const restarted = party({ name: "a" });
      const fresh = lay(restarted, b);
      fresh.pump();
      expect([upAt(restarted), upAt(b)]).toEqual([[fresh.n], [fresh.n]]);
    }
  });

  it("a dial that turns out to be a second link ends as refused, so that every dial has an end", () => {
    const { time, party, lay } = createParties();
    const [low, high] = [party({ name: "a" }), party({ name: "b" })].toSorted((x, y) =>
      keyOf(x.name) < keyOf(y.name) ? -1 : 1,
    ) as [Party, Party];
    lay(low, high).pump();
    lay(high, low).pump();
    time.run(1);
    expect(high.events.filter(({ kind }) => kind === "refused")).toMatchObject([
      { dialled: true, by: "us", refusal: { code: "duplicate" } },
    ]);
  });

  it(`takes ${MAX_MEMBERS} members and ${MAX_APPLICANTS} applicants; the next ones are told that it is busy`, () => {
    const { party, lay } = createParties();
    const hub = party({ name: "hub" });
    const members = Array.from({ length: MAX_MEMBERS + 1 }, (_, i) => party({ name: `member ${i}` }));
    const applicants = Array.from({ length: MAX_APPLICANTS + 1 }, (_, i) =>
      party({ name: `applicant ${i}`, identity: { role: "applicant", invitation: Uint8Array.of(1) } }),
    );
    for (const one of [...members, ...applicants]) lay(one, hub).pump();
    expect(upAt(hub)).toHaveLength(MAX_MEMBERS + MAX_APPLICANTS);
    for (const late of [members.at(-1), applicants.at(-1)]) {
      expect(late?.events).toMatchObject([{ kind: "refused", by: "them", refusal: { code: "busy" } }]);
    }
    // One that is up already may come again: it takes no more room.
    lay(party({ name: "member 0" }), hub).pump();
    expect(upAt(hub)).toHaveLength(MAX_MEMBERS + MAX_APPLICANTS);
  });

  it("holds a bounded number of strangers whose hello is not over", () => {
    const { party, lay } = createParties();
    const hub = party({ name: "hub" });
    const callers = Array.from({ length: MAX_UNFINISHED + 1 }, (_, i) => party({ name: `caller ${i}` }));
    const laid = callers.map((caller) => lay(caller, hub));
    laid.at(-1)?.pump();
    expect(callers.at(-1)?.events).toMatchObject([{ kind: "refused", refusal: { code: "busy" } }]);
    laid[0]?.pump();
    expect(upAt(hub)).toHaveLength(1);
  });

  it("does not dial an address twice, and dials it again after it failed", () => {
    const { time, party } = createParties();
    const a = party({ name: "a" });
    expect([a.links.dialling("b"), a.links.dialling("b")]).toEqual([true, false]);
    a.links.failed("b", "nobody there");
    time.run(1);
    expect(a.events).toMatchObject([{ kind: "refused", address: "b", by: "them", refusal: { code: "unreachable" } }]);
    expect(a.links.dialling("b")).toBe(true);
  });

  it("asks the community at the moment of each hello: who was let in yesterday may be refused today", () => {
    const { party, lay } = createParties();
    let open = true;
    const hub = party({
      name: "hub",
      admit: () =>
        open ? ok(undefined) : { ok: false, error: { code: "not-a-member", message: "Gone.", verdict: "ignore" } },
    });
    lay(party({ name: "a" }), hub).pump();
    open = false;
    const late = party({ name: "b" });
    lay(late, hub).pump();
    expect(upAt(hub)).toHaveLength(1);
    expect(late.events).toMatchObject([{ kind: "refused", refusal: { code: "not-a-member" } }]);
  });
});
