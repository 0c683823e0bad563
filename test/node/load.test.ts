/** A node's memory from its disk: whatever the machine knew that it may not forget, a restart finds again. */
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { encode } from "../../worker/base/codec.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import type { BlsKey, MemberIndex } from "../../worker/base/units.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import type { Core } from "../../worker/node/core.ts";
import { heightRange, heldVoteCodec, readOwn } from "../../worker/node/disk.ts";
import { beginCore, finalHeightOf, restoreCore, type DiskImage } from "../../worker/node/load.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { Trial } from "../lab/trial.ts";

const imageOf = async (trial: Trial, i: number): Promise<DiskImage> => {
  const store = await openMemory({ disk: trial.lab.inhabitant(i).disk });
  const height = finalHeightOf(await store.get("meta", "heads")) ?? 0;
  return {
    meta: await store.entries("meta"),
    state: await store.entries("state"),
    lines: await store.entries("chain", heightRange("line", 0)),
    blocks: await store.entries("chain", heightRange("body", height)),
    deltas: await store.entries("chain", heightRange("delta", height)),
    own: await store.entries("own"),
    journal: await store.entries("journal"),
    settings: await store.entries("settings"),
  };
};
const restoredFrom = (trial: Trial, i: number, image: DiskImage): Core => {
  const { keys } = trial.lab.inhabitant(i);
  const { memberKey, memberSecret, blsSecret } = keys;
  return restoreCore({ memberKey, memberSecret, blsSecret }, trial.signed, image, (n) =>
    cryptometerSecret(keys.seed, n),
  );
};
const restored = async (trial: Trial, i: number): Promise<Core> => restoredFrom(trial, i, await imageOf(trial, i));

const sorted = <V>(map: ReadonlyMap<unknown, V>): [string, V][] =>
  [...map].map(([k, v]): [string, V] => [String(k), v]).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** All that must outlive the process. */
const memoryOf = ({ chain, own, desk, summaries, names, verifiedAt }: Core): unknown => ({
  head: chain.head.hash,
  final: chain.final.hash,
  root: toHex(stateRoot(chain.state)),
  rows: chain.state.paths("").map((path) => [path, toHex(chain.state.row(path)?.bytes ?? new Uint8Array())]),
  tree: [...chain.tree.nodes()].map((n) => `${n.hash} ${JSON.stringify(n.voters)}`).toSorted(),
  position: chain.finality.position,
  anchor: chain.finality.anchor().hash,
  // Fork choice counts those that lie on blocks that are not final yet.
  approvals: chain.finality.latestApprovals().filter((hash) => chain.tree.get(hash) !== undefined),
  ballots: (["approval", "confirmation"] as const).map((kind) =>
    sorted(chain.finality.ballots(chain.finality.position, kind)),
  ),
  votes: sorted(own.votes),
  candidacies: sorted(own.candidacies),
  auctions: sorted(own.auctions),
  blocks: sorted(own.blocks),
  meters: [...desk.meters.values()].map(({ label, key, keyNumber, config, terms, cryptometer }) => ({
    label,
    key,
    keyNumber,
    config,
    terms,
    journaled: cryptometer?.journaled,
    closes: cryptometer?.closes,
  })),
  summaries: summaries.map((line) => line),
  names: sorted(names),
  verifiedAt,
});

