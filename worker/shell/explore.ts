/**
 * Looking around in the chain (worker/port-explore.ts): pages of blocks, and searches by step, time, member and hash. Lines
 * of the whole chain are in memory; entries are in the blocks on the disk, which are read in parts, so that the node goes on
 * with its own work between two. Reads, never changes.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { endOf, startOf, stepAt } from "../community/market-step.ts";
import { key } from "../ledger/rows.ts";
import { idOf, type Tx } from "../ledger/transaction.ts";
import type { Block } from "../consensus/block.ts";
import { blockIn, heightRange } from "../node/disk.ts";
import type { Core } from "../node/core.ts";
import type { Summary } from "../node/lines.ts";
import type { ChainPage, ChainPageAsk, FindAsk, Found, FindView } from "../port-explore.ts";
import type { Store } from "../storage/store.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import { txView } from "./details.ts";
import type { Device } from "./device.ts";
import type { Forks } from "./forks.ts";
import { blockFor } from "./lookup.ts";
import { blockView } from "./view.ts";

/** Blocks of a page at most; hits of a search; blocks whose entries are read at once. */
export const PAGE_BLOCKS = 60;
export const MAX_FOUND = 24;
export const BODIES_AT_ONCE = 128;
/** Fewer digits of a hash would be found everywhere. */
export const FEWEST_DIGITS = 4;

type Held = Pick<ChainPage, "firstStep" | "began">;
/** The genesis closes no step: the first is that of the block after it. */
const heldOf = ({ summaries }: Core): Held => {
  const first = Math.max(1, summaries.first);
  return { firstStep: summaries.stepOf(first) ?? 1, began: summaries.first > 0 };
};
const lowest = ({ summaries }: Core): number => Math.max(1, summaries.first);
const isHeight = (n: number | null): boolean => n === null || (Number.isSafeInteger(n) && n >= 0);

export const pageOf = (core: Core, forks: Forks, { below, count }: ChainPageAsk): Result<ChainPage> => {
  const { summaries } = core;
  if (!isHeight(below) || !isHeight(count)) return refuse("step-unknown", "There is no such market step.", "ignore");
  const to = Math.min(below ?? Infinity, summaries.length);
  const from = Math.max(lowest(core), to - Math.min(Math.max(1, count), PAGE_BLOCKS));
  const blocks = summaries.slice(from, to).toReversed();
  return ok({
    blocks: blocks.map((line) => blockView(core, line)),
    forks: forks.views(core, from, below === null ? Infinity : to - 1),
    next: from > lowest(core) ? from : null,
    ...heldOf(core),
  });
};

const foundLine = (core: Core, line: Summary, why: Found["why"]): Found => ({
  step: line.step,
  end: endOf(core.contract, line.step),
  block: blockView(core, line),
  why,
  transaction: null,
});

/** The step itself, and the block that took it up where it has none of its own. */
const findStep = (core: Core, step: number): Result<FindView> => {
  const running = stepAt(core.contract, core.now);
  if (!Number.isSafeInteger(step) || step < 1 || step > running)
    return refuse("step-unknown", "There is no such market step.", "ignore");
  const line = blockFor(core, step);
  const held = heldOf(core);
  const own: Found =
    line?.step === step
      ? foundLine(core, line, "asked")
      : { step, end: endOf(core.contract, step), block: null, why: "asked", transaction: null };
  return ok({ found: [own], next: null, bodiless: 0, ...held });
};

/** The step that a moment lies in. */
const findTime = (core: Core, at: number): Result<FindView> => {
  const { contract } = core;
  if (!Number.isFinite(at) || at < startOf(contract, 1) || at > core.now)
    return refuse("time-outside", "The chain has no step at that time; choose one since its beginning.", "ignore");
  return findStep(core, Math.max(1, stepAt(contract, at)));
};

