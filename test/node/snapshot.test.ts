/** Fetching a state from several neighbours of whom some lie, are silent or go away (PROTOCOL.md §8.3). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { HistoryTree } from "../../worker/base/history-tree.ts";
import { nodeHash } from "../../worker/base/merkle.ts";
import { encode } from "../../worker/base/codec.ts";
import type { Hash } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { encodeBlock, hashOf } from "../../worker/consensus/block.ts";
import { Draft, rootedPaths, rowLeaf, stateRoot } from "../../worker/ledger/state.ts";
import { snapChunkKey } from "../../worker/node/disk.ts";
import { Out } from "../../worker/node/events.ts";
import { CHUNK_ROWS, stateRows, type Manifest, type Message, type StateRow } from "../../worker/node/messages.ts";
import { edgesOf, SnapshotFetch, type Beginning } from "../../worker/node/snapshot.ts";
import { listOf } from "../../worker/shell/snapshots.ts";
import { REAL, SMALL, writtenChain } from "../lab/synthetic.ts";

const written = writtenChain({ ...SMALL, steps: 230, members: 12, founders: 12, changes: 0 });
const { chain, nodes, certificate } = written;
const parent = nodes.at(-2) ?? chain.genesis;
const before = new Draft(chain.state);
before.lay(chain.head.delta, "undo");
const rows: StateRow[] = rootedPaths(before).map((path) => ({
  path,
  value: before.row(path)?.bytes ?? new Uint8Array(),
}));
const chunks = Array.from({ length: Math.ceil(rows.length / CHUNK_ROWS) }, (_, i) =>
  rows.slice(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS),
);
const list = listOf(rows);
const { hashes } = list;
const block = encodeBlock(parent.block);
const at = hashOf(certificate.header);

const at32 = new Uint8Array(32);
/** A level higher in the tree: the same root. */
const aboveOf = (level: readonly Uint8Array[]): Uint8Array[] =>
  level.flatMap((left, i) => {
    const right = level[i + 1];
    return i % 2 === 1 ? [] : [right === undefined ? left : nodeHash(left, right)];
  });

const whole = { kind: "manifest", at, block, ...list } as const;
const none = { kind: "manifest", at, hashes: [], size: 0, edges: [], proof: [] } as const;
/** As `edgesOf`, of fewer rows than there are, with true rows and what stands beside them. */
const fewer = (size: number): Pick<Manifest, "size" | "edges" | "proof"> => {
  const places = edgesOf(size);
  return { size, edges: places.flatMap((p) => rows[p] ?? []), proof: treeOf(size).beside(places) };
};
const treeOf = (size: number): HistoryTree => {
  const tree = new HistoryTree();
  for (const { path, value } of rows.slice(0, size)) tree.append(rowLeaf(path, value));
  return tree;
};
const lastTwo = hashes.slice(-2);
const tooHigh = {
  "list-too-high": { ...whole, hashes: aboveOf(hashes), ...fewer(aboveOf(hashes).length * CHUNK_ROWS) },
  // All but the last are where they belong.
  "one-too-high": {
    ...whole,
    hashes: [...hashes.slice(0, -2), nodeHash(lastTwo[0] ?? at32, lastTwo[1] ?? at32)],
    ...fewer((hashes.length - 1) * CHUNK_ROWS),
  },
} satisfies Record<string, Message>;

type Kind =
  | "honest"
  | "silent"
  | "without"
  | "false-rows"
  | "short-rows"
  | "false-list"
  | "list-too-high"
  | "one-too-high"
  | "unsigned"
  | "silent-list"
  | "same-chunk"
  | "chunk-for-list";