describe("what the machine wrote", () => {
  it("is what a restart reads, at any moment of a step: head, state, round, own journal, meters, lists", async () => {
    const trial = await Trial.begin({ members: 3, owners: [0, 1] });
    for (const [i, node] of trial.lab.open.entries())
      node.runner.machine.introduce(`Member ${i}`, null, trial.time.now);
    let compared = 0;
    const block = trial.contract.publishDelayMs;
    const compare = async (): Promise<void> => {
      for (const [i, { node }] of trial.lab.inhabitants.entries()) {
        if (node === null) continue;
        const running = memoryOf(node.core) as { names: unknown; verifiedAt: unknown };
        const read = memoryOf(await restored(trial, i)) as { names: unknown; verifiedAt: unknown };
        // Our own name is in the identity, which the shell keeps; the time of the last check is written with a head.
        expect({ ...read, names: [], verifiedAt: 0 }).toEqual({ ...running, names: [], verifiedAt: 0 });
        compared += 1;
      }
    };
    for (const [step, ms] of [
      [0, 1_200],
      [0, 8_500],
      [1, block + 10],
      [1, block + 70],
      [1, 3_000],
    ] as const) {
      await trial.until(step, ms);
      await compare();
    }
    // Without a quorum the chain stays open behind the final block, with a fork when the third comes back.
    await trial.lab.stop(1);
    await trial.lab.stop(2);
    await trial.until(3, 7_000);
    await compare();
    await trial.lab.start(1);
    await trial.until(4, block + 20);
    await compare();
    expect(compared).toBeGreaterThan(15);
    expect(trial.witness.faults).toEqual([]);
  });

  it("holds the names that neighbours told", async () => {
    const trial = await Trial.begin({ members: 2, owners: [] });
    trial.lab.node(1).runner.machine.introduce("Bruno", null, trial.time.now);
    trial.lab.node(1).runner.post({ kind: "time" });
    await trial.until(1);
    const { memberKey } = trial.lab.inhabitant(1).keys;
    expect((await restored(trial, 0)).names.get(memberKey)?.name).toBe("Bruno");
  });

  it("counts and offers no vote again that was given with another key than the head's branch knows", async () => {
    const trial = await Trial.begin({ members: 3, owners: [] });
    await trial.until(2, 1_000);
    const image = await imageOf(trial, 0);
    const rows = image.meta.filter(([k]) => k.startsWith("vote/"));
    const held = rows.map(([k, raw]) => ({ k, vote: readOwn(heldVoteCodec, raw, "vote") }));
    const one = held.find(({ vote }) => vote.member === 1 && vote.signature !== null);
    if (one === undefined) throw new Error("a vote of a neighbour was heard alone");
    const { k, vote } = one;
    const again = (signer: BlsKey | null): Core => {
      const raw = encode(heldVoteCodec, { ...vote, signer });
      const others = image.meta.filter(([name]) => name !== k);
      return restoredFrom(trial, 0, { ...image, meta: [...others, [k, raw]] });
    };
    const { blsKey } = trial.lab.inhabitant(1).keys;
    expect(vote.signer).toBe(blsKey);
    const offered = (core: Core): boolean => core.pool.vote(vote.target, 1 as MemberIndex) !== undefined;
    const counted = (core: Core): boolean => core.chain.finality.has(1 as MemberIndex, vote.target);
    expect([counted(again(blsKey)), offered(again(blsKey))]).toEqual([true, true]);
    // As before a head that has moved to a branch with another key of this member in this set.
    const { blsKey: other } = trial.lab.inhabitant(2).keys;
    expect([counted(again(other)), offered(again(other))]).toEqual([false, false]);
    expect([counted(again(null)), offered(again(null))]).toEqual([false, false]);
  });

  it("an empty disk is a chain that begins with the genesis", () => {
    return Trial.begin({ members: 1, owners: [], absent: [0] }).then((trial) => {
      const { memberKey, memberSecret, blsSecret } = trial.lab.inhabitant(0).keys;
      const core = beginCore({ memberKey, memberSecret, blsSecret }, trial.signed);
      expect(core.chain.head.header.height).toBe(0);
      expect(core.me).toBe(0);
      const [first] = core.out.effects();
      expect(first?.kind).toBe("commit");
    });
  });

  it.each(["state", "chain", "meta"] as const)("a disk whose table %s is damaged is said to be so", async (table) => {
    const trial = await Trial.begin({ members: 1, owners: [] });
    await trial.until(2);
    const rows = trial.lab.inhabitant(0).disk.tables.get(table);
    for (const [key, value] of rows?.values ?? []) rows?.put(key, value.slice(0, -1));
    await expect(restored(trial, 0)).rejects.toThrow();
  });
});
