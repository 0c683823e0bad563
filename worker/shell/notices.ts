/**
 * What this device remembers for its member between visits, apart from the chain: that blocks it held were replaced
 * after it had been cut off, and whose request it was told to refuse. Watches the main chain by the blocks it saw.
 */
import { decode, encode, hex, list, option, struct, uint, type Codec } from "../base/codec.ts";
import type { PublicKey } from "../base/units.ts";
import type { Core } from "../node/core.ts";
import type { Summary } from "../node/lines.ts";
import type { HealedView } from "../port-council.ts";
import { StoreError, type Store } from "../storage/store.ts";

/** One block that gives way to another of the same moment is the take-over at work, and nothing to tell. */
const WORTH_TELLING = 2;
const MAX_REFUSED = 256;

type Row = { readonly healed: HealedView | null; readonly refused: readonly PublicKey[] };
const rowCodec: Codec<Row> = struct({
  healed: option(struct({ at: uint, blocks: uint, firstStep: uint, lastStep: uint })),
  refused: list(hex<PublicKey>(32), MAX_REFUSED),
});
const ROW = "notices";

export class Notices {
  readonly #store: Store;
  healed: HealedView | null = null;
  #refused = new Set<PublicKey>();
  /** Blocks of the main chain that could still be replaced when it was last looked at. */
  #seen: readonly Summary[] = [];

  constructor(store: Store) {
    this.#store = store;
  }
  /** @throws StoreError `corrupt` when the row is damaged. */
  async load(core: Core): Promise<void> {
    const raw = await this.#store.get("own", ROW);
    if (raw !== undefined) {
      const read = decode(rowCodec, raw, "notices");
      if (!read.ok) throw new StoreError("corrupt");
      this.healed = read.value.healed;
      this.#refused = new Set(read.value.refused);
    }
    this.#remember(core);
  }
  #remember(core: Core): void {
    this.#seen = core.summaries.slice(core.chain.final.header.height + 1);
  }
  async #save(): Promise<void> {
    const row: Row = { healed: this.healed, refused: [...this.#refused].slice(-MAX_REFUSED) };
    await this.#store.commit([{ table: "own", key: ROW, value: encode(rowCodec, row) }]);
  }
  /** Notices what was replaced since the last look. Until it is dismissed, more is added to it. */
  async look(core: Core, now: number): Promise<void> {
    const lost = this.#seen.filter((line) => core.summaries.heightOf(line.hash) !== line.height);
    this.#remember(core);
    if (lost.length < WORTH_TELLING) return;
    const steps = lost.map((line) => line.step);
    const { healed } = this;
    this.healed = {
      at: now,
      blocks: lost.length + (healed?.blocks ?? 0),
      firstStep: Math.min(...steps, healed?.firstStep ?? Infinity),
      lastStep: Math.max(...steps, healed?.lastStep ?? 0),
    };
    await this.#save();
  }
  async dismiss(): Promise<void> {
    this.healed = null;
    await this.#save();
  }
  isRefused(key: PublicKey): boolean {
    return this.#refused.has(key);
  }
  async refuse(key: PublicKey, refused: boolean): Promise<void> {
    if (refused) this.#refused.add(key);
    else this.#refused.delete(key);
    await this.#save();
  }
  forget(): void {
    this.healed = null;
    this.#refused.clear();
    this.#seen = [];
  }
}
