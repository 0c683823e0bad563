/**
 * What this member uses, kept at home (§IV.B.3): the import registers of this device's meters, cut at the market steps
 * and written to the table `home` of its own disk. Nothing here knows the network or the node, and the node's effects
 * cannot name that table, so no message, item or block can hold it.
 */
import type { Millis, MilliwattHours } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import { consumptionConfig, follow, newFollower } from "../metering/consumption.ts";
import type { Cryptometer, CryptometerReading } from "../metering/cryptometer.ts";
import { encodeEntry, restore } from "../metering/journal.ts";
import type { PulseCounter } from "../metering/reading.ts";
import { chunkOf, UseBook } from "../metering/use-book.ts";
import { together, type Consumption } from "../settlement/market-face.ts";
import { numericKey, StoreError, type Op, type Store } from "../storage/store.ts";

/** The smallest step of an import register when the meter does not say: one watt-hour. */
const RESOLUTION_MWH = 1_000;

type Followed = { state: Cryptometer; readonly book: UseBook };

const countKey = (meter: string): string => `count/${meter}`;
const chunkKey = (meter: string, chunk: number): string => `use/${meter}/${numericKey(chunk)}`;

export type HouseholdOptions = {
  readonly store: Store;
  readonly contract: Pick<Contract, "t0" | "stepMs">;
  readonly onStoreError: (error: StoreError) => void;
};

export class Household {
  readonly #o: HouseholdOptions;
  readonly #meters = new Map<string, Followed>();
  /** What is not on disk yet, the newest value of each key; kept until the disk has taken it. */
  readonly #due = new Map<string, Uint8Array | null>();
  /** Import registers of generators' meters that have not moved yet. */
  readonly #still = new Map<string, { readonly registerMwh: MilliwattHours; readonly at: Millis }>();
  #writing: Promise<void> | null = null;
  /** Their last bytes may still be on the way. */
  readonly #forgotten = new Set<string>();

