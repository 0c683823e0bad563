/**
 * The book of what was generated and shared, step by step, as screens and files read it: of late from the state, before
 * that from the disk, where a step's row goes when it leaves the state (PROTOCOL.md §8.5). Keeps sums of the running day.
 */
import type { GeneratorIndex, MemberIndex } from "../base/units.ts";
import { stepAt } from "../community/market-step.ts";
import { mergeBooks } from "../ledger/energy.ts";
import { codecOf, key, numberOf, type BookRow } from "../ledger/rows.ts";
import { bookKey } from "../node/disk.ts";
import type { Core } from "../node/core.ts";
import { ownMember } from "./lookup.ts";
import { StoreError, type Store } from "../storage/store.ts";

/** Steps of a day that have left the state, summed. */
export type Early = {
  generated: number;
  readonly byMember: Map<MemberIndex, number>;
  readonly byGenerator: Map<GeneratorIndex, number>;
  /** By step what the member of this device was credited. */
  readonly mine: Map<number, number>;
};
/** Also of who has left: it has had its share of the day until then. */
const meIn = (core: Core): MemberIndex | null => (ownMember(core)?.index ?? null) as MemberIndex | null;
const nothing = (): Early => ({ generated: 0, byMember: new Map(), byGenerator: new Map(), mine: new Map() });

/** The first step that the state may still have a row of. */
const oldestIn = (core: Core): number => {
  const [first] = core.chain.state.paths("book/");
  return first === undefined ? core.chain.head.header.step : numberOf(first.slice("book/".length));
};
const read = (raw: Uint8Array): BookRow => {
  try {
    return codecOf("book").decode(raw);
  } catch (cause) {
    throw new StoreError("corrupt", cause);
  }
};
/** The first step that begins in the day which begins then. */
export const firstOf = (core: Core, dayStart: number): number =>
  Math.max(1, stepAt(core.contract, dayStart) + (dayStart <= core.contract.t0 ? 0 : 1));

export class Books {
  readonly #store: Store;
  #early = nothing();
  #day = 0;
  /** Steps below it are in the sums. */
  #upTo = 0;
  #me: MemberIndex | null = null;
  #looking = false;

  constructor(store: Store) {
    this.#store = store;
  }
  /** Rows of the steps from one to another, both included, by step. */
  async between(core: Core, from: number, to: number): Promise<Map<number, BookRow>> {
    const rows = new Map<number, BookRow>();
    const add = (step: number, row: BookRow): void => {
      const known = rows.get(step);
      rows.set(step, known === undefined ? row : mergeBooks(known, row));
    };
    for (const [k, raw] of await this.#store.entries("chain", { from: bookKey(from), to: bookKey(to + 1) }))
      add(Number(k.split("/")[1]), read(raw));
    // What blocks that are not final yet have moved out is not on the disk.
    const { tree, final, head, state } = core.chain;
    for (const { delta } of tree.path(final, head))
      for (const { path, before, after } of delta)
        if (path.startsWith("book/") && after === null && before !== null) {
          const step = numberOf(path.slice("book/".length));
          if (step >= from && step <= to) add(step, before.value as BookRow);
        }
    for (const [k, row] of state.scan("book")) {
      const step = numberOf(k);
      if (step >= from && step <= to) add(step, row);
    }
    return new Map([...rows].toSorted(([a], [b]) => a - b));
  }
  async of(core: Core, step: number): Promise<BookRow | undefined> {
    return core.chain.state.get("book", key(step)) ?? (await this.between(core, step, step)).get(step);
  }
  /** Steps of the day that have left the state, as of the last look. */
  early(core: Core, dayStart: number): Early {
    return this.#day === firstOf(core, dayStart) && this.#me === meIn(core) ? this.#early : nothing();
  }
  /** Reads what has left the state since the last look. True where there was something. */
  async look(core: Core, dayStart: number): Promise<boolean> {
    const [first, oldest, me] = [firstOf(core, dayStart), oldestIn(core), meIn(core)];
    if (this.#looking) return false;
    if (this.#day !== first || this.#me !== me) {
      this.#early = nothing();
      [this.#day, this.#upTo, this.#me] = [first, first, me];
    }
    if (oldest <= this.#upTo) return false;
    this.#looking = true;
    try {
      const [from, early] = [this.#upTo, this.#early];
      const rows = await this.between(core, from, oldest - 1);
      if (early !== this.#early) return false;
      for (const [step, row] of rows) this.#sum(step, row);
      this.#upTo = oldest;
      return rows.size > 0;
    } finally {
      this.#looking = false;
    }
  }
  #sum(step: number, { generated, shares }: BookRow): void {
    const { byMember, byGenerator, mine } = this.#early;
    for (const { generator, mwh } of generated) {
      byGenerator.set(generator, (byGenerator.get(generator) ?? 0) + mwh);
      this.#early.generated += mwh;
    }
    for (const { member, mwh } of shares) {
      byMember.set(member, (byMember.get(member) ?? 0) + mwh);
      if (member === this.#me) mine.set(step, mwh);
    }
  }
  forget(): void {
    this.#early = nothing();
    [this.#day, this.#upTo, this.#me] = [0, 0, null];
  }
}
