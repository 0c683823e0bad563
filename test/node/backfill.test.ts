/** What lies below a snapshot, fetched from neighbours of whom some lie, are slow, silent or have pruned it (PROTOCOL.md §8.3). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { verify } from "../../worker/base/ed25519.ts";
import { communityId } from "../../worker/community/contract.ts";
import { encodeBlock, type Block } from "../../worker/consensus/block.ts";
import type { Checks, Verdicts } from "../../worker/consensus/checks.ts";
import { key } from "../../worker/ledger/rows.ts";
import { Backfill, type Held } from "../../worker/node/backfill.ts";
import { heightOfKey, readBlockRow } from "../../worker/node/disk.ts";
import { Out } from "../../worker/node/events.ts";
import type { Message } from "../../worker/node/messages.ts";
import { REAL, SMALL, writtenChain } from "../lab/synthetic.ts";

const { chain, nodes } = writtenChain({ ...SMALL, steps: 200, changes: 0 });
const root = nodes.at(-2) ?? chain.genesis;
const { height } = root.header;
const hashes = nodes.slice(0, height).map((n) => fromHex(n.hash));
const PRUNED_BELOW = 100;
const STRANGE = fromHex("ab".repeat(32));

const KINDS = [
  "honest",
  "slow",
  "silent",
  "without",
  "pruned",
  "false-list",
  "short-list",
  "other-bodies",
  "swapped-bodies",
  "other-content",
  "unsigned",
  "busy",
  "other-answer",
] as const;
type Kind = (typeof KINDS)[number];
const CODES: Partial<Readonly<Record<Kind, string>>> = {
  "false-list": "history-false",
  "short-list": "history-truncated",
  "other-bodies": "range-false",
  "swapped-bodies": "range-false",
  "other-content": "range-false",
};

const answerOf = (kind: Kind, ask: Message): Message | null => {
  if (kind === "busy") return { kind: "declined", why: "busy" };
  if (kind === "other-answer" && ask.kind === "ask-history") return { kind: "range", from: ask.from, blocks: [] };
  if (kind === "other-answer" && ask.kind === "ask-range") return { kind: "history", from: ask.from, hashes: [] };
  if (ask.kind === "ask-history") {
    const true_ = hashes.slice(ask.from, ask.from + ask.count);
    if (kind === "without") return { kind: "history", from: ask.from, hashes: [] };
    if (kind === "false-list") return { kind: "history", from: ask.from, hashes: [STRANGE, ...true_.slice(1)] };
    if (kind === "short-list") return { kind: "history", from: ask.from, hashes: true_.slice(0, -3) };
    return { kind: "history", from: ask.from, hashes: true_ };
  }
  if (ask.kind !== "ask-range") return null;
  const of = nodes.slice(ask.from, ask.from + ask.count).map((n) => n.block);
  const range = (blocks: typeof of): Message => ({ kind: "range", from: ask.from, blocks: blocks.map(encodeBlock) });
  if (kind === "without" || (kind === "pruned" && ask.from < PRUNED_BELOW)) return range([]);
  if (kind === "other-bodies")
    return range(nodes.slice(ask.from + 1, ask.from + 1 + ask.count).map(({ block }) => block));
  if (kind === "unsigned") return range(of.map((block) => ({ ...block, signature: new Uint8Array(64).fill(7) })));
  if (kind === "swapped-bodies") return range(of.toReversed());
  if (kind === "other-content") return range(of.map((block) => ({ ...block, txs: [], votes: [] })));
  return range(of);
};

type Queued = { readonly peer: number; readonly ask: Message; readonly due: number };

/** Of older ones nobody looks at the signature, and nobody passes it on to whoever does. */
const signedOf = (block: Block): Block =>
  block.header.height >= HELD.checkedFrom ? block : { ...block, signature: new Uint8Array(64) };
