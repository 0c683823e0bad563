/** What a device's full node hands over to the light one that takes its place (PROTOCOL.md §8.1). */
import { votersIn } from "../consensus/certificate.ts";
import { latestCertificate } from "../node/certifier.ts";
import type { Core } from "../node/core.ts";
import { readLight, TRUST_ROW, trustOp } from "../node/light-disk.ts";
import type { Op, Store } from "../storage/store.ts";

/**
 * What a full node knows to be final, for the light one that takes its place; nothing where the disk has more from before.
 * So neither kind ever knows less than this device did.
 */
export const trustOfFull = async (core: Core, store: Store): Promise<Op[]> => {
  const { tree, state, head, final } = core.chain;
  const row = await store.get("meta", TRUST_ROW);
  const known = readLight(core.signed.contract, row === undefined ? [] : [[TRUST_ROW, row]]);
  if (known.trust.header.height >= final.header.height) return [];
  const certificate = latestCertificate(core);
  // Its voters are those whom the block names: only who trusted them before it can use this proof.
  const hop = certificate === null ? null : { certificate, next: null };
  return [trustOp({ header: final.header, voters: votersIn(tree.viewAt(state, head, final)), hop })];
};
