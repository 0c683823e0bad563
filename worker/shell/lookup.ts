/** Finding things in a node for screens: blocks by step, stages, names. Reads, never changes. */
import type { MemberIndex, PublicKey } from "../base/units.ts";
import { endOf, gateClosure, gateOpening, stepAt } from "../community/market-step.ts";
import type { Block } from "../consensus/block.ts";
import { key, numberOf, type MemberRow } from "../ledger/rows.ts";
import type { Action } from "../ledger/transaction.ts";
import { blockIn, blockKey } from "../node/disk.ts";
import type { Core } from "../node/core.ts";
import type { Summary } from "../node/lines.ts";
import type { BlockView, StepStage } from "../port.ts";
import type { Store } from "../storage/store.ts";

/** The main-chain block that closes `step` or, where that step has none, the first after it. */
export const blockFor = (core: Core, step: number): Summary | undefined => {
  const { summaries } = core;
  let low = Math.max(1, summaries.first);
  let high = summaries.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((summaries.stepOf(mid) ?? Infinity) < step) low = mid + 1;
    else high = mid;
  }
  return summaries.get(low);
};

/** A block of the main chain, from the tree or the disk; none where it was pruned or its row is damaged. */
export const blockOf = async (core: Core, store: Pick<Store, "get">, line: Summary): Promise<Block | undefined> => {
  const node = core.chain.tree.get(line.hash);
  if (node !== undefined) return node.block;
  const row = await store.get("chain", blockKey(line.height, line.hash));
  return row === undefined ? undefined : (blockIn(blockKey(line.height, line.hash), row) ?? undefined);
};

/** The same by its height, also below the first line; none where it was pruned, its row is damaged, or its hash not known. */
export const blockAt = async (core: Core, store: Pick<Store, "get">, height: number): Promise<Block | undefined> => {
  const hash = core.summaries.hashOf(height);
  if (hash === undefined) return undefined;
  const node = core.chain.tree.get(hash);
  if (node !== undefined) return node.block;
  const row = await store.get("chain", blockKey(height, hash));
  return row === undefined ? undefined : (blockIn(blockKey(height, hash), row) ?? undefined);
};

/**
 * The height of what `blockFor` finds, one above the head where there is none. Below the first line blocks on disk tell
 * their steps; null where those that would tell are not here.
 */
export const heightFor = async (core: Core, store: Pick<Store, "get">, step: number): Promise<number | null> => {
  const { summaries } = core;
  const { first } = summaries;
  if (first === 0 || step > (summaries.stepOf(first) ?? Infinity))
    return blockFor(core, step)?.height ?? summaries.length;
  const stepOf = async (height: number): Promise<number | undefined> =>
    summaries.stepOf(height) ?? (await blockAt(core, store, height))?.header.step;
  let [low, high] = [1, first];
  while (low < high) {
    const middle = (low + high) >> 1;
    // What is not here any more is the oldest.
    if (((await stepOf(middle)) ?? -1) < step) low = middle + 1;
    else high = middle;
  }
  return low === 1 || (await stepOf(low - 1)) !== undefined ? low : null;
};

/** When a state of affairs began that the chain dates by a step: at the end of that step. */
export const timeOf = (core: Core, step: number): number => endOf(core.contract, step);

/** This device's own member, also once it has left (then `core.me` is null); null while it is none, or none any more. */
export const ownMember = (core: Core): { readonly index: number; readonly row: MemberRow } | null => {
  const found = core.chain.state.scan("member").find(([, row]) => row.key === core.keys.memberKey);
  return found === undefined ? null : { index: numberOf(found[0]), row: found[1] };
};

export const isOnline = (core: Core, member: MemberIndex | number): boolean => {
  if (member === core.me) return true;
  const memberKey = core.chain.state.get("member", key(member))?.key;
  return [...core.peers.values()].some((p) => p.identity.key === memberKey);
};

const SHORT_KEY = 6;
export const nameOfKey = (core: Core, memberKey: PublicKey): string =>
  core.names.get(memberKey)?.name ?? memberKey.slice(0, SHORT_KEY);
export const nameOfMember = (core: Core, member: MemberIndex | number): string => {
  const row = core.chain.state.get("member", key(member));
  return row === undefined ? `#${member}` : nameOfKey(core, row.key);
};
/** A generator is called as its owner's meter when it is ours, else by its owner and number. */
export const nameOfGenerator = (core: Core, index: number): string => {
  const row = core.chain.state.get("generator", key(index));
  if (row === undefined) return `#${index}`;
  const own = [...core.desk.meters.values()].find((m) => m.key === row.terms.key);
  return own?.label ?? `${nameOfMember(core, row.terms.owner)} · ${row.terms.key.slice(-3)}`;
};

export const blockStage = (core: Core, line: Summary): BlockView["stage"] => {
  if (line.height <= core.chain.final.header.height) return "final";
  const node = core.chain.tree.get(line.hash);
  const approvals = node === undefined ? line.approvals : core.chain.finality.approvalsOf(node);
  return approvals >= core.chain.finality.quorum ? "approved" : "block";
};

export const stageOf = (core: Core, step: number, now: number): StepStage => {
  const line = blockFor(core, step);
  if (line !== undefined) return blockStage(core, line);
  const { contract } = core;
  const running = stepAt(contract, now);
  if (step < running) return "waiting";
  if (core.winnerFor(running) !== undefined && now >= gateClosure(contract, running)) return "winner";
  return now >= gateOpening(contract, running) ? "candidates" : "measuring";
};

/** A step's figures can no longer change once the block at step + late window is final. */
export const isClosed = (core: Core, step: number): boolean => areClosed(core, step, step);
/** The same of all steps from one to another, both included: what waits to be shared may lie anywhere among them. */
export const areClosed = (core: Core, first: number, last: number): boolean =>
  core.chain.final.header.step >= last + core.contract.lateWindow &&
  !core.chain.state.scan("energy").some(([, row]) => row.step >= first && row.step <= last);

/** The new key that a proposal brings in, if any: of a member, of a meter, or of either's new device. */
const newKeyOf = (action: Action): string | null => {
  if (action.kind === "member" || action.kind === "generator") return action.terms.key;
  return action.kind === "rotate" || action.kind === "meter" ? action.key : null;
};

/** Whether a proposal that brings in this key is open, on chain or on its way there. */
export const isProposed = (core: Core, subject: string): boolean => {
  const isIt = (action: Action): boolean => newKeyOf(action) === subject;
  return (
    core.chain.state.scan("proposal").some(([, p]) => isIt(p.action)) ||
    [...core.pool.others.values()].some(({ body }) => body.kind === "proposal" && isIt(body.action))
  );
};

/** Own proposals that no block has taken up yet. */
export const onTheWay = (core: Core): number =>
  [...core.pool.others.entries()].filter(
    ([id, { body }]) =>
      body.kind === "proposal" && body.member === core.me && core.chain.state.get("proposal", id) === undefined,
  ).length;

/** What this member said to a proposal and of which step, also while its ballot is on its way to the chain. */
export const ownBallot = (core: Core, proposal: string): { readonly yes: boolean; readonly step: number } | null => {
  const sent = [...core.pool.others.values()].flatMap(({ body }) =>
    body.kind === "ballot" && body.member === core.me && body.proposal === proposal ? [body] : [],
  );
  const booked = core.chain.state.get("proposal", proposal)?.ballots.find((b) => b.member === core.me);
  return sent.at(-1) ?? booked ?? null;
};