/** Steps that a member wrote down, or owed as far as the chain still says so. */
const findMember = (core: Core, member: number, below: number | null): Result<FindView> => {
  const { summaries, chain } = core;
  if (chain.state.get("member", key(member)) === undefined)
    return refuse("member-unknown", "This is not a member of the community.", "ignore");
  const found: Found[] = [];
  let at = Math.min(below ?? Infinity, summaries.length);
  while (at > lowest(core) && found.length < MAX_FOUND) {
    at -= 1;
    const line = summaries.get(at);
    if (line === undefined) continue;
    if (line.miner === member) found.push(foundLine(core, line, "wrote"));
    else if (chain.state.get("incident", key(line.step))?.owed.some((one) => one === member))
      found.push(foundLine(core, line, "owed"));
  }
  return ok({ found, next: at > lowest(core) ? at : null, bodiless: 0, ...heldOf(core) });
};

/** Blocks of the main chain at heights from one to below another, by height; those that this device has. */
export const bodiesBetween = async (
  core: Core,
  store: Pick<Store, "entries">,
  from: number,
  to: number,
): Promise<Map<number, Block>> => {
  const found = new Map<number, Block>();
  for (const [name, raw] of await store.entries("chain", heightRange("body", from, to))) {
    const [, height = "", hash] = name.split("/");
    const block = core.summaries.get(Number(height))?.hash === hash ? blockIn(name, raw) : null;
    if (block !== null) found.set(Number(height), block);
  }
  // What is not written yet is in the tree.
  for (const line of core.summaries.slice(from, to)) {
    const block = found.has(line.height) ? undefined : core.chain.tree.get(line.hash)?.block;
    if (block !== undefined) found.set(line.height, block);
  }
  return found;
};

const matching = (core: Core, block: Block, prefix: string): Tx[] =>
  block.txs.filter(({ body }) => idOf(body, core.chain.community).startsWith(prefix));

/** Entries and blocks whose hash begins so, among the BODIES_AT_ONCE blocks below a height. */
const findHash = async (
  core: Core,
  store: Pick<Store, "entries">,
  asked: string,
  below: number | null,
): Promise<Result<FindView>> => {
  const prefix = asked.toLowerCase();
  if (!/^[0-9a-f]{1,64}$/u.test(prefix) || prefix.length < FEWEST_DIGITS)
    return refuse("hash-short", "Enter at least four digits of the hash, 0 to 9 and a to f.", "ignore");
  const to = Math.min(below ?? Infinity, core.summaries.length);
  const from = Math.max(lowest(core), to - BODIES_AT_ONCE);
  const bodies = await bodiesBetween(core, store, from, to);
  const found: Found[] = [];
  let bodiless = 0;
  for (const line of core.summaries.slice(from, to).toReversed()) {
    if (line.hash.startsWith(prefix)) found.push(foundLine(core, line, "block"));
    const block = bodies.get(line.height);
    if (block === undefined) bodiless += 1;
    else
      for (const tx of matching(core, block, prefix))
        found.push({ ...foundLine(core, line, "entry"), transaction: txView(core, block, tx) });
  }
  return ok({
    found: found.slice(0, MAX_FOUND),
    next: from > lowest(core) && found.length < MAX_FOUND ? from : null,
    bodiless,
    ...heldOf(core),
  });
};

export const findIn = async (core: Core, store: Pick<Store, "entries">, ask: FindAsk): Promise<Result<FindView>> => {
  switch (ask.kind) {
    case "step":
      return findStep(core, ask.step);
    case "time":
      return findTime(core, ask.at);
    case "member":
      return isHeight(ask.below) ? findMember(core, ask.member, ask.below) : findStep(core, 0);
    case "hash":
      return isHeight(ask.below) ? findHash(core, store, ask.prefix, ask.below) : findStep(core, 0);
  }
};

export const chainPage = async (device: Device, ask: Ask<"chain-page">): Answer<"chain-page"> => {
  const node = nodeOf(device);
  return node.ok ? pageOf(node.value.core, device.forks, ask) : node;
};
export const findSteps = async (device: Device, ask: Ask<"find-steps">): Answer<"find-steps"> => {
  const node = nodeOf(device);
  return node.ok ? findIn(node.value.core, device.store, ask) : node;
};
