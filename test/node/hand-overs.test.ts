/** How the voters changed before a node was there, fetched from neighbours of whom some lie, are slow, silent or lack it (PROTOCOL.md §8.3). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { decode } from "../../worker/base/codec.ts";
import { communityId } from "../../worker/community/contract.ts";
import { headerCodec, type Header } from "../../worker/consensus/block.ts";
import { hopCodec, votersAfter, votersIn, type Hop, type VoterSet } from "../../worker/consensus/certificate.ts";
import { allTrue, type Checks, type Verdicts } from "../../worker/consensus/checks.ts";
import { genesisState } from "../../worker/consensus/genesis.ts";
import { bitfieldOf, membersOf } from "../../worker/consensus/vote.ts";
import { belowKey, heightOfKey, hopKey } from "../../worker/node/disk.ts";
import { Out } from "../../worker/node/events.ts";
import { checkHandOver, HandOvers, isHandOver } from "../../worker/node/hand-overs.ts";
import { decodeMessage, encodeMessage, MAX_HOPS, type HandOver, type Message } from "../../worker/node/messages.ts";
import { REAL, SMALL, writtenChain } from "../lab/synthetic.ts";

const { chain, nodes, rows } = writtenChain({ ...SMALL, changes: 5 });
const community = communityId(chain.signed.contract);
const first = votersIn(genesisState(chain.signed.contract));
const hashAt = (height: number) => nodes[height]?.hash;
const headerAt = (height: number): Header => (nodes[height] ?? chain.genesis).header;
const whole: readonly HandOver[] = rows
  .filter(({ key, value }) => key.startsWith("hop/") && value !== null)
  .map(({ value }) => {
    const hop = hopCodec.decode(value ?? new Uint8Array());
    return { below: headerAt(hop.certificate.header.height - 1), hop };
  });
const TO = whole.length;
const sets = whole.reduce<VoterSet[]>(
  (all, { hop }) => {
    const after = votersAfter(all.at(-1) ?? first, hop);
    if (!after.ok) throw new Error(after.error.message);
    return [...all, after.value];
  },
  [first],
);

const proofless = ({ below, hop }: HandOver): HandOver => ({
  below,
  hop: { ...hop, certificate: { header: hop.certificate.header, above: [], votes: [] } },
});
const withVotes = (of: HandOver, change: (votes: Hop["certificate"]["votes"]) => Hop["certificate"]["votes"]) => ({
  ...of,
  hop: { ...of.hop, certificate: { ...of.hop.certificate, votes: change(of.hop.certificate.votes) } },
});
/** The last one asked for, as a liar gives it. */
const LIES = {
  "other-block": ({ hop }) => {
    const at = hop.certificate.header.height + 1;
    return { below: headerAt(at - 1), hop: { ...hop, certificate: { header: headerAt(at), above: [], votes: [] } } };
  },
  "changed-block": ({ below, hop }) => {
    const header = { ...hop.certificate.header, stateRoot: below.stateRoot };
    return { below, hop: { ...hop, certificate: { ...hop.certificate, header } } };
  },
  "changed-below": ({ below, hop }) => ({ below: { ...below, rank: below.rank + 1 }, hop }),
  "other-quorum": ({ below, hop }) => ({
    below,
    hop: { ...hop, next: hop.next && { ...hop.next, quorum: hop.next.quorum - 1 } },
  }),
  "other-set": ({ below, hop }) => ({
    below,
    hop: { ...hop, next: hop.next && { ...hop.next, set: hop.next.set + 1 } },
  }),
  "no-change": ({ below, hop }) => ({ below, hop: { ...hop, next: null } }),
  "quorum-less-one": (of) =>
    withVotes(of, (votes) => votes.map((v) => ({ ...v, voters: bitfieldOf((membersOf(v.voters) ?? []).slice(0, 2)) }))),
  forged: (of) =>
    withVotes(of, (votes) =>
      votes.map((v) => ({ ...v, signature: nodes[9]?.block.votes[0]?.signature ?? new Uint8Array(48) })),
    ),
  "later-votes": (of) => withVotes(of, (votes) => votes.map((v) => ({ ...v, set: v.set + 1 }))),
  "headers-without-votes": (of) => {
    const bare = proofless(of);
    const { header } = bare.hop.certificate;
    return { ...bare, hop: { ...bare.hop, certificate: { header, above: [headerAt(header.height + 1)], votes: [] } } };
  },
} satisfies Record<string, (of: HandOver) => HandOver>;
type Lie = keyof typeof LIES;
const lies = Object.keys(LIES) as Lie[];
const HARMLESS = ["honest", "slow", "silent", "without", "declining", "busy", "few", "proofless", "elsewhere"] as const;
const KINDS = [...HARMLESS, ...lies, "too-many"] as const;
type Kind = (typeof KINDS)[number];
const isLiar = (kind: Kind | undefined): boolean => !(HARMLESS as readonly (Kind | undefined)[]).includes(kind);