/** What a neighbour of this kind answers; nothing for null. */
const answerOf = (kind: Kind, ask: Message): Message | null => {
  if (kind === "silent") return null;
  // True rows, but not those that were asked for.
  if (kind === "chunk-for-list" || (kind === "same-chunk" && ask.kind === "ask-chunk"))
    return { kind: "chunk", at, index: 0, rows: chunks[0] ?? [] };
  if (ask.kind === "ask-manifest") {
    if (kind === "without") return { ...none, block: new Uint8Array() };
    if (kind === "false-list") return { ...whole, hashes: hashes.toReversed() };
    if (kind === "unsigned") {
      const signature = new Uint8Array(64);
      return { ...whole, block: encodeBlock({ ...parent.block, signature }) };
    }
    if (kind === "list-too-high" || kind === "one-too-high") return tooHigh[kind];
    return whole;
  }
  if (ask.kind !== "ask-chunk" || kind === "silent-list") return null;
  const of = kind === "without" ? [] : (chunks[ask.index] ?? []);
  if (kind === "false-rows") return { ...ask, kind: "chunk", rows: of.map((r) => ({ ...r, value: Uint8Array.of(7) })) };
  if (kind === "short-rows") return { ...ask, kind: "chunk", rows: of.slice(1) };
  return { ...ask, kind: "chunk", rows: of };
};
const LIARS: ReadonlySet<Kind> = new Set([
  "false-rows",
  "short-rows",
  "false-list",
  "list-too-high",
  "one-too-high",
  "unsigned",
]);

/** One attempt after another on one disk, until the state is there. */
class Attempt {
  readonly disk = new Map<string, Uint8Array>();
  readonly dropped = new Map<number, string>();
  readonly #kinds: readonly Kind[];
  now = 0;
  #queue: { readonly peer: number; readonly ask: Message }[] = [];
  #fetch: SnapshotFetch;
  #out = new Out();
  found: Beginning | null = null;
  asked = 0;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
    this.#fetch = this.#open();
    this.#fetch.begin(certificate);
  }
  #open(): SnapshotFetch {
    const now = (): number => this.now;
    const out = (): Out => this.#out;
    return new SnapshotFetch(
      {
        community: communityId(chain.signed.contract),
        bls: REAL,
        get now() {
          return now() as never;
        },
        get out() {
          return out();
        },
        sources: () => this.#kinds.flatMap((_, i) => (this.dropped.has(i) ? [] : [i])),
        send: (peer, ask) => {
          this.asked += ask.kind === "ask-chunk" ? 1 : 0;
          this.#queue.push({ peer, ask });
        },
      },
      (beginning) => (this.found = beginning),
    );
  }
  /** Carries out what the last event caused; `isLost`: the power goes before the disk has it. */
  #carryOut(isLost: boolean): void {
    const effects = this.#out.effects();
    this.#out = new Out();
    if (isLost) return this.#restart();
    for (const e of effects) {
      if (e.kind === "commit")
        for (const { key, value } of e.ops)
          if (value === null) this.disk.delete(key);
          else this.disk.set(key, value);
      if (e.kind === "drop") {
        this.dropped.set(e.peer, e.refusal.code);
        this.#fetch.down(e.peer);
      }
    }
  }
  #restart(): void {
    this.#queue = [];
    this.found = null;
    this.#fetch = this.#open();
    this.#fetch.resume([...this.disk]);
    // Where even the target was lost, whoever proved the block does so again.
    if (!this.#fetch.isUnderWay) this.#fetch.begin(certificate);
  }
  run(isLost: () => boolean, pick: (n: number) => number): void {
    for (let events = 0; events < 400 && this.found === null; events++) {
      const [next] = this.#queue.splice(pick(this.#queue.length), 1);
      const answer =
        next === undefined || this.dropped.has(next.peer)
          ? null
          : answerOf(this.#kinds[next.peer] ?? "silent", next.ask);
      if (next !== undefined && answer !== null) this.#fetch.message(next.peer, answer);
      else if (this.#queue.length === 0) {
        this.now += 6_000;
        this.#fetch.time();
      }
      this.#carryOut(isLost());
    }
  }
}
const kind = fc.constantFrom<Kind>(
  "honest",
  "silent",
  "without",
  "false-rows",
  "short-rows",
  "false-list",
  "list-too-high",
  "one-too-high",
  "unsigned",
  "silent-list",
  "same-chunk",
  "chunk-for-list",
);

