/** What of the chain a node keeps on its disk and for how long (PROTOCOL.md §8.5): the terms; shell/pruner.ts carries them out. */
import { encode, option, struct, uint, type Codec } from "../base/codec.ts";
import type { DiskOp } from "./events.ts";

/** Final blocks of which the deltas stay: of the last 64 a snapshot is served, and screens look a little further back. */
export const DELTAS_KEPT = 256;
export const SERVED_BACK = 64;
/** More bytes of deltas than this stay only of those that are served: of a thousand members one has half a megabyte. */
export const DELTA_BYTES = 32_000_000;
/** Bodies that stay whatever the budget: who is less than 256 blocks behind is served them one after the other. */
export const BODIES_KEPT = 1_024;

/** Bytes of bodies that a device keeps; null for an archive, which keeps all. */
export type Budget = { readonly bodies: number | null };
export const DEFAULT_BUDGET: Budget = { bodies: 256_000_000 };
export const BUDGET_ROW = "budget";
export const budgetCodec: Codec<Budget> = struct({ bodies: option(uint) });
export const budgetOp = (budget: Budget): DiskOp => ({
  table: "settings",
  key: BUDGET_ROW,
  value: encode(budgetCodec, budget),
});