/** Of the newest the signatures are looked at. */
const CHECKED = 12;
const HELD = { room: null, checkedFrom: height - CHECKED, unchecked: [] } as const;
const checked = new Map<string, boolean>();
const isTrue = (name: string, check: () => boolean): boolean => {
  const found = checked.get(name) ?? check();
  checked.set(name, found);
  return found;
};
const verdictsOn = ({ ed25519, bls }: Checks): Verdicts => ({
  ed25519: ed25519.map((job) => isTrue(`${job.key}/${toHex(job.message)}/${toHex(job.signature)}`, () => verify(job))),
  bls: bls.map((job) => isTrue(toHex(job.signature), () => REAL.verify(job))),
});

class Attempt {
  /** Members whose keys are others by now. */
  renewed: ReadonlySet<number> = new Set();
  unchecked: number[] = [];
  written: number[] = [];
  readonly disk = new Map<number, Block>();
  readonly dropped = new Map<number, string>();
  known: readonly Uint8Array[] = [];
  now = 0;
  readonly #kinds: readonly Kind[];
  #out = new Out();
  #queue: Queued[] = [];
  #fill: Backfill;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
    this.#fill = this.#open({ ...HELD, hashes: [], bodiesFrom: height });
  }
  #open(held: Held): Backfill {
    const now = (): number => this.now;
    const out = (): Out => this.#out;
    const host = {
      community: communityId(chain.signed.contract),
      bls: REAL,
      get now() {
        return now() as never;
      },
      get out() {
        return out();
      },
      sources: () => this.#kinds.flatMap((_, i) => (this.dropped.has(i) ? [] : [i])),
      send: (peer: number, ask: Message) => {
        const late = this.#kinds[peer] === "slow" ? 9_000 : 20;
        this.#queue.push({ peer, ask, due: this.now + late });
      },
      member: (index: number) => {
        const row = chain.state.get("member", key(index));
        const other = chain.state.get("member", key((index + 1) % SMALL.members));
        return row && other && this.renewed.has(index)
          ? { ...row, key: other.key, blsKey: other.blsKey, oldBlsKey: row.blsKey }
          : row;
      },
      verify: (checks: Checks, then: (verdicts: Verdicts) => void) => then(verdictsOn(checks)),
      unchecked: (at: number) => void this.unchecked.push(at),
      written: (bodies: readonly { readonly height: number }[]) =>
        void this.written.push(...bodies.map(({ height: at }) => at)),
    };
    return new Backfill(host, root.header, held, (all) => (this.known = [...all]));
  }
  get isDone(): boolean {
    return this.#fill.isDone;
  }
  #carryOut(isLost: boolean): void {
    const effects = this.#out.effects();
    this.#out = new Out();
    if (isLost) return this.#restart();
    for (const e of effects) {
      if (e.kind === "commit")
        for (const { key, value } of e.ops)
          if (key.startsWith("body/") && value !== null) this.disk.set(heightOfKey(key), readBlockRow(value).block);
      if (e.kind !== "drop") continue;
      this.dropped.set(e.peer, e.refusal.code);
      this.#fill.down(e.peer);
    }
  }
  /** As `heldBelow` reads it: bodies without a gap. Hashes that were checked were committed with that event, or are lost too. */
  #restart(): void {
    this.#queue = [];
    let bodiesFrom = height;
    while (this.disk.has(bodiesFrom - 1)) bodiesFrom -= 1;
    this.#fill = this.#open({ ...HELD, hashes: this.disk.size > 0 ? hashes : [], bodiesFrom });
  }
  run(isLost: () => boolean = () => false): void {
    this.#fill.time();
    for (let events = 0; events < 500 && !this.isDone; events++) {
      const next = this.#queue.toSorted((a, b) => a.due - b.due)[0];
      const wake = this.#fill.wakeAt ?? Infinity;
      if (next === undefined && wake === Infinity) return;
      if (next === undefined || wake < next.due) {
        this.now = Math.max(this.now, wake);
        this.#fill.time();
      } else {
        this.#queue = this.#queue.filter((q) => q !== next);
        this.now = Math.max(this.now, next.due);
        const kind = this.#kinds[next.peer] ?? "silent";
        const answer = kind === "silent" || this.dropped.has(next.peer) ? null : answerOf(kind, next.ask);
        if (answer !== null) this.#fill.message(next.peer, answer);
      }
      this.#carryOut(isLost());
      this.#fill.time();
    }
  }
}

