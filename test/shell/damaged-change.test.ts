/**
 * Rows that say what a block did to the state, damaged or gone (PROTOCOL.md §8.4): beside the head's branch they are found
 * again, on it the chain is known to be damaged, below it nobody is given a state that its block does not commit to.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { encodeDelta } from "../../worker/ledger/state.ts";
import type { Core } from "../../worker/node/core.ts";
import { deltaKey, heightRange } from "../../worker/node/disk.ts";
import { finalHeightOf, restoreCore, type DiskImage } from "../../worker/node/load.ts";
import { Librarian } from "../../worker/shell/librarian.ts";
import { assertWhole, deltaOps } from "../../worker/shell/mend.ts";
import { Snapshots } from "../../worker/shell/snapshots.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Store } from "../../worker/storage/store.ts";
import { Trial } from "../lab/trial.ts";

/** Two and two were apart for two steps and have just met: each has both branches, and nothing of them is final. */
let trial: Trial;
let image: DiskImage;
let core: Core;

beforeAll(async () => {
  trial = await Trial.begin({ members: 4, owners: [0, 1] });
  await trial.until(1);
  trial.part([0, 1], [2, 3], true);
  await trial.until(3, 7_000);
  trial.part([0, 1], [2, 3], false);
  await trial.time.runUntil(trial.time.now + 200);
  core = trial.core(0);
  const store = await openMemory({ disk: trial.lab.inhabitant(0).disk });
  const height = finalHeightOf(await store.get("meta", "heads")) ?? 0;
  image = {
    meta: await store.entries("meta"),
    state: await store.entries("state"),
    lines: await store.entries("chain", heightRange("line", 0)),
    blocks: await store.entries("chain", heightRange("body", height)),
    deltas: await store.entries("chain", heightRange("delta", height)),
    own: await store.entries("own"),
    journal: await store.entries("journal"),
    settings: await store.entries("settings"),
  };
}, 120_000);

const opened = (from: DiskImage): Core => {
  const { keys } = trial.lab.inhabitant(0);
  const { memberKey, memberSecret, blsSecret } = keys;
  const read = restoreCore({ memberKey, memberSecret, blsSecret }, trial.signed, from, (n) =>
    cryptometerSecret(keys.seed, n),
  );
  assertWhole(read, from);
  return read;
};
const treeIn = ({ chain }: Core): string[] =>
  [...chain.tree.nodes()]
    .map((n) => `${n.hash} ${n === chain.final ? "" : toHex(encodeDelta(n.delta))} ${JSON.stringify(n.voters)}`)
    .toSorted();
/** Rows of `delta` above the final block, on the head's branch or beside it. */
const changes = (isOnWay: boolean): { readonly key: string; readonly row: Uint8Array }[] => {
  const { tree, head, final } = core.chain;
  return [...tree.nodes()].flatMap((node) => {
    if (node === final || tree.isAncestor(node, head) !== isOnWay) return [];
    const key = deltaKey(node.header.height, node.hash);
    return [{ key, row: image.deltas.find(([k]) => k === key)?.[1] ?? new Uint8Array() }];
  });
};
/** Without the row, or with another. */
const withRow = (key: string, row: Uint8Array | null): DiskImage => ({
  ...image,
  deltas: image.deltas.flatMap(([k, raw]): [string, Uint8Array][] =>
    k !== key ? [[k, raw]] : row === null ? [] : [[k, row]],
  ),
});
const harms = fc.oneof(
  fc.constant(null),
  fc.record({ at: fc.nat(1 << 20), bit: fc.nat(7) }),
  fc.record({ cutAt: fc.nat(1 << 20) }),
);
const harmed = (row: Uint8Array, harm: { at: number; bit: number } | { cutAt: number } | null): Uint8Array | null => {
  if (harm === null) return null;
  if ("cutAt" in harm) return row.slice(0, harm.cutAt % row.length);
  const at = harm.at % row.length;
  return row.map((byte, i) => (i === at ? byte ^ (1 << harm.bit) : byte));
};

describe("what a block did, damaged on disk", () => {
  it("beside the head's branch: it is found again, and written again", () => {
    const beside = changes(false);
    expect(beside.length).toBeGreaterThan(0);
    const whole = treeIn(core);
    expect(treeIn(opened(image))).toEqual(whole);
    expect(deltaOps(opened(image), image)).toEqual([]);
    fc.assert(
      fc.property(fc.constantFrom(...beside), harms, ({ key, row }, harm) => {
        const bad = withRow(key, harmed(row, harm));
        const read = opened(bad);
        expect(treeIn(read)).toEqual(whole);
        expect(deltaOps(read, bad)).toEqual([{ table: "chain", key, value: row }]);
      }),
      { numRuns: 40 },
    );
  });

  it("on the head's branch: it is never taken for whole, so that the chain is fetched again", () => {
    const way = changes(true);
    expect(way.length).toBeGreaterThan(1);
    fc.assert(
      fc.property(fc.constantFrom(...way), harms, ({ key, row }, harm) => {
        expect(() => opened(withRow(key, harmed(row, harm)))).toThrow();
      }),
      { numRuns: 60 },
    );
  });

  it("below the final block: no neighbour is given another state than that of the block", async () => {
    await trial.until(8);
    const node = trial.core(0);
    const final = node.chain.final.header.height;
    const at = node.summaries.hashOf(final - 3) ?? ("" as never);
    const disk = await openMemory({ disk: trial.lab.inhabitant(0).disk });
    const hash = node.summaries.hashOf(final - 1) ?? ("" as never);
    const key = deltaKey(final - 1, hash);
    const row = (await disk.get("chain", key)) ?? new Uint8Array();
    const given = async (value: Uint8Array | null): Promise<unknown[]> => {
      const store: Store = {
        ...disk,
        get: async (...of) => (of[1] === key ? (value ?? undefined) : disk.get(...of)),
      };
      const manifest = await new Snapshots(store).answer(node, { kind: "ask-manifest", at });
      const rows = await new Librarian(node, store).answer(1, { kind: "ask-rows", at, paths: ["totals/"], tables: [] });
      return [manifest, rows];
    };
    const [whole, none] = [await given(row), await given(null)];
    expect(whole).toMatchObject([{ block: expect.any(Uint8Array) }, { rows: [{ path: "totals/" }] }]);
    expect(none).toMatchObject([
      { hashes: [], size: 0 },
      { rows: [], size: 0 },
    ]);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(harms, async (harm) => {
        const answers = await given(harmed(row, harm));
        // What it says of afterwards nobody reads here.
        for (const [i, answer] of answers.entries()) expect([whole[i], none[i]]).toContainEqual(answer);
        refused += (answers[0] as { size: number }).size === 0 ? 1 : 0;
      }),
      { numRuns: 40 },
    );
    expect(refused).toBeGreaterThan(10);
  });
});
