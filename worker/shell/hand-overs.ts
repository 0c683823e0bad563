/** How the voters changed, as this disk has it (PROTOCOL.md §8.2, 8.3): one hand-over a set, with its proof or without. */
import { decode } from "../base/codec.ts";
import { hopCodec, votersIn, type Hop } from "../consensus/certificate.ts";
import { genesisState } from "../consensus/genesis.ts";
import type { Core } from "../node/core.ts";
import { heightOfKey, HOPS, hopKey, skipKey } from "../node/disk.ts";
import { isHandOver, type HandOversHeld } from "../node/hand-overs.ts";
import type { Op, Store } from "../storage/store.ts";

/** By the set that ended; what cannot be read counts as missing. */
const handOversOn = async (store: Pick<Store, "entries">): Promise<Map<number, Hop>> => {
  const hops = new Map<number, Hop>();
  for (const [key, raw] of await store.entries("chain", HOPS)) {
    const hop = decode(hopCodec, raw, "hand-over");
    if (hop.ok) hops.set(heightOfKey(key), hop.value);
  }
  return hops;
};

/** From set 0 on, one after another, as far as they are here. */
export const handOversFrom0 = async (store: Pick<Store, "entries">): Promise<Hop[]> => {
  const known = await handOversOn(store);
  const hops: Hop[] = [];
  for (let hop = known.get(0); hop !== undefined && isHandOver(hops.length, hop); hop = known.get(hops.length))
    hops.push(hop);
  return hops;
};

/**
 * What is here, where some are missing or have no proof up to the set in office; else null. An earlier version wrote what led
 * it past several sets in the same place: that is moved.
 */
export const heldHandOvers = async (core: Core, store: Store): Promise<HandOversHeld | null> => {
  const hops = await handOversOn(store);
  const moved = [...hops].filter(([set, hop]) => !isHandOver(set, hop));
  for (const [set] of moved) hops.delete(set);
  if (moved.length > 0) {
    const rows = await Promise.all(moved.map(async ([set]) => [set, await store.get("chain", hopKey(set))] as const));
    const ops = rows.flatMap(([set, row]): Op[] => [
      { table: "chain", key: skipKey(set), value: row ?? null },
      { table: "chain", key: hopKey(set), value: null },
    ]);
    await store.commit(ops);
  }
  const to = core.chain.final.voters.set;
  for (let set = 0; set < to; set++)
    if ((hops.get(set)?.certificate.votes.length ?? 0) === 0)
      return { first: votersIn(genesisState(core.chain.signed)), to, hops };
  return null;
};
