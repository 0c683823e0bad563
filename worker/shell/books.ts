/**
 * The book of what was generated and shared, step by step, as screens and files read it: of late from the state, before
 * that from the disk, where a step's row goes when it leaves the state (PROTOCOL.md §8.5). Keeps sums of the running day.
 */
import type { GeneratorIndex, Hash, MemberIndex } from "../base/units.ts";
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
const TABLE = "book/";
const nothing = (): Early => ({ generated: 0, byMember: new Map(), byGenerator: new Map(), mine: new Map() });

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

/** What blocks that are not final yet have moved out of the state is not on the disk. */
const movedOut = ({ chain: { tree, final, head } }: Core): [number, BookRow][] =>
  tree
    .path(final, head)
    .flatMap(({ delta }) =>
      delta.flatMap(({ path, before, after }): [number, BookRow][] =>
        path.startsWith(TABLE) && after === null && before !== null
          ? [[numberOf(path.slice(TABLE.length)), before.value as BookRow]]
          : [],
      ),
    );

const plus = <K>(sums: Map<K, number>, one: K, mwh: number): void => void sums.set(one, (sums.get(one) ?? 0) + mwh);
const addTo = (sums: Early, step: number, { generated, shares }: BookRow, me: MemberIndex | null): void => {
  for (const { generator, mwh } of generated) {
    plus(sums.byGenerator, generator, mwh);
    sums.generated += mwh;
  }
  for (const { member, mwh } of shares) {
    plus(sums.byMember, member, mwh);
    if (member === me) plus(sums.mine, step, mwh);
  }
};
const copyOf = ({ generated, byMember, byGenerator, mine }: Early): Early => ({
  generated,
  byMember: new Map(byMember),
  byGenerator: new Map(byGenerator),
  mine: new Map(mine),
});

export class Books {
  readonly #store: Store;
  /** Of the rows on disk. */
  #kept = nothing();
  /** Keys of the rows that are in it. */
  readonly #summed = new Set<string>();
  #day = 0;
  #me: MemberIndex | null = null;
  /** The final block up to which the disk was read. */
  #readTo: Hash | null = null;
  #looking = false;
  /** With what blocks that may still be undone have moved out of the state, as of a head. */
  #shown: { readonly head: Hash; readonly final: Hash; readonly early: Early } | null = null;

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
    for (const [step, row] of movedOut(core)) if (step >= from && step <= to) add(step, row);
    for (const [k, row] of core.chain.state.scan("book")) {
      const step = numberOf(k);
      if (step >= from && step <= to) add(step, row);
    }
    return new Map([...rows].toSorted(([a], [b]) => a - b));
  }
  async of(core: Core, step: number): Promise<BookRow | undefined> {
    return core.chain.state.get("book", key(step)) ?? (await this.between(core, step, step)).get(step);
  }
  /** Steps of the day that have left the state, as of the last look; of blocks that are not final yet, as of the head. */
  early(core: Core, dayStart: number): Early {
    if (this.#day !== firstOf(core, dayStart) || this.#me !== meIn(core)) return nothing();
    const { head, final } = core.chain;
    if (this.#shown?.head === head.hash && this.#shown.final === final.hash) return this.#shown.early;
    const early = copyOf(this.#kept);
    for (const [step, row] of movedOut(core)) if (step >= this.#day) addTo(early, step, row, this.#me);
    this.#shown = { head: head.hash, final: final.hash, early };
    return early;
  }
  /** Reads what has come to the disk since the last look. True where there was something. To be called between two events. */
  async look(core: Core, dayStart: number): Promise<boolean> {
    const [day, me, final] = [firstOf(core, dayStart), meIn(core), core.chain.final.hash];
    if (this.#looking) return false;
    if (this.#day !== day || this.#me !== me) {
      this.forget();
      [this.#day, this.#me] = [day, me];
    }
    if (final === this.#readTo) return false;
    this.#looking = true;
    try {
      const kept = this.#kept;
      const rows = await this.#fresh(day, core.chain.head.header.step);
      if (kept !== this.#kept) return false;
      for (const [name, raw] of rows) {
        this.#summed.add(name);
        addTo(kept, Number(name.split("/")[1]), read(raw), me);
      }
      this.#readTo = final;
      if (rows.length > 0) this.#shown = null;
      return rows.length > 0;
    } finally {
      this.#looking = false;
    }
  }
  /** Rows of these steps that are not in the sums yet. */
  async #fresh(first: number, last: number): Promise<readonly (readonly [string, Uint8Array])[]> {
    const range = { from: bookKey(first), to: bookKey(last + 1) };
    if (this.#summed.size === 0) return this.#store.entries("chain", range);
    const names = (await this.#store.keys("chain", range)).filter((name) => !this.#summed.has(name));
    const rows = await Promise.all(names.map(async (name) => [name, await this.#store.get("chain", name)] as const));
    return rows.flatMap(([name, raw]) => (raw === undefined ? [] : [[name, raw] as const]));
  }
  forget(): void {
    this.#kept = nothing();
    this.#summed.clear();
    [this.#day, this.#me, this.#readTo, this.#shown] = [0, null, null, null];
  }
}