describe("a state fetched from several neighbours", () => {
  it("is more than one chunk here", () => {
    expect(chunks.length).toBeGreaterThan(1);
  });

  it("is the one of the final block, whoever lies, is silent or lacks it, and however often the power goes, as long as one is honest", () => {
    fc.assert(
      fc.property(
        fc.array(kind, { maxLength: 5 }),
        fc.nat(),
        fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
        (others, place, losses, picks) => {
          const kinds = others.toSpliced(place % (others.length + 1), 0, "honest");
          const attempt = new Attempt(kinds);
          let [loss, choice] = [0, 0];
          // The power goes in one event of ten, forty times at most.
          attempt.run(
            () => losses[loss++] === 0,
            (n) => (n === 0 ? 0 : (picks[choice++ % picks.length] ?? 0) % n),
          );
          expect(attempt.found && toHex(stateRoot(attempt.found.state))).toBe(certificate.header.stateRoot);
          for (const peer of attempt.dropped.keys()) expect(LIARS.has(kinds[peer] ?? "honest")).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(["false-rows", "short-rows", "false-list", "list-too-high", "one-too-high", "unsigned"] as const)(
    "%s: the neighbour is named",
    (lie) => {
      const attempt = new Attempt([lie]);
      attempt.run(
        () => false,
        () => 0,
      );
      expect(attempt.found).toBeNull();
      expect(attempt.dropped.get(0)).toBe(lie.endsWith("-rows") ? "chunk-false" : "manifest-false");
    },
  );

  it.each(["same-chunk", "chunk-for-list"] as const)(
    "%s: who answers at once, and never what was asked, is left for others as if it were silent",
    (lie) => {
      const attempt = new Attempt([lie, "honest"]);
      attempt.run(
        () => false,
        () => 0,
      );
      expect(attempt.found).not.toBeNull();
      expect(attempt.dropped.size).toBe(0);
    },
  );

  it.each(["list-too-high", "one-too-high", "silent-list"] as const)(
    "%s, then silence: ends soon, with nobody else dropped",
    (lie) => {
      const attempt = new Attempt([lie, "honest", "honest"]);
      attempt.run(
        () => false,
        () => 0,
      );
      expect(attempt.found).not.toBeNull();
      expect(attempt.now).toBeLessThan(30_000);
      expect([...attempt.dropped.keys()].filter((peer) => peer > 0)).toEqual([]);
    },
  );

  it("a list that came before vouches for none that comes after it", () => {
    const attempt = new Attempt(["unsigned", "list-too-high", "honest"]);
    attempt.run(
      () => false,
      () => 0,
    );
    expect(attempt.found).not.toBeNull();
    expect([...attempt.dropped.keys()]).not.toContain(2);
  });

  it("is not asked for again where it is on disk already", () => {
    const attempt = new Attempt(["honest"]);
    let event = 0;
    attempt.run(
      () => event++ === chunks.length,
      () => 0,
    );
    expect(attempt.found).not.toBeNull();
    expect(attempt.asked).toBeLessThanOrEqual(chunks.length + 1);
    expect(attempt.disk.size).toBe(0);
  });
});

describe("rows of an earlier attempt that were damaged", () => {
  it("go with the others, also those that read as rows of another place, or not at all", () => {
    const out = new Out();
    const community = communityId(chain.signed.contract);
    const fetch = new SnapshotFetch(
      { community, bls: REAL, now: 0 as never, out, sources: () => [], send: () => undefined },
      () => undefined,
    );
    const names = ["ab", "cd"].map((byte) => snapChunkKey(byte.repeat(32) as Hash));
    const values = [encode(stateRows, chunks[0] ?? []), Uint8Array.of(1)];
    fetch.resume(names.flatMap((name, i) => (values[i] === undefined ? [] : [[name, values[i]] as const])));
    fetch.abandon();
    const ops = out.effects().flatMap((e) => (e.kind === "commit" ? e.ops : []));
    for (const name of names) expect(ops).toContainEqual({ table: "chain", key: name, value: null });
  });
});
