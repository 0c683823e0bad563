/** A made-up chain on the disks of some nodes, with the proof of its last final block, for who begins or wakes far behind. */
import { signWith } from "../../worker/base/ed25519.ts";
import { nativeEd25519 } from "../../worker/cli/native-ed25519.ts";
import { startWasmBls } from "../../worker/cli/wasm-bls.ts";
import { communityId } from "../../worker/community/contract.ts";
import { endOf } from "../../worker/community/market-step.ts";
import type { Certificate } from "../../worker/consensus/certificate.ts";
import type { TreeNode } from "../../worker/consensus/tree.ts";
import { LabCommunity, type Setting } from "../../worker/lab/community.ts";
import { SyntheticChain, YEAR, type SyntheticPlan } from "../../worker/lab/synthetic-chain.ts";
import { rowsOf } from "../../worker/lab/synthetic-rows.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { createVerifier, engineOn, VerdictMemory, type Verifier } from "../../worker/shell/verifier.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Op } from "../../worker/storage/store.ts";

export const REAL = await startWasmBls();
export const SMALL: SyntheticPlan = {
  ...YEAR,
  seed: "small",
  steps: 330,
  members: 5,
  founders: 5,
  roofs: 2,
  changes: 3,
  auctionEvery: 9,
  gapEvery: 50,
};

export type Written = {
  readonly chain: SyntheticChain;
  readonly nodes: readonly TreeNode[];
  readonly rows: readonly Op[];
  /** Of the head's parent. */
  readonly certificate: Certificate;
  /** Remembers what the chain's signatures are: each is checked once, not once in every world that has it. */
  readonly verify: Verifier;
};

export const writtenChain = (plan: SyntheticPlan): Written => {
  const chain = new SyntheticChain(plan, REAL);
  // The same bytes in a tenth of the time.
  const { signer, subtle } = nativeEd25519();
  chain.signAll((secret) => signWith(secret, signer(secret)));
  const nodes: TreeNode[] = [chain.genesis];
  const rows = [...rowsOf(chain, (node) => nodes.push(node))];
  const [head, parent] = [nodes.at(-1), nodes.at(-2)];
  if (head === undefined || parent === undefined) throw new Error("a chain has blocks");
  const votes = head.block.votes.filter((v) => v.kind === "confirmation");
  const verify = createVerifier(new VerdictMemory(), engineOn(REAL, subtle));
  return { chain, nodes, rows, certificate: { header: parent.header, above: [], votes }, verify };
};

/** The first of its members have the chain; the others nothing, or a part of it. Time is that of its head. */
export const settled = async (
  { chain, rows, verify }: Pick<Written, "chain" | "rows"> & Partial<Pick<Written, "verify">>,
  o: { readonly holders: number; readonly setting?: (i: number) => Setting },
): Promise<{ readonly lab: LabCommunity; readonly time: VirtualTime }> => {
  const { signed, keys } = chain;
  const time = new VirtualTime(endOf(signed.contract, chain.head.header.step) + 20_000, "settled");
  const lab = new LabCommunity({
    time,
    signed,
    keys,
    community: communityId(signed.contract),
    bls: REAL,
    ...(verify === undefined ? {} : { verify }),
    ...(o.setting === undefined ? {} : { setting: o.setting }),
  });
  for (let i = 0; i < o.holders; i++) {
    await (await openMemory({ disk: lab.inhabitant(i).disk })).commit(rows);
    await lab.start(i);
  }
  return { lab, time };
};
