/**
 * Puts together what proves to others that a block is final (PROTOCOL.md §8): while its votes are still at hand, of every
 * block that ends a voter set, for the disk; of the last final one, when somebody asks. Knows the chain and the pool.
 */
import type { Hash, MemberIndex } from "../base/units.ts";
import { encode } from "../base/codec.ts";
import { changeOf, hopCodec, MAX_ABOVE, votersIn, type Certificate, type VoterSet } from "../consensus/certificate.ts";
import { MAX_VOTE_GROUPS, type Header } from "../consensus/block.ts";
import type { TreeNode } from "../consensus/tree.ts";
import { bitfieldOf, membersOf, targetOf, type Target, type VoteGroup } from "../consensus/vote.ts";
import type { Core } from "./core.ts";
import { hopKey } from "./disk.ts";

/** Votes for one thing whose signatures are one: of a block, or a single one that was heard. */
type Share = { readonly target: Target; readonly members: readonly MemberIndex[]; readonly signature: Uint8Array };

/** The blocks that confirmations of the set may name to make `node` final: itself, and what lies above on the head's chain. */
const lineFrom = ({ chain }: Core, node: TreeNode, set: number): TreeNode[] => {
  const above = chain.tree.isAncestor(node, chain.head) ? chain.tree.path(node, chain.head) : [];
  const line = [node];
  let below = node;
  for (const next of above.slice(0, MAX_ABOVE)) {
    if (below.voters.set !== set) break;
    line.push(next);
    below = next;
  }
  return line;
};

const sharesOf = (core: Core, finalised: readonly TreeNode[], isOurs: (t: Target) => boolean): Share[] => {
  const heard = core.pool.voteGroups().flatMap(({ target, votes }) => {
    if (!isOurs(target)) return [];
    // Who was a member first is likeliest to be known to whoever asks, who may have trusted an earlier set.
    const inOrder = [...votes.values()].toSorted((a, b) => a.member - b.member);
    return inOrder.map((vote): Share => ({ target, members: [vote.member], signature: vote.signature }));
  });
  const nodes = new Set([...finalised, ...core.chain.tree.nodes()]);
  const carried = [...nodes].flatMap(({ block }) =>
    block.votes.flatMap((group): Share[] =>
      isOurs(group)
        ? [{ target: targetOf(group), members: membersOf(group.voters) ?? [], signature: group.signature }]
        : [],
    ),
  );
  return [...heard, ...carried.toSorted((a, b) => b.members.length - a.members.length)];
};

/** Shares of a quorum, nobody counted twice; null where these do not give one. */
const choose = (shares: readonly Share[], { voters, quorum }: VoterSet): Share[] | null => {
  const open = new Set(voters.map((v) => v.member));
  const chosen: Share[] = [];
  for (const share of shares) {
    if (voters.length - open.size >= quorum) break;
    if (share.members.length === 0 || !share.members.every((m) => open.has(m))) continue;
    for (const m of share.members) open.delete(m);
    chosen.push(share);
  }
  return voters.length - open.size >= quorum ? chosen : null;
};

/** One group a target. */
const added = ({ bls }: Core, chosen: readonly Share[]): VoteGroup[] => {
  const groups: VoteGroup[] = [];
  for (const block of new Set(chosen.map((s) => s.target.block))) {
    const [first, ...rest] = chosen.filter((s) => s.target.block === block);
    if (first === undefined) continue;
    const all = [first, ...rest];
    const signature = bls.aggregate(all.map((s) => s.signature));
    // Of members who agreed on opposite keys: they prove nothing.
    if (signature === null) return [];
    groups.push({ ...first.target, voters: bitfieldOf(all.flatMap((s) => s.members)), signature });
  }
  return groups;
};

/** Null where the votes that made it final are not at hand as signatures any more: they may have come before a restart. */
const certify = (core: Core, node: TreeNode, voters: VoterSet, finalised: readonly TreeNode[]): Certificate | null => {
  const line = lineFrom(core, node, voters.set);
  const steps = new Map<Hash, number>(line.map(({ hash, header }) => [hash, header.step]));
  const isOurs = (t: Target): boolean =>
    t.kind === "confirmation" && t.set === voters.set && steps.get(t.block) === t.step;
  const shares = sharesOf(core, finalised, isOurs);
  for (const round of new Set(shares.map((s) => s.target.round))) {
    const ofRound = shares.filter((s) => s.target.round === round);
    // Single votes can be put together as one likes; where they are not enough, the sums that blocks carry come first.
    const chosen = choose(ofRound, voters) ?? choose(ofRound.toReversed(), voters);
    const votes = chosen === null ? [] : added(core, chosen);
    if (votes.length === 0 || votes.length > MAX_VOTE_GROUPS) continue;
    const highest = Math.max(...line.map(({ hash }, i) => (votes.some((v) => v.block === hash) ? i : 0)));
    const above: Header[] = line.slice(1, highest + 1).map(({ header }) => header);
    return { header: node.header, above, votes };
  }
  return null;
};

/** Of the last final block. Null at the genesis, which needs none, and while its votes are not at hand. */
export const latestCertificate = (core: Core): Certificate | null => {
  const { tree, state, head, final } = core.chain;
  if (final.header.height === 0) return null;
  const draft = tree.viewAt(state, head, final);
  draft.lay(final.delta, "undo");
  // A chain that began with a snapshot has no delta of its first block: then who voted on it is not known here.
  const voters = final.delta.length === 0 ? null : votersIn(draft);
  return voters === null ? null : certify(core, final, voters, []);
};

/**
 * Writes the hop over each block that ends a set, oldest first: to be called while the votes that made `finalised` final
 * are at hand. One that cannot be made is left out; others have it.
 */
export const writeHops = (core: Core, finalised: readonly TreeNode[]): void => {
  const ends = finalised.filter(({ voters, header }) => voters.since === header.step);
  if (ends.length === 0) return;
  const { tree, state, head, final } = core.chain;
  const draft = tree.viewAt(state, head, final);
  for (const node of finalised.toReversed()) {
    const after = ends.includes(node) ? votersIn(draft) : null;
    draft.lay(node.delta, "undo");
    if (after === null) continue;
    const before = votersIn(draft);
    const certificate = certify(core, node, before, finalised);
    if (certificate === null) continue;
    core.out.commit("chain", hopKey(before.set), encode(hopCodec, { certificate, next: changeOf(before, after) }));
  }
};