  constructor(options: HouseholdOptions) {
    this.#o = options;
  }
  /** @throws StoreError `corrupt` when a row is damaged. */
  async load(): Promise<void> {
    for (const [key, raw] of await this.#o.store.entries("home", { from: "count/", to: "count0" })) {
      const state = restore(this.#config(), [raw], 0 as MilliwattHours);
      if (!state.ok) throw new StoreError("corrupt");
      this.#meters.set(key.slice("count/".length), { state: state.value, book: new UseBook() });
    }
    for (const [key, raw] of await this.#o.store.entries("home", { from: "use/", to: "use0" })) {
      const [, meter = "", chunk = ""] = key.split("/");
      if (!this.#follower(meter).book.loadChunk(Number(chunk), raw).ok) throw new StoreError("corrupt");
    }
  }
  #config(): ReturnType<typeof consumptionConfig> {
    const { t0, stepMs } = this.#o.contract;
    return consumptionConfig(t0, stepMs, RESOLUTION_MWH);
  }
  #follower(meter: string): Followed {
    let found = this.#meters.get(meter);
    if (found === undefined) {
      found = { state: newFollower(this.#config()), book: new UseBook() };
      this.#meters.set(meter, found);
    }
    return found;
  }
  /** Takes a reading of an import register; what ended is on disk soon after. */
  reading(meter: string, registerMwh: MilliwattHours, at: Millis, counter: PulseCounter | null): void {
    this.#take(meter, { registerMwh, at, counter }, false);
  }
  /**
   * Takes the import register of a meter that is paired for what the panels make. Until it moves nobody knows whether the
   * household hangs behind this meter: its use is not known then, which is not 0.
   */
  besides(meter: string, registerMwh: MilliwattHours, at: Millis): void {
    if (!this.#meters.has(meter)) {
      const stood = this.#still.get(meter);
      if (stood === undefined || stood.registerMwh === registerMwh) {
        this.#still.set(meter, { registerMwh, at });
        return;
      }
      this.#still.delete(meter);
      this.reading(meter, stood.registerMwh, stood.at, null);
    }
    this.reading(meter, registerMwh, at, null);
  }
  /** The owner says that another meter is read from now on: counting goes on from its register. */
  exchanged(meter: string, registerMwh: MilliwattHours, at: Millis): void {
    this.#take(meter, { registerMwh, at, counter: null }, true);
  }
  #take(meter: string, reading: CryptometerReading, isOther: boolean): void {
    if (this.#forgotten.has(meter)) return;
    const follower = this.#follower(meter);
    const { state, steps, entry } = follow(follower.state, reading, isOther);
    follower.state = state;
    for (const { step, mwh, estimated } of steps) {
      // Counting began somewhere within the first one: its beginning is missing.
      const isFirst = follower.book.span === null;
      follower.book.set(step, { mwh, estimated: estimated || isFirst });
    }
    for (const chunk of new Set(steps.map(({ step }) => chunkOf(step))))
      this.#due.set(chunkKey(meter, chunk), follower.book.encodeChunk(chunk));
    if (steps.length > 0) for (const chunk of follower.book.prune()) this.#due.set(chunkKey(meter, chunk), null);
    // The count and the steps before it go together: a restart neither loses nor repeats energy.
    if (entry !== null) this.#due.set(countKey(meter), encodeEntry(entry));
    if (this.#due.size > 0) this.#writing ??= this.#write();
  }
  async #write(): Promise<void> {
    try {
      while (this.#due.size > 0) {
        const rows = [...this.#due];
        await this.#o.store.commit(rows.map(([key, value]): Op => ({ table: "home", key, value })));
        for (const [key, value] of rows) if (this.#due.get(key) === value) this.#due.delete(key);
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // The next reading tries again: nothing is forgotten meanwhile.
      this.#o.onStoreError(error);
    } finally {
      this.#writing = null;
    }
  }
  /** Resolves when the disk has, or has refused, what was read so far. */
  idle(): Promise<void> {
    return this.#writing ?? Promise.resolve();
  }
  /** Everything that was counted is on disk when this resolves, or the disk has refused it. */
  writeDown(): Promise<void> {
    for (const [meter, follower] of this.#meters) {
      const { count } = follower.state;
      if (count === null || count === follower.state.journaled) continue;
      this.#due.set(countKey(meter), encodeEntry({ kind: "count", ...count }));
      follower.state = { ...follower.state, journaled: count };
    }
    if (this.#due.size > 0) this.#writing ??= this.#write();
    return this.idle();
  }
  /** Where a consumption meter's pulse counter stood, for its decoder to go on from. */
  counterOf(meter: string): PulseCounter | null {
    return this.#meters.get(meter)?.state.count?.counter ?? null;
  }
  /** The meter is read no more. What it counted stays, as long as the budget keeps it. */
  async forget(meter: string): Promise<void> {
    const found = this.#meters.get(meter);
    this.#forgotten.add(meter);
    this.#due.delete(countKey(meter));
    await this.idle();
    if (found === undefined) return;
    found.state = newFollower(this.#config());
    await this.#o.store.commit([{ table: "home", key: countKey(meter), value: null }]);
  }
  /** Whether any meter of this device has ever said what came from the grid. */
  get isKnown(): boolean {
    return [...this.#meters.values()].some(({ state, book }) => state.count !== null || book.span !== null);
  }
  /** The first step that any meter counted; null before. */
  get since(): number | null {
    const firsts = [...this.#meters.values()].flatMap(({ book }) => (book.span === null ? [] : [book.span.first]));
    return firsts.length === 0 ? null : Math.min(...firsts);
  }
  /** The last step that every meter being read has counted to its end; 0 before. */
  get countedTo(): number {
    const all = [...this.#meters.values()];
    const read = all.flatMap(({ state }) => (state.count === null ? [] : [state.count.closed]));
    return read.length > 0 ? Math.min(...read) : Math.max(0, ...all.map(({ book }) => book.span?.last ?? 0));
  }
  /** What all meters counted in a step; null where one that was in service was not read. */
  use(step: number): Consumption {
    const inService = [...this.#meters.values()].filter(({ state, book }) => {
      const { span } = book;
      return span !== null && step >= span.first && (state.count !== null || step <= span.last);
    });
    return together(inService.map(({ book }) => book.get(step)));
  }
}
