/**
 * A node that began with a snapshot after the voters had changed several times (PROTOCOL.md §8.3): once it has the hand-overs
 * it proves and leads as one that was there, and not before. Real nodes on virtual time.
 */
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../worker/base/codec.ts";
import { hopCodec, votersAfter, votersIn, type Hop, type VoterSet } from "../../worker/consensus/certificate.ts";
import { genesisState } from "../../worker/consensus/genesis.ts";
import { BEGINNING, belowKey, hopKey, skipKey } from "../../worker/node/disk.ts";
import { isHandOver } from "../../worker/node/hand-overs.ts";
import { trustOp } from "../../worker/node/light-disk.ts";
import type { Trust } from "../../worker/node/light-trust.ts";
import { checkBundleSoon } from "../../worker/settlement/bundle-check.ts";
import { bundleOf } from "../../worker/shell/bundles.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Op, Store } from "../../worker/storage/store.ts";
import { LightWorld } from "../node/light-world.ts";
import { facts, refusedAt, second } from "../settlement/alterations.ts";
import { settled, SMALL, writtenChain } from "./synthetic.ts";

const written = writtenChain({ ...SMALL, changes: 5 });
const { chain, certificate } = written;
const { signed } = chain;
const NEW = 3;
const ASK = { member: 0 as never, from: 1 as never, to: 200 as never };
/** By number, as the chain has them, and the hops over the blocks that ended them. */
const hops: readonly Hop[] = written.rows
  .filter(({ key, value }) => key.startsWith("hop/") && value !== null)
  .map(({ value }) => hopCodec.decode(value ?? new Uint8Array()));
const sets = hops.reduce<VoterSet[]>(
  (all, hop) => {
    const after = votersAfter(all.at(-1) ?? { set: 0, quorum: 0, voters: [] }, hop);
    if (!after.ok) throw new Error(after.error.message);
    return [...all, after.value];
  },
  [votersIn(genesisState(signed.contract))],
);
/** As a light node proved it: the block that ended the set before. */
const trustIn = (set: number): Trust => {
  const [hop, voters] = [hops[set - 1], sets[set]];
  if (hop === undefined || voters === undefined) throw new Error("the chain has such a set");
  return { header: hop.certificate.header, voters, hop };
};

type World = Awaited<ReturnType<typeof settled>>;
const diskOf = ({ lab }: World, i: number): Promise<Store> => openMemory({ disk: lab.inhabitant(i).disk });
const bundleAt = async (world: World, i: number) => bundleOf(world.lab.node(i).core, await diskOf(world, i), ASK);
const hopsAt = async (store: Store, keyOf: (set: number) => string): Promise<number[]> => {
  const found: number[] = [];
  for (let set = 0; set < hops.length; set++) if ((await store.get("chain", keyOf(set))) !== undefined) found.push(set);
  return found;
};
/** Whether a light node that trusts this set is led to where node `i` is, by that node alone. */
const leads = async (world: World, i: number, set: number): Promise<boolean> => {
  const { lab, time } = world;
  const light = new LightWorld({ lab, time, signed, contract: signed.contract }, 0);
  if (set > 0) {
    const { key, value } = trustOp(trustIn(set));
    light.disk.set(key, value ?? new Uint8Array());
    light.restart();
  }
  await light.meet(i);
  expect(light.dropped).toEqual([]);
  return light.light.state.trust.header.height === lab.node(i).core.chain.final.header.height;
};
const erase = (sets: readonly number[]): Op[] =>
  sets.flatMap((set) => [hopKey, belowKey].map((keyOf): Op => ({ table: "chain", key: keyOf(set), value: null })));

