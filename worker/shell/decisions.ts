/**
 * What the members decided (§II.C), out of the chain: the ledger forgets a ballot once it is over, the blocks that
 * adopted it or let it lapse do not. Reads what each block did to the state; of final blocks it keeps the outcome on the
 * disk, so that a restart need not read the whole chain again. Knows no names and no words.
 */
import { decode, encode, hex, option, struct, uint, word, type Codec } from "../base/codec.ts";
import type { StepIndex, TxId } from "../base/units.ts";
import { allocationAt, allocationCodec, type Allocation } from "../community/repartition.ts";
import { parametersCodec, type Parameters } from "../community/parameters.ts";
import { allocationsOf } from "../ledger/allocations.ts";
import { ballotsNeeded, countBallots } from "../ledger/governance.ts";
import { codecOf, type MemberRow, type ProposalRow } from "../ledger/rows.ts";
import { Draft, type Change, type Delta, type View } from "../ledger/state.ts";
import type { Core } from "../node/core.ts";
import type { Summary } from "../node/lines.ts";
import { deltaIn, deltaKey } from "../node/disk.ts";
import { StoreError, type Op, type Store } from "../storage/store.ts";

export type Outcome = "adopted" | "rejected" | "expired";
export type Decision = {
  readonly id: TxId;
  /** Of the block that decided. */
  readonly height: number;
  readonly step: number;
  readonly outcome: Outcome;
  /** With its ballots and, where it was adopted, the step from which it holds. */
  readonly row: ProposalRow;
  readonly yes: number;
  readonly no: number;
  readonly needed: number;
  /** What was in force then, where the proposal was about it. */
  readonly parameters: Parameters | null;
  readonly rule: Allocation | null;
};

const decisionCodec: Codec<Decision> = struct({
  id: hex<TxId>(32),
  height: uint,
  step: uint,
  outcome: word(["adopted", "rejected", "expired"] as const),
  row: codecOf("proposal"),
  yes: uint,
  no: uint,
  needed: uint,
  parameters: option(parametersCodec),
  rule: option(allocationCodec),
});
/** Up to which height the disk has them all. */
const upToCodec: Codec<{ height: number }> = struct({ height: uint });
const UP_TO = "decisions";
const ROWS = "decision/";
const rowKey = ({ height, id }: Decision): string => `${ROWS}${String(height).padStart(10, "0")}/${id}`;