const answerOf = (kind: Kind, ask: Message, nth: number): Message | null => {
  if (ask.kind !== "ask-hand-overs") return null;
  const { from, count } = ask;
  const all = whole.slice(from, from + count);
  const say = (handOvers: readonly HandOver[]): Message => ({ kind: "hand-overs", from, handOvers });
  switch (kind) {
    case "honest":
    case "slow":
      return say(all);
    case "silent":
      return null;
    case "without":
      return say([]);
    case "declining":
      return { kind: "declined", why: "lacks" };
    case "busy":
      return nth < 2 ? { kind: "declined", why: "busy" } : say(all);
    case "few":
      return say(all.slice(0, 2));
    case "proofless":
      return say(all.map(proofless));
    case "elsewhere":
      return { kind: "hand-overs", from: from + 1, handOvers: all };
    case "too-many":
      return say([...all, ...whole].slice(0, count + 1));
    default: {
      const last = all.at(-1);
      return say(last === undefined ? [] : [...all.slice(0, -1), LIES[kind](last)]);
    }
  }
};

const judged = new Map<string, boolean>();
const verdictsOn = ({ bls }: Checks): Verdicts => ({
  ed25519: [],
  bls: bls.map((job) => {
    const name = `${toHex(job.message)}/${toHex(job.signature)}/${job.keys.join()}`;
    const found = judged.get(name) ?? REAL.verify(job);
    judged.set(name, found);
    return found;
  }),
});

class Attempt {
  readonly disk = new Map<string, Uint8Array>();
  readonly dropped = new Map<number, string>();
  readonly asked = new Map<number, number>();
  isKnown = true;
  now = 0;
  readonly #kinds: readonly Kind[];
  #out = new Out();
  #queue: { readonly peer: number; readonly ask: Message; readonly due: number }[] = [];
  #fetch: HandOvers;

