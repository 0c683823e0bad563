/**
 * Puts together what proves to others that a block is final (PROTOCOL.md §8): while its votes are still at hand, of every
 * block that ends a voter set, for the disk; of the last final one, when somebody asks. Knows the chain and the pool.
 */
import type { Hash, MemberIndex } from "../base/units.ts";
import { encode } from "../base/codec.ts";
import { changeOf, hopCodec, MAX_ABOVE, votersIn, type Certificate, type VoterSet } from "../consensus/certificate.ts";
import { hashOf, MAX_VOTE_GROUPS } from "../consensus/block.ts";
import type { Tree, TreeNode } from "../consensus/tree.ts";
import { bitfieldOf, membersOf, targetOf, type Target, type VoteGroup } from "../consensus/vote.ts";
import type { Core } from "./core.ts";
import { hopKey } from "./disk.ts";

/** What votes are looked for in. */
type Sources = Pick<Core, "pool" | "bls"> & { readonly chain: { readonly tree: Tree } };
/** Votes for one thing whose signatures are one: of a block, or a single one that was heard. */
type Share = { readonly target: Target; readonly members: readonly MemberIndex[]; readonly signature: Uint8Array };
/** Of one set and round. Single votes can be put together as one likes, sums only where they do not overlap. */
type Shares = { readonly heard: readonly Share[]; readonly carried: readonly Share[] };

/** Sums with which it is tried to begin, where what comes first does not leave room for a quorum. */
const MAX_TRIES = 16;

/** Who was a member first is likeliest to be known to whoever asks, who may have trusted an earlier set. */
const byMember = (a: Share, b: Share): number => (a.members[0] ?? 0) - (b.members[0] ?? 0);

/** Confirmations that voters gave in this set, by round. Only with the keys that count there: others make a sum false. */
const sharesOf = ({ pool, chain }: Sources, { set, voters }: VoterSet, finalised: readonly TreeNode[]) => {
  const keys = new Map(voters.map((v) => [v.member, v.key]));
  const rounds = new Map<number, { heard: Share[]; carried: Share[] }>();
  const add = (kind: keyof Shares, share: Share): void => {
    const { target, members } = share;
    if (target.kind !== "confirmation" || target.set !== set || members.length === 0) return;
    if (!members.every((m) => keys.has(m))) return;
    const round = rounds.get(target.round) ?? { heard: [], carried: [] };
    rounds.set(target.round, round);
    round[kind].push(share);
  };
  for (const { votes } of pool.voteGroups())
    for (const vote of votes.values())
      if (pool.votedWith.get(vote) === keys.get(vote.member))
        add("heard", { target: targetOf(vote), members: [vote.member], signature: vote.signature });
  for (const { block } of new Set([...finalised, ...chain.tree.nodes()]))
    for (const group of block.votes)
      add("carried", {
        target: targetOf(group),
        members: membersOf(group.voters) ?? [],
        signature: group.signature,
      });
  for (const { heard, carried } of rounds.values()) {
    heard.sort(byMember);
    carried.sort((a, b) => b.members.length - a.members.length);
  }
  return rounds;
};

/**
 * The lines of blocks that confirmations of one round may lie on to make `node` final, shortest first: from it to a block
 * that some name, which need not be on the head's chain.
 */
const linesFrom = ({ chain: { tree } }: Sources, node: TreeNode, { heard, carried }: Shares): TreeNode[][] => {
  const tops = new Set([...heard, ...carried].map(({ target }) => target.block));
  const lines = [[node]];
  for (const top of tops) {
    const at = tree.get(top);
    if (at === undefined || at === node || !tree.isAncestor(node, at)) continue;
    const line = [node, ...tree.path(node, at)];
    if (line.length <= MAX_ABOVE + 1) lines.push(line);
  }
  return lines.toSorted((a, b) => a.length - b.length);
};

/** Shares of a quorum, the first come first, nobody counted twice; null where these do not give one. */
const choose = (shares: readonly Share[], quorum: number): Share[] | null => {
  const counted = new Set<MemberIndex>();
  const chosen: Share[] = [];
  for (const share of shares) {
    if (counted.size >= quorum) break;
    if (share.members.some((m) => counted.has(m))) continue;
    for (const m of share.members) counted.add(m);
    chosen.push(share);
  }
  return counted.size >= quorum ? chosen : null;
};