describe("a node that began after the voters had changed several times", () => {
  it("makes no proof files and leads nobody on from sets that it was led past, until it has the hand-overs; then it does", async () => {
    const world = await settled(written, { holders: 3 });
    const { lab, time } = world;
    await lab.start(NEW);
    await time.runUntil(time.now + 60_000);
    lab.check();
    const all = [...hops.keys()];
    const own = await diskOf(world, NEW);
    expect(lab.node(NEW).core.summaries.first).toBeGreaterThan(300);
    expect(await hopsAt(own, hopKey)).toEqual(all);
    const skipped = (await hopsAt(own, skipKey)).filter((set) => set > 0);
    expect(skipped.length).toBeLessThan(hops.length - 1);
    // As if the power had gone before it had them, and nobody were there.
    for (const i of [0, 1, 2, NEW]) await lab.stop(i);
    await own.commit(erase(all));
    await lab.start(NEW);
    const early = await bundleAt(world, NEW);
    expect(early.ok ? null : early.error).toMatchObject({ code: "proof-incomplete" });
    expect(early.ok ? "" : early.error.message).toContain("until a neighbour that has them is connected");
    const passed = all.filter((set) => set > 0 && !skipped.includes(set));
    expect(passed.length).toBeGreaterThan(0);
    for (const set of passed) expect(await leads(world, NEW, set)).toBe(false);
    for (const i of [0, 1, 2]) await lab.start(i);
    await time.runUntil(time.now + 60_000);
    lab.check();
    expect(await hopsAt(own, hopKey)).toEqual(all);
    for (const set of [...all, hops.length]) expect(await leads(world, NEW, set)).toBe(true);
    // The one in office signs on, and the file is the one that an archive makes.
    await time.runUntil(time.now + 2 * signed.contract.stepMs);
    const [late, archive] = [await bundleAt(world, NEW), await bundleAt(world, 0)];
    if (!late.ok || !archive.ok) throw new Error("both make a proof");
    expect(late.value).toEqual(archive.value);
    const found = await checkBundleSoon(late.value);
    expect(found.ok && found.value.handOvers).toBeGreaterThan(0);
    const [said] = second([late.value]);
    expect(refusedAt(said)).toBeNull();
    expect(said).toMatchObject({ mwh: facts(late.value).mwh });
  }, 240_000);

  it("leads on with the proof of a later set where one hand-over's is lost everywhere", async () => {
    const lost = 1;
    const bare = (hop: Hop): Hop => ({
      ...hop,
      certificate: { header: hop.certificate.header, above: [], votes: [] },
    });
    const rows = written.rows.map((op): Op => {
      const [hop] = hops.slice(lost);
      return op.key === hopKey(lost) && hop !== undefined ? { ...op, value: encode(hopCodec, bare(hop)) } : op;
    });
    const world = await settled({ ...written, rows }, { holders: 3 });
    await world.lab.start(NEW);
    await world.time.runUntil(world.time.now + 60_000);
    // Its blocks of before were given up, and those of the others are: what it fetched beside the hand-overs is enough.
    const own = await diskOf(world, NEW);
    const bodies = await own.entries("chain", { from: "body/", to: `body/${"0".repeat(7)}300` });
    await own.commit(bodies.map(([key]): Op => ({ table: "chain", key, value: null })));
    await own.commit(hops.map((_, set): Op => ({ table: "chain", key: skipKey(set), value: null })));
    const row = await own.get("chain", hopKey(lost));
    expect(row === undefined ? null : hopCodec.decode(row).certificate.votes).toEqual([]);
    for (const set of [0, lost, lost + 1]) expect(await leads(world, NEW, set)).toBe(true);
    world.lab.check();
  }, 240_000);

  it("gets a lost proof of a neighbour that has it, also where it was there all the time", async () => {
    const world = await settled(written, { holders: 1 });
    const { lab, time } = world;
    const [hop] = hops.slice(2);
    if (hop === undefined) throw new Error("the chain has such a set");
    const other = await diskOf(world, 1);
    const bare = { ...hop, certificate: { header: hop.certificate.header, above: [], votes: [] } };
    await other.commit([...written.rows, { table: "chain", key: hopKey(2), value: encode(hopCodec, bare) }]);
    await lab.start(1);
    await time.runUntil(time.now + 60_000);
    lab.check();
    const row = await other.get("chain", hopKey(2));
    expect(row && decode(hopCodec, row, "hop")).toEqual({ ok: true, value: hop });
  }, 240_000);

  it("proves the block that it began with while that is its last final one, and leads to it", async () => {
    // Two of five: nothing more becomes final.
    const world = await settled(written, { holders: 1 });
    const { lab, time } = world;
    await lab.start(NEW);
    await time.runUntil(time.now + 60_000);
    await lab.stop(0);
    lab.check();
    const { core } = lab.node(NEW);
    expect(core.chain.final.hash).toBe(core.summaries.get(core.summaries.first)?.hash);
    expect(await leads(world, NEW, 0)).toBe(true);
    const made = await bundleAt(world, NEW);
    expect(made.ok && facts(made.value).finalHeight).toBe(certificate.header.height);
    // Also after a restart; and not by a certificate that cannot be read.
    await lab.stop(NEW);
    await lab.start(NEW);
    expect(await leads(world, NEW, 3)).toBe(true);
    expect(refusedAt(second([made.ok ? made.value : new Uint8Array()])[0])).toBeNull();
    await lab.stop(NEW);
    await (await diskOf(world, NEW)).commit([{ table: "meta", key: BEGINNING, value: Uint8Array.of(1, 2, 3) }]);
    await lab.start(NEW);
    const without = await bundleAt(world, NEW);
    expect(without.ok ? null : without.error.code).toBe("proof-early");
    lab.check();
  }, 240_000);
});

