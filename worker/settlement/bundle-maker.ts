/**
 * Makes a proof bundle (PROTOCOL.md §12) of what a full node has: blocks, hand-overs, the final certificate, the state
 * after that block and the tree of all block hashes. Pure: whoever reads the disk brings these along.
 */
import type { HistoryTree } from "../base/history-tree.ts";
import { inclusionProof, pathOf } from "../base/merkle.ts";
import { assert, ok, refuse, type Result } from "../base/result.ts";
import { mwh, type MemberIndex, type StepIndex } from "../base/units.ts";
import { communityId, type SignedContract } from "../community/contract.ts";
import { txLeaf, type Block } from "../consensus/block.ts";
import type { Certificate, Hop } from "../consensus/certificate.ts";
import { key } from "../ledger/rows.ts";
import { rootedLeaves, rootedPaths, type View } from "../ledger/state.ts";
import { idOf, type Tx } from "../ledger/transaction.ts";
import { encodeBundle, type BlockProof, type CreditProof, type MemberProof } from "./bundle.ts";
import { fewestHops, firstVoters } from "./bundle-trust.ts";

export type Materials = {
  readonly signed: SignedContract;
  /** From set 0 on, one after another. */
  readonly hops: readonly Hop[];
  readonly final: Certificate;
  /** The state after the final block. */
  readonly state: View;
  /** Leaf hashes of all blocks before the final one, at least. */
  readonly history: HistoryTree;
  /** Blocks before the final one, ascending; those without a credit of the period are passed over. */
  readonly blocks: readonly Block[];
};
export type BundleAsk = { readonly member: MemberIndex; readonly from: StepIndex; readonly to: StepIndex };

const shareOf = ({ body }: Tx, { member, from, to }: BundleAsk): number => {
  if (body.kind !== "distribution" || body.step < from || body.step > to) return 0;
  return body.shares.find((s) => s.member === member)?.mwh ?? 0;
};

/** Whether a block credits the member in the period. */
export const hasCredit = (block: Block, ask: BundleAsk): boolean => block.txs.some((tx) => shareOf(tx, ask) > 0);

const creditsOf = (block: Block, ask: BundleAsk): CreditProof[] => {
  const { community } = block.header;
  const leaves = block.txs.map(txLeaf);
  const credits = block.txs.flatMap((tx, i): CreditProof[] =>
    shareOf(tx, ask) > 0 ? [{ tx, path: pathOf(i, leaves.length, inclusionProof(leaves, i)) }] : [],
  );
  return credits.toSorted((a, b) => (idOf(a.tx.body, community) < idOf(b.tx.body, community) ? -1 : 1));
};

const membersOf = (state: View, members: ReadonlySet<number>): MemberProof[] => {
  const paths = rootedPaths(state);
  const leaves = rootedLeaves(state);
  return [...members]
    .toSorted((a, b) => a - b)
    .map((member) => {
      const row = state.get("member", key(member));
      const index = paths.indexOf(`member/${key(member)}`);
      assert(row !== undefined && index >= 0, "who is credited or signs is a member");
      return {
        member: member as MemberIndex,
        row,
        path: pathOf(index, leaves.length, inclusionProof(leaves, index)),
      };
    });
};

/**
 * The file. Refusals: `no-credits` where the member was credited nothing in these steps up to the final block,
 * `proof-incomplete` where the hand-overs that are known do not lead to it, or one has no proof.
 */
export const makeBundle = (materials: Materials, ask: BundleAsk): Result<Uint8Array> => {
  const { signed, state, history } = materials;
  const { height } = materials.final.header;
  const trust = fewestHops(firstVoters(signed.contract), communityId(signed.contract), materials.hops, materials.final);
  if (trust === null)
    return refuse(
      "proof-incomplete",
      "This device does not have every proof of how the voters changed yet, and asks for them; wait until a neighbour that has them is connected, and try again.",
      "ignore",
    );
  const blocks = materials.blocks.flatMap((block): BlockProof[] => {
    const credits = block.header.height < height ? creditsOf(block, ask) : [];
    return credits.length === 0 ? [] : [{ header: block.header, credits }];
  });
  if (blocks.length === 0)
    return refuse("no-credits", "Nothing that is final was credited to you in this time.", "ignore");
  const credits = blocks.flatMap((block) => block.credits);
  const heights = blocks.map((block) => block.header.height);
  return ok(
    encodeBundle({
      claim: { ...ask, mwh: mwh(credits.reduce((sum, { tx }) => sum + shareOf(tx, ask), 0)) },
      contract: signed,
      ...trust,
      members: membersOf(state, new Set([ask.member, ...credits.map(({ tx }) => tx.signer)])),
      blocks,
      history: history.beside(heights, height),
    }),
  );
};