  constructor(kinds: readonly Kind[], rows: readonly (readonly [string, Uint8Array])[] = []) {
    this.#kinds = kinds;
    for (const [key, row] of rows) this.disk.set(key, row);
    this.#fetch = this.#open();
  }
  /** By set, as the disk has them. */
  get hops(): Map<number, Hop> {
    return new Map(
      [...this.disk].flatMap(([key, row]) => {
        const hop = key.startsWith("hop/") ? decode(hopCodec, row, "hop") : null;
        return hop?.ok === true ? [[heightOfKey(key), hop.value] as const] : [];
      }),
    );
  }
  get isDone(): boolean {
    return this.#fetch.isDone;
  }
  #open(): HandOvers {
    const now = (): number => this.now;
    const out = (): Out => this.#out;
    const host = {
      community,
      get now() {
        return now() as never;
      },
      get out() {
        return out();
      },
      sources: () => this.#kinds.flatMap((_, i) => (this.dropped.has(i) ? [] : [i])),
      send: (peer: number, ask: Message) => {
        this.asked.set(peer, (this.asked.get(peer) ?? 0) + 1);
        this.#queue.push({ peer, ask, due: this.now + (this.#kinds[peer] === "slow" ? 9_000 : 20) });
      },
      hashOf: (height: number) => (this.isKnown ? hashAt(height) : undefined),
      verify: (checks: Checks, then: (verdicts: Verdicts) => void) => then(verdictsOn(checks)),
    };
    return new HandOvers(host, { first, to: TO, hops: this.hops });
  }
  #carryOut(isLost: boolean): void {
    const effects = this.#out.effects();
    this.#out = new Out();
    if (isLost) {
      this.#queue = [];
      this.#fetch = this.#open();
      return;
    }
    for (const e of effects) {
      if (e.kind === "commit") for (const { key, value } of e.ops) if (value !== null) this.disk.set(key, value);
      if (e.kind !== "drop") continue;
      this.dropped.set(e.peer, e.refusal.code);
      this.#fetch.down(e.peer);
    }
  }
  run(isLost: () => boolean = () => false): void {
    this.#fetch.time();
    for (let events = 0; events < 300 && !this.isDone; events++) {
      const next = this.#queue.toSorted((a, b) => a.due - b.due)[0];
      const wake = this.#fetch.wakeAt ?? Infinity;
      if (next === undefined && wake === Infinity) return;
      if (next === undefined || wake < next.due) {
        this.now = Math.max(this.now, wake);
        this.#fetch.time();
      } else {
        this.#queue = this.#queue.filter((q) => q !== next);
        this.now = Math.max(this.now, next.due);
        const answer = this.dropped.has(next.peer)
          ? null
          : answerOf(this.#kinds[next.peer] ?? "silent", next.ask, this.asked.get(next.peer) ?? 0);
        if (answer !== null) this.#fetch.message(next.peer, answer);
      }
      this.#carryOut(isLost());
      this.#fetch.time();
    }
  }
  /** The link went, and is there again. */
  again(peer: number): void {
    this.#fetch.down(peer);
  }
}
const rowsOf = (handOvers: readonly HandOver[], from = 0): (readonly [string, Uint8Array])[] =>
  handOvers.flatMap(({ below, hop }, i) => [
    [hopKey(from + i), hopCodec.encode(hop)] as const,
    [belowKey(from + i), headerCodec.encode(below)] as const,
  ]);

/** Whatever is on disk holds, by itself and by the one before. */
const holds = (disk: ReadonlyMap<string, Uint8Array>): void => {
  for (const [set, trusted] of sets.slice(0, TO).entries()) {
    const row = disk.get(hopKey(set));
    const below = disk.get(belowKey(set));
    if (row === undefined || below === undefined) continue;
    const handOver = { hop: hopCodec.decode(row), below: headerCodec.decode(below) };
    const ahead = checkHandOver(trusted, community, handOver, hashAt);
    expect(ahead.ok && allTrue(verdictsOn({ ed25519: [], bls: ahead.value.jobs }))).toBe(true);
    expect(ahead.ok && ahead.value.voters).toEqual(sets[set + 1]);
  }
};