/** What a device with this trust on its disk has become after a minute among those who have the chain. */
const lightBefore = async (trust: Trust) => {
  const world = await settled(written, { holders: 3 });
  const own = await diskOf(world, NEW);
  await own.commit([trustOp(trust)]);
  await world.lab.start(NEW);
  await world.time.runUntil(world.time.now + 60_000);
  world.lab.check();
  return { world, own };
};

describe("a device that was light and becomes full", () => {
  const asFull = async (trust: Trust): Promise<{ world: World; skips: number[] }> => {
    const { world, own } = await lightBefore(trust);
    expect(world.lab.node(NEW).core.chain.head.hash).toBe(chain.head.hash);
    expect(await hopsAt(own, hopKey)).toEqual([...hops.keys()]);
    return { world, skips: await hopsAt(own, skipKey) };
  };

  it("is led on from what it trusts, not from the contract", async () => {
    const { skips } = await asFull(trustIn(3));
    expect(skips).toEqual([3]);
  }, 240_000);

  it("begins at once with the block that it has proven, where nobody is beyond it", async () => {
    const voters = sets.at(-1);
    if (voters === undefined) throw new Error("a chain has voters");
    const { world, skips } = await asFull({
      header: certificate.header,
      voters,
      hop: { certificate, next: null },
    });
    expect(skips).toEqual([]);
    expect(world.lab.node(NEW).core.summaries.first).toBe(certificate.header.height);
  }, 240_000);

  it("is not led by a neighbour whose block does not stand on what it trusts", async () => {
    const trust = trustIn(3);
    const header = { ...trust.header, rank: trust.header.rank + 1 };
    const hop = trust.hop && { ...trust.hop, certificate: { ...trust.hop.certificate, header } };
    const { world, own } = await lightBefore({ ...trust, header, hop });
    const { core } = world.lab.node(NEW);
    // Nobody's proof and no copy of a state: what it has, if anything, it has checked block by block from the contract on.
    expect(core.beginning).toBeNull();
    expect(await hopsAt(own, skipKey)).toEqual([]);
  }, 240_000);
});

describe("a device that was light and whose row was damaged", () => {
  const { header, voters, hop } = trustIn(3);
  const damaged: Readonly<Record<string, Trust>> = {
    header: { header: { ...header, rank: header.rank + 1 }, voters, hop },
    voters: { header, voters: { ...voters, quorum: voters.quorum - 1 }, hop },
    proof: { header, voters, hop: null },
  };
  it.each(Object.entries(damaged))(
    "%s: begins from the contract",
    async (_, trust) => {
      const { world, own } = await lightBefore(trust);
      expect(world.lab.node(NEW).core.chain.head.hash).toBe(chain.head.hash);
      expect(await hopsAt(own, skipKey)).toContain(0);
    },
    240_000,
  );
});

describe("rows of an earlier version", () => {
  it("that led past several sets are moved, and the hand-overs fetched", async () => {
    const world = await settled(written, { holders: 3 });
    const { lab, time } = world;
    await lab.start(NEW);
    await time.runUntil(time.now + 60_000);
    await lab.stop(NEW);
    const own = await diskOf(world, NEW);
    const skips = await hopsAt(own, skipKey);
    const rows = await Promise.all(skips.map(async (set) => [set, await own.get("chain", skipKey(set))] as const));
    await own.commit(erase([...hops.keys()]));
    await own.commit(
      rows.flatMap(([set, row]): Op[] => [
        { table: "chain", key: hopKey(set), value: row ?? null },
        { table: "chain", key: skipKey(set), value: null },
      ]),
    );
    await lab.start(NEW);
    await time.runUntil(time.now + 60_000);
    lab.check();
    for (const [set, row] of rows) {
      const isOwn = isHandOver(set, hopCodec.decode(row ?? new Uint8Array()));
      expect(await own.get("chain", skipKey(set))).toEqual(isOwn ? undefined : row);
    }
    expect(await hopsAt(own, hopKey)).toEqual([...hops.keys()]);
  }, 240_000);
});
