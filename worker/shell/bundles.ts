/**
 * Proof bundles on this device (settlement/bundle.ts): made from its chain and disk for its own member, checked for
 * anybody who opens one, with or without a community. Reads, never changes.
 */
import { fromHex } from "../base/bytes.ts";
import { HistoryTree } from "../base/history-tree.ts";
import { leafHash } from "../base/merkle.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { MemberIndex, StepIndex } from "../base/units.ts";
import { endOf } from "../community/market-step.ts";
import type { Block } from "../consensus/block.ts";
import { key } from "../ledger/rows.ts";
import { latestCertificate } from "../node/certifier.ts";
import type { Core } from "../node/core.ts";
import { BUNDLE_EXTENSION, openBundle } from "../settlement/bundle.ts";
import { checkBundleSoon } from "../settlement/bundle-check.ts";
import { hasCredit, makeBundle, type BundleAsk } from "../settlement/bundle-maker.ts";
import type { Store } from "../storage/store.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import type { Device } from "./device.ts";
import { handOversFrom0 } from "./hand-overs.ts";
import { blockAt, heightFor, ownMember } from "./lookup.ts";

type Reader = Pick<Store, "get" | "entries">;

/** What is final never changes: each node's tree only grows. */
const trees = new WeakMap<Core, HistoryTree>();
const historyOf = (core: Core, size: number): HistoryTree => {
  const tree = trees.get(core) ?? new HistoryTree();
  trees.set(core, tree);
  for (let height = tree.size; height < size; height++) {
    const hash = core.summaries.hashOf(height);
    if (hash === undefined) break;
    tree.append(leafHash(fromHex(hash)));
  }
  return tree;
};

const MISSING = refuse(
  "proof-missing",
  "This device does not keep everything that this proof needs; make it on one that keeps the whole chain.",
  "ignore",
);

/** Blocks that may credit the period: from its first step's to the last that can still book to it. */
const blocksOf = async (core: Core, store: Reader, ask: BundleAsk): Promise<Block[] | null> => {
  const { final } = core.chain;
  const closes = ask.to + core.contract.lateWindow;
  const blocks: Block[] = [];
  const begin = await heightFor(core, store, ask.from);
  if (begin === null) return null;
  // The first block at or after that closes the period's last step, however long none was made before it.
  let before = 0;
  for (let height = begin; height < final.header.height; height++) {
    if (before >= closes) break;
    const block = await blockAt(core, store, height);
    if (block === undefined) return null;
    before = block.header.step;
    if (hasCredit(block, ask)) blocks.push(block);
  }
  return blocks;
};

/**
 * The file of a period that lies before the last final block, as this node has it now. Refusals: `proof-early`,
 * `proof-missing`, and those of makeBundle.
 */
export const bundleOf = async (core: Core, store: Reader, ask: BundleAsk): Promise<Result<Uint8Array>> => {
  const [hops, blocks] = [await handOversFrom0(store), await blocksOf(core, store, ask)];
  // From here on nothing waits: the state that is looked at is the node's own, and goes on with its chain.
  const { chain } = core;
  const final = latestCertificate(core);
  if (final === null)
    return refuse("proof-early", "No step is final yet, or its votes are not here; try after the next step.", "ignore");
  const history = historyOf(core, final.header.height);
  if (blocks === null || history.size < final.header.height) return MISSING;
  const state = chain.tree.viewAt(chain.state, chain.head, chain.final);
  return makeBundle({ signed: core.signed, hops, final, state, history, blocks }, ask);
};

const nameOf = (community: string, from: number, to: number, member?: number): string => {
  const words = community
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, "-")
    .replace(/^-|-$/gu, "");
  const parts = [words === "" ? "commonwatt" : words, ...(member === undefined ? [] : [`member-${member}`])];
  return `${[...parts, from === to ? from : `${from}-${to}`].join("-")}${BUNDLE_EXTENSION}`;
};

/** A file for one member, this device's own where none is named, of what lies before the last final block. */
export const ownBundle = async (device: Device, ask: Ask<"make-bundle">): Answer<"make-bundle"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core } = node.value;
  const member = ask.member ?? ownMember(core)?.index;
  if (member === undefined) return refuse("not-member", "This device is no member of the community.", "ignore");
  if (core.chain.state.get("member", key(member)) === undefined)
    return refuse("member-unknown", "This is not a member of the community.", "ignore");
  const to = Math.min(ask.to, core.chain.final.header.step - 1);
  const from = Math.max(1, ask.from);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to)
    return refuse(
      "proof-not-final",
      "This step cannot be proven yet; it can once the step after it is final.",
      "ignore",
    );
  const period: BundleAsk = { member: member as MemberIndex, from: from as StepIndex, to: to as StepIndex };
  const bytes = await bundleOf(core, device.store, period);
  const name = nameOf(core.contract.name, from, to, ask.member);
  if (!bytes.ok) return bytes;
  const opened = openBundle(bytes.value);
  if (!opened.ok) return opened;
  return ok({ name, bytes: bytes.value, mwh: opened.value.bundle.claim.mwh, end: endOf(core.contract, to) });
};

/** Of anybody's file, with or without a community on this device. */
export const readBundle = async (_device: Device, { bytes }: Ask<"check-bundle">): Answer<"check-bundle"> =>
  checkBundleSoon(bytes);
