/**
 * Rows as an earlier version of this app wrote them become those of node/disk.ts: a block with what it did to the state was
 * one row `block/...`. A batch a commit, and the key says which rows are done, so that whatever interrupts it, the next
 * opening goes on. Runs before anything is read.
 */
import { blob, struct, type Codec } from "../base/codec.ts";
import type { Hash } from "../base/units.ts";
import { blockCodec } from "../consensus/block.ts";
import { blockKey, deltaKey, headsCodec, readOwn } from "../node/disk.ts";
import { packBlock } from "../node/packed-block.ts";
import { DELTAS_KEPT } from "../node/pruning.ts";
import type { Op, Store } from "../storage/store.ts";

const AT_ONCE = 64;
const MAX_BYTES = 1 << 25;
const blockRow: Codec<{ block: Uint8Array; delta: Uint8Array }> = struct({
  block: blob(MAX_BYTES),
  delta: blob(MAX_BYTES),
});

/** @throws Error when a row is damaged. */
export const upgradeRows = async (store: Store): Promise<void> => {
  const heads = await store.get("meta", "heads");
  const oldest = (heads === undefined ? 0 : readOwn(headsCodec, heads, "list of heads").finalHeight) - DELTAS_KEPT;
  for (;;) {
    const rows = await store.entries("chain", { from: "block/", to: "block0", limit: AT_ONCE });
    if (rows.length === 0) return;
    const ops = rows.flatMap(([key, raw]): Op[] => {
      const [, digits = "", hash = ""] = key.split("/");
      const height = Number(digits);
      const { block, delta } = blockRow.decode(raw);
      const body: Op = {
        table: "chain",
        key: blockKey(height, hash as Hash),
        value: packBlock(blockCodec.decode(block)),
      };
      const done: Op = { table: "chain", key, value: null };
      return height < oldest
        ? [body, done]
        : [body, { table: "chain", key: deltaKey(height, hash as Hash), value: delta }, done];
    });
    await store.commit(ops);
  }
};
