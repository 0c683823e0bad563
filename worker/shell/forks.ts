/**
 * Branches of the chain that lost, as this device saw them: blocks beside the main chain leave the tree once their rivals
 * are final (PROTOCOL.md §7), and with them all trace. Keeps a line of each on the disk, for the curious. What happened
 * while this device was away it does not know.
 */
import { branded, decode, encode, hex, struct, uint, type Codec } from "../base/codec.ts";
import type { Hash, MemberIndex } from "../base/units.ts";
import type { TreeNode } from "../consensus/tree.ts";
import type { Core } from "../node/core.ts";
import type { ForkView, SideBlock } from "../port-explore.ts";
import { StoreError, type Op, type Store } from "../storage/store.ts";
import { nameOfMember, timeOf } from "./lookup.ts";

/** Lines that are kept: the newest. */
export const FORKS_KEPT = 256;

export type SideLine = {
  readonly hash: Hash;
  readonly parent: Hash;
  readonly step: number;
  readonly height: number;
  readonly miner: MemberIndex;
  readonly rank: number;
  readonly transactions: number;
  readonly generatedMwh: number;
  /** The most that approved it at one time. */
  readonly approvals: number;
};
const codec: Codec<SideLine> = struct({
  hash: hex<Hash>(32),
  parent: hex<Hash>(32),
  step: uint,
  height: uint,
  miner: branded<MemberIndex>(),
  rank: uint,
  transactions: uint,
  generatedMwh: uint,
  approvals: uint,
});
const ROWS = "fork/";
const rowKey = ({ height, hash }: SideLine): string => `${ROWS}${String(height).padStart(10, "0")}/${hash}`;
const byHeight = (a: SideLine, b: SideLine): number => a.height - b.height || (a.hash < b.hash ? -1 : 1);

const lineOf = (core: Core, node: TreeNode, known: SideLine | undefined): SideLine => ({
  hash: node.hash,
  parent: node.header.parent,
  step: node.header.step,
  height: node.header.height,
  miner: node.header.miner,
  rank: node.header.rank,
  transactions: node.block.txs.length,
  generatedMwh: node.block.txs.reduce(
    (sum, { body }) => sum + (body.kind === "generation" ? body.to - body.from : 0),
    0,
  ),
  approvals: Math.max(known?.approvals ?? 0, core.chain.finality.approvalsOf(node)),
});

export class Forks {
  readonly #store: Store;
  /** Lost for good, by hash. */
  #lost = new Map<Hash, SideLine>();
  /** Beside the main chain now. */
  #open = new Map<Hash, SideLine>();
  #seen = -1;
  #head = "";

  constructor(store: Store) {
    this.#store = store;
  }
  /** @throws StoreError `corrupt` when a row is damaged. */
  async load(): Promise<void> {
    this.forget();
    for (const [, raw] of await this.#store.entries("own", { from: ROWS, to: "fork0" })) {
      const line = decode(codec, raw, "fork");
      if (!line.ok) throw new StoreError("corrupt");
      this.#lost.set(line.value.hash, line.value);
    }
  }
  /** Notices what stands beside the main chain, and what no longer does. */
  async look(core: Core): Promise<void> {
    const { tree, head } = core.chain;
    if (tree.version === this.#seen && head.hash === this.#head) return;
    [this.#seen, this.#head] = [tree.version, head.hash];
    const before = this.#open;
    this.#open = new Map();
    for (const node of tree.nodes())
      if (!core.summaries.has(node.hash)) this.#open.set(node.hash, lineOf(core, node, before.get(node.hash)));
    const gone = [...before.values()].filter(({ hash }) => !tree.get(hash) && !core.summaries.has(hash));
    if (gone.length === 0) return;
    for (const line of gone) this.#lost.set(line.hash, line);
    const old = [...this.#lost.values()].toSorted(byHeight).slice(0, -FORKS_KEPT);
    for (const { hash } of old) this.#lost.delete(hash);
    const added = gone.filter(({ hash }) => this.#lost.has(hash));
    await this.#store.commit([
      ...added.map((line): Op => ({ table: "own", key: rowKey(line), value: encode(codec, line) })),
      ...old.map((line): Op => ({ table: "own", key: rowKey(line), value: null })),
    ]);
  }
  /** The branches that begin at heights from one to another, both included, oldest first. */
  views(core: Core, from: number, to: number): ForkView[] {
    const lines = [...this.#lost.values(), ...this.#open.values()].toSorted(byHeight);
    return branchesOf(lines)
      .filter(([first]) => first !== undefined && first.height >= from && first.height <= to)
      .map((branch) => forkView(core, branch, this.#open));
  }
  forget(): void {
    [this.#lost, this.#open] = [new Map(), new Map()];
    [this.#seen, this.#head] = [-1, ""];
  }
}

/** A block goes on with the branch whose last one it follows; where two follow one, the second is a branch of its own. */
export const branchesOf = (lines: readonly SideLine[]): SideLine[][] => {
  const branches: SideLine[][] = [];
  for (const line of lines) {
    const branch = branches.find((one) => one.at(-1)?.hash === line.parent);
    if (branch === undefined) branches.push([line]);
    else branch.push(line);
  }
  return branches;
};

const forkView = (core: Core, branch: readonly SideLine[], open: ReadonlyMap<Hash, SideLine>): ForkView => {
  const [first, last] = [branch[0], branch.at(-1)];
  const height = first?.height ?? 0;
  const parent = core.summaries.stepOf(height - 1) ?? Math.max(0, (first?.step ?? 0) - 1);
  // As far as the branch went; the one that closed its first step where that came later.
  const rivals = core.summaries
    .slice(height, height + branch.length + 1)
    .filter((line, at) => at === 0 || line.step <= (last?.step ?? 0));
  return {
    fromStep: parent,
    blocks: branch.map((line): SideBlock => ({
      hash: line.hash,
      step: line.step,
      height: line.height,
      time: timeOf(core, line.step),
      miner: nameOfMember(core, line.miner),
      member: line.miner,
      rank: line.rank,
      transactions: line.transactions,
      generatedMwh: line.generatedMwh,
      approvals: line.approvals,
    })),
    instead: rivals.map((line) => ({
      hash: line.hash,
      step: line.step,
      time: timeOf(core, line.step),
      miner: nameOfMember(core, line.miner),
      member: line.miner,
    })),
    state: branch.some(({ hash }) => open.has(hash)) ? "open" : "lost",
  };
};
