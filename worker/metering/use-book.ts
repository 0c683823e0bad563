/**
 * The steps of a consumption meter in memory and on disk: whole days of steps packed into one row each, the newest
 * {@link KEPT_STEPS} kept. A step that is not in it was not read. Pure; knows no disk, no meter and no time.
 */
import { decode, encode, flag, list, struct, uint, type Codec } from "../base/codec.ts";
import { assert, ok, refuse, type Result } from "../base/result.ts";

/** Steps of one row: a day of quarter-hours. */
export const CHUNK_STEPS = 96;
/** 400 days of quarter-hours, so that a year can be compared with the one before: at most 0.4 MB a meter. */
export const KEPT_STEPS = 400 * CHUNK_STEPS;

export type Use = { readonly mwh: number; readonly estimated: boolean };

/** NaN where nothing is known: 0 is a measured nothing. */
type Chunk = { readonly mwh: Float64Array; readonly estimated: Uint8Array };

type Packed = readonly { readonly at: number; readonly mwh: number; readonly estimated: boolean }[];
const chunkCodec: Codec<Packed> = list(struct({ at: uint, mwh: uint, estimated: flag }), CHUNK_STEPS);

export const chunkOf = (step: number): number => Math.floor(step / CHUNK_STEPS);

export class UseBook {
  readonly #chunks = new Map<number, Chunk>();
  #first = Infinity;
  #last = -Infinity;

  /** The first and the last step that was read; null while none was. */
  get span(): { readonly first: number; readonly last: number } | null {
    return this.#last < 0 ? null : { first: this.#first, last: this.#last };
  }
  get(step: number): Use | null {
    const chunk = this.#chunks.get(chunkOf(step));
    const mwh = chunk?.mwh[step % CHUNK_STEPS] ?? Number.NaN;
    return Number.isNaN(mwh) ? null : { mwh, estimated: chunk?.estimated[step % CHUNK_STEPS] === 1 };
  }
  set(step: number, use: Use): void {
    assert(Number.isSafeInteger(step) && step >= 0 && use.mwh >= 0, "a use is of a step and not negative");
    const index = chunkOf(step);
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      chunk = { mwh: new Float64Array(CHUNK_STEPS).fill(Number.NaN), estimated: new Uint8Array(CHUNK_STEPS) };
      this.#chunks.set(index, chunk);
    }
    chunk.mwh[step % CHUNK_STEPS] = use.mwh;
    chunk.estimated[step % CHUNK_STEPS] = use.estimated ? 1 : 0;
    this.#first = Math.min(this.#first, step);
    this.#last = Math.max(this.#last, step);
  }
  /** A row for the disk; one encoding per content. */
  encodeChunk(index: number): Uint8Array {
    const packed: { at: number; mwh: number; estimated: boolean }[] = [];
    for (let at = 0; at < CHUNK_STEPS; at++) {
      const use = this.get(index * CHUNK_STEPS + at);
      if (use !== null) packed.push({ at, ...use });
    }
    return encode(chunkCodec, packed);
  }
  /** Refusal: `malformed` for a row that this book did not write. */
  loadChunk(index: number, raw: Uint8Array): Result<void> {
    const read = decode(chunkCodec, raw, "row of consumption");
    if (!read.ok) return read;
    if (read.value.some(({ at }) => at >= CHUNK_STEPS))
      return refuse("malformed", "This row of consumption is damaged; nothing else depends on it.", "ignore");
    for (const { at, mwh, estimated } of read.value) this.set(index * CHUNK_STEPS + at, { mwh, estimated });
    return ok(undefined);
  }
  /** Forgets what is older than the budget, counted from the last step read. @returns the rows to delete. */
  prune(): number[] {
    const oldest = chunkOf(this.#last - KEPT_STEPS + 1);
    const gone = [...this.#chunks.keys()].filter((index) => index < oldest);
    for (const index of gone) this.#chunks.delete(index);
    if (gone.length > 0) this.#first = Math.max(this.#first, oldest * CHUNK_STEPS);
    return gone.sort((a, b) => a - b);
  }
}