describe("hand-overs of before a node was there", () => {
  it("are those of the chain, whoever lies, is slow or silent, and however often the power goes, as long as one is honest", () => {
    expect(TO).toBeGreaterThanOrEqual(4);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...KINDS), { maxLength: 5 }),
        fc.nat(),
        fc.array(fc.nat({ max: 4 }), { maxLength: 30 }),
        (others, place, losses) => {
          const kinds = others.toSpliced(place % (others.length + 1), 0, "honest");
          const attempt = new Attempt(kinds);
          let loss = 0;
          attempt.run(() => {
            holds(attempt.disk);
            return losses[loss++] === 0;
          });
          expect(attempt.isDone).toBe(true);
          expect([...attempt.hops].toSorted(([a], [b]) => a - b).map(([, hop]) => hop)).toEqual(
            whole.map((h) => h.hop),
          );
          expect([...attempt.disk.keys()].filter((k) => k.startsWith("below/"))).toHaveLength(TO);
          for (const [peer, code] of attempt.dropped) {
            expect(code).toBe("hand-over-false");
            expect(isLiar(kinds[peer])).toBe(true);
          }
        },
      ),
      // So many that the first is asked again before the last.
      { numRuns: 60, examples: [[["silent", "silent", "silent", "silent", "silent"], 5, []]] },
    );
  });

  it.each([...lies, "too-many"] as const)(
    "%s: the neighbour is named and left, nothing of it is kept, and the next one asked",
    (kind) => {
      const alone = new Attempt([kind]);
      alone.run();
      expect(alone.dropped).toEqual(new Map([[0, "hand-over-false"]]));
      expect(alone.disk.size).toBe(0);
      const attempt = new Attempt([kind, "honest"]);
      attempt.run();
      expect(attempt.isDone).toBe(true);
    },
  );

  it("are not asked for before there are hashes to check them by", () => {
    const attempt = new Attempt(["honest"]);
    attempt.isKnown = false;
    attempt.run();
    expect(attempt.asked.size).toBe(0);
    attempt.isKnown = true;
    attempt.run();
    expect(attempt.isDone).toBe(true);
  });

  it("without their proofs say who voted next, and proofs come of who has them", () => {
    const lost = new Attempt(["proofless"]);
    lost.run();
    expect(lost.isDone).toBe(false);
    expect([...lost.hops.values()]).toEqual(whole.map((h) => proofless(h).hop));
    // It does not have them, and is asked again only when it has been away.
    expect(lost.asked.get(0)).toBe(1);
    lost.again(0);
    lost.run();
    expect(lost.asked.get(0)).toBe(2);
    const found = new Attempt(["proofless", "honest"], [...lost.disk]);
    found.run();
    expect([...found.hops.values()]).toEqual(whole.map((h) => h.hop));
  });

  it("that are here with their proofs stay as they are", () => {
    const attempt = new Attempt(["proofless"], rowsOf(whole.slice(1, 3), 1));
    attempt.run();
    const hops = attempt.hops;
    expect([1, 2].map((set) => hops.get(set))).toEqual(whole.slice(1, 3).map((h) => h.hop));
    expect([0, 3].map((set) => hops.get(set))).toEqual([0, 3].map((set) => whole.slice(set).map(proofless)[0]?.hop));
  });

  it("that do not lead on from those before are fetched again", () => {
    const [second] = whole.slice(1);
    const attempt = new Attempt(["honest"], second === undefined ? [] : rowsOf([second]));
    attempt.run();
    expect(attempt.isDone).toBe(true);
    holds(attempt.disk);
  });

  it("are asked for again some day of who lacked them or was silent", () => {
    const attempt = new Attempt(["without", "silent", "declining"]);
    attempt.run();
    expect(attempt.isDone).toBe(false);
    for (const peer of [0, 1, 2]) expect(attempt.asked.get(peer)).toBeGreaterThan(3);
    // No faster than that: nobody is kept busy.
    expect(attempt.now).toBeGreaterThan(3_600_000);
  });

  it("travel as one message, no more than its bound", () => {
    const message = { kind: "hand-overs", from: 0, handOvers: whole } as const;
    expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message });
    const [one] = whole;
    const many = Array.from({ length: MAX_HOPS + 1 }, () => one as HandOver);
    expect(() => encodeMessage({ ...message, handOvers: many })).toThrow();
    const raw = encodeMessage(message);
    expect(decodeMessage(raw.subarray(0, raw.length - 1)).ok).toBe(false);
  });

  it("are told from hops that skip some", () => {
    for (const [set, { hop }] of whole.entries()) {
      expect(isHandOver(set, hop)).toBe(true);
      expect(isHandOver(set + 1, hop)).toBe(false);
      expect(isHandOver(set, LIES["other-set"]({ below: headerAt(1), hop }).hop)).toBe(false);
      expect(isHandOver(set, LIES["later-votes"]({ below: headerAt(1), hop }).hop)).toBe(false);
    }
  });
});