/** One group a target, from the lowest block of the line up; or the block whose votes cancel each other. */
const added = ({ bls }: Sources, line: readonly TreeNode[], chosen: readonly Share[]): VoteGroup[] | Hash => {
  const groups: VoteGroup[] = [];
  for (const { hash } of line) {
    const all = chosen.filter((s) => s.target.block === hash);
    const [first] = all;
    if (first === undefined) continue;
    const signature = bls.aggregate(all.map((s) => s.signature));
    if (signature === null) return hash;
    groups.push({ ...first.target, voters: bitfieldOf(all.flatMap((s) => s.members)), signature });
  }
  return groups;
};

const groupsOn = (
  from: Sources,
  line: readonly TreeNode[],
  { heard, carried }: Shares,
  quorum: number,
): VoteGroup[] => {
  const starts = [[], carried, ...carried.slice(0, MAX_TRIES).map((sum) => [sum])];
  for (const start of starts) {
    const chosen = choose([...start, ...heard, ...carried], quorum);
    const groups = chosen === null ? [] : added(from, line, chosen);
    if (typeof groups === "string") {
      // Of members who agreed on opposite keys: they prove nothing.
      const isLeft = (s: Share): boolean => s.target.block !== groups;
      return groupsOn(from, line, { heard: heard.filter(isLeft), carried: carried.filter(isLeft) }, quorum);
    }
    if (groups.length > 0 && groups.length <= MAX_VOTE_GROUPS) return groups;
  }
  return [];
};

/**
 * That `node` is final, by those who judge it. Null where the votes that made it so are not at hand as signatures any more:
 * they may have come before a restart.
 */
export const certify = (
  from: Sources,
  node: TreeNode,
  voters: VoterSet,
  finalised: readonly TreeNode[],
): Certificate | null => {
  for (const shares of sharesOf(from, voters, finalised).values())
    for (const line of linesFrom(from, node, shares)) {
      const steps = new Map<Hash, number>(line.map(({ hash, header }) => [hash, header.step]));
      const isOnIt = ({ target }: Share): boolean => steps.get(target.block) === target.step;
      const [heard, carried] = [shares.heard.filter(isOnIt), shares.carried.filter(isOnIt)];
      const votes = groupsOn(from, line, { heard, carried }, voters.quorum);
      const highest = line.findIndex(({ hash }) => hash === votes.at(-1)?.block);
      if (highest >= 0) return { header: node.header, above: line.slice(1, highest + 1).map((n) => n.header), votes };
    }
  return null;
};

/** Those of `voters` whom `known` has with the same key: their votes alone convince whoever trusts `known`. */
const among = (voters: VoterSet, known: VoterSet): VoterSet => {
  const keys = new Map(known.voters.map((v) => [v.member, v.key]));
  return {
    set: voters.set,
    quorum: Math.max(voters.quorum, known.quorum),
    voters: voters.voters.filter((v) => keys.get(v.member) === v.key),
  };
};
/**
 * Of the last final block, for whoever trusts `known`; by itself for its own voters. Null at the genesis, which needs
 * none, and while such votes are not at hand.
 */
export const latestCertificate = (core: Core, known: VoterSet | null = null): Certificate | null => {
  const { tree, state, head, final } = core.chain;
  if (final.header.height === 0) return null;
  // A chain that began with a snapshot has no delta of its first block: who voted on it says what proved it.
  if (final.delta.length === 0) {
    const { beginning } = core;
    return beginning !== null && hashOf(beginning.header) === final.hash ? beginning : null;
  }
  const draft = tree.viewAt(state, head, final);
  draft.lay(final.delta, "undo");
  const voters = votersIn(draft);
  return certify(core, final, known === null ? voters : among(voters, known), []);
};

/**
 * Writes the hop over each block that ends a set, oldest first: to be called while the votes that made `finalised` final
 * are at hand. Where they are not, or where it took somebody who voted twice, the hop has no votes: it proves nothing, but
 * who counts on from set to set still finds who voted next, and later sets can be proved to those of this one.
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
    const certificate = certify(core, node, before, finalised) ?? { header: node.header, above: [], votes: [] };
    core.out.commit("chain", hopKey(before.set), encode(hopCodec, { certificate, next: changeOf(before, after) }));
  }
};