describe("blocks below a snapshot", () => {
  it("are those of the chain, whoever lies, is slow or silent, and however often the power goes, as long as one is honest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...KINDS), { maxLength: 5 }),
        fc.nat(),
        fc.array(fc.nat({ max: 7 }), { maxLength: 30 }),
        (others, place, losses) => {
          const kinds = others.toSpliced(place % (others.length + 1), 0, "honest");
          const attempt = new Attempt(kinds);
          let loss = 0;
          attempt.run(() => losses[loss++] === 0);
          expect(attempt.isDone).toBe(true);
          const blocks = [...attempt.disk].toSorted(([a], [b]) => a - b).map(([, block]) => block);
          expect(blocks.map(signedOf)).toEqual(nodes.slice(1, height).map((n) => signedOf(n.block)));
          for (const [peer, code] of attempt.dropped) expect(code).toBe(CODES[kinds[peer] ?? "honest"]);
        },
      ),
      {
        numRuns: 40,
        // One after the other they keep a node busy for longer than it pauses each.
        examples: [
          [["silent", "busy", "other-answer", "honest"], 2, []],
          [["silent", "busy", "other-answer"], 3, []],
          [["silent", "silent", "silent", "silent", "silent"], 5, []],
        ],
      },
    );
  });

  it.each(Object.entries(CODES))("%s: the neighbour is named and left, and the next one asked", (kind, code) => {
    const attempt = new Attempt([kind as Kind, "honest"]);
    attempt.run();
    expect(attempt.dropped).toEqual(new Map([[0, code]]));
    expect(attempt.isDone).toBe(true);
    expect(attempt.known).toEqual(hashes);
  });

  it.each(["busy", "other-answer"] as const)("%s for ever: the next one is asked, and nobody is dropped", (kind) => {
    const attempt = new Attempt([kind, "honest"]);
    attempt.run();
    expect(attempt.isDone).toBe(true);
    expect(attempt.known).toEqual(hashes);
    expect(attempt.dropped.size).toBe(0);
  });

  it("come from a slow neighbour who is the only one, and whoever is silent is asked again some day", () => {
    const slow = new Attempt(["slow"]);
    slow.run();
    expect(slow.isDone).toBe(true);
    expect(slow.dropped.size).toBe(0);
    const silent = new Attempt(["silent"]);
    silent.run();
    expect(silent.now).toBeGreaterThan(3_600_000);
  });

  it("stop where everybody has pruned them", () => {
    const attempt = new Attempt(["pruned"]);
    attempt.run();
    expect(attempt.isDone).toBe(false);
    expect(Math.min(...attempt.disk.keys())).toBeGreaterThanOrEqual(PRUNED_BELOW);
    expect(attempt.dropped.size).toBe(0);
  });

  it("a newer block with another signature than its miner's is not taken, and who gives it is no liar for that", () => {
    const attempt = new Attempt(["unsigned"]);
    attempt.run();
    expect(attempt.disk.size).toBe(0);
    expect(attempt.dropped.size).toBe(0);
  });

  it("blocks of a miner who has other keys by now are kept, and noted as ones that nobody here can check", () => {
    const attempt = new Attempt(["honest"]);
    const miner = nodes[height - 1]?.header.miner ?? 0;
    attempt.renewed = new Set([miner]);
    attempt.run();
    expect(attempt.disk.size).toBe(height - 1);
    const theirs = nodes.slice(height - CHECKED, height).filter((n) => n.header.miner === miner);
    expect(attempt.unchecked.toSorted((a, b) => a - b)).toEqual(theirs.map((n) => n.header.height));
  });
});