/** Of what a block changed, only what says who decides on what: the rest is most of it, and of no use here. */
const matters = ({ path, before, after }: Change): boolean => {
  if (/^(proposal|parameters|allocation|voters)\//.test(path)) return true;
  if (path.startsWith("generator/")) return before === null || after === null;
  if (!path.startsWith("member/")) return false;
  const leftOf = (row: Change["before"]): unknown => (row?.value as MemberRow | undefined)?.left;
  return leftOf(before) !== leftOf(after);
};

/** What a block decided; `view` is the state that it was made on. */
const decidedBy = (view: View, delta: Delta, { height, step }: Summary): Decision[] =>
  delta.flatMap(({ path, before, after }): Decision[] => {
    if (!path.startsWith("proposal/")) return [];
    const [old, now] = [before?.value, after?.value] as [ProposalRow | undefined, ProposalRow | undefined];
    const isAdopted = now !== undefined && now.from !== null && (old?.from ?? null) === null;
    const isOver = now === undefined && old?.from === null;
    const row = isAdopted ? now : isOver ? old : undefined;
    if (row === undefined) return [];
    const { yes, no } = countBallots(view, row);
    const { kind } = row.action;
    return [
      {
        id: path.slice("proposal/".length) as TxId,
        height,
        step,
        outcome: isAdopted ? "adopted" : no > 0 && no >= yes ? "rejected" : "expired",
        row,
        yes,
        no,
        needed: ballotsNeeded(view, row),
        parameters: kind === "parameters" ? (view.get("parameters", "") ?? null) : null,
        rule: kind === "rule" ? (allocationAt(allocationsOf(view), step as StepIndex) ?? null) : null,
      },
    ];
  });

export class Decisions {
  readonly #store: Store;
  /** Of blocks that are final, oldest first, and up to which height. */
  #kept: Decision[] = [];
  #upTo = 0;
  /** Of blocks after those, while they may still be replaced. */
  #open: readonly Decision[] = [];
  #head = "";
  #looking = false;
  /** Counts what was forgotten or loaded: a look that began before has nothing to say any more. */
  #era = 0;

  constructor(store: Store) {
    this.#store = store;
  }
  /** Oldest first. */
  get all(): readonly Decision[] {
    return [...this.#kept, ...this.#open];
  }
  /** @throws StoreError `corrupt` when a row is damaged. */
  async load(): Promise<void> {
    const read = <T>(codec: Codec<T>, raw: Uint8Array): T => {
      const value = decode(codec, raw, "decision");
      if (!value.ok) throw new StoreError("corrupt");
      return value.value;
    };
    this.forget();
    const upTo = await this.#store.get("own", UP_TO);
    if (upTo === undefined) return;
    this.#upTo = read(upToCodec, upTo).height;
    const rows = await this.#store.entries("own", { from: ROWS, to: "decision0" });
    this.#kept = rows.map(([, raw]) => read(decisionCodec, raw));
  }
  /** Reads the blocks since the last look. True when what was decided is another than before. */
  async look(core: Core): Promise<boolean> {
    if (this.#looking || this.#head === core.chain.head.hash) return false;
    this.#looking = true;
    const era = this.#era;
    try {
      const deltas = new Map<string, Delta>();
      // While blocks are read from the disk the head may move: then the new ones are read as well.
      while (!this.#hasAll(core, deltas)) {
        const isRead = await this.#read(core, deltas);
        if (!isRead || era !== this.#era) return false;
      }
      return await this.#fold(core, deltas);
    } finally {
      this.#looking = false;
    }
  }
  #since(core: Core): readonly Summary[] {
    return core.summaries.slice(this.#upTo + 1);
  }
  /** Takes what is in memory; whether that, with what was read, is every block after those that are kept. */
  #hasAll(core: Core, deltas: Map<string, Delta>): boolean {
    const { tree } = core.chain;
    for (const { hash } of this.#since(core)) {
      const node = deltas.has(hash) ? undefined : tree.get(hash);
      if (node !== undefined) deltas.set(hash, node.delta.filter(matters));
    }
    return this.#since(core).every(({ hash }) => deltas.has(hash));
  }
  /** False when the disk does not have one: it was replaced, or is being written. The next look will see. */
  async #read(core: Core, deltas: Map<string, Delta>): Promise<boolean> {
    for (const { hash, height } of this.#since(core)) {
      if (deltas.has(hash)) continue;
      const raw = await this.#store.get("chain", deltaKey(height, hash));
      const delta = raw === undefined ? null : deltaIn(raw);
      if (delta === null && height <= core.chain.final.header.height) {
        // A chain that began with a snapshot knows nothing of what its first block did, nor any of what was pruned or damaged.
        this.#upTo = height;
        continue;
      }
      if (delta === null) return false;
      deltas.set(hash, delta.filter(matters));
    }
    return true;
  }
  async #fold(core: Core, deltas: ReadonlyMap<string, Delta>): Promise<boolean> {
    const { chain } = core;
    const before = this.#sign();
    const final = chain.final.header.height;
    const view = new Draft(chain.state);
    const found: Decision[] = [];
    for (const line of this.#since(core).toReversed()) {
      const delta = deltas.get(line.hash) ?? [];
      view.lay(delta, "undo");
      found.unshift(...decidedBy(view, delta, line));
    }
    const kept = found.filter(({ height }) => height <= final);
    this.#kept.push(...kept);
    this.#open = found.filter(({ height }) => height > final);
    const isNew = final > this.#upTo;
    this.#upTo = final;
    this.#head = chain.head.hash;
    if (isNew) await this.#save(kept);
    return before !== this.#sign();
  }
  #sign(): string {
    return this.all.map(({ id, outcome, height }) => `${id} ${outcome} ${height}`).join();
  }
  async #save(kept: readonly Decision[]): Promise<void> {
    const rows = kept.map((one): Op => ({ table: "own", key: rowKey(one), value: encode(decisionCodec, one) }));
    const upTo: Op = { table: "own", key: UP_TO, value: encode(upToCodec, { height: this.#upTo }) };
    await this.#store.commit([...rows, upTo]);
  }
  forget(): void {
    this.#era++;
    this.#kept = [];
    this.#open = [];
    this.#upTo = 0;
    this.#head = "";
  }
}
