/**
 * The bytes that a codec writes to and reads from (PROTOCOL.md §3). A reader never goes beyond what there is, and makes
 * room for nothing it was merely told of. Knows no format.
 */

/** More than most values take. */
const FIRST_BYTES = 1_024;
/** A longer one's room is not kept. */
const MOST_KEPT = 1 << 16;

/** Grows as it is written to. */
export class Writer {
  #room = new Uint8Array(FIRST_BYTES);
  #at = 0;

  /** Where to write the next `count` bytes, and how far that is: what is there is to be overwritten whole. */
  #take(count: number): number {
    const from = this.#at;
    const to = from + count;
    if (to > this.#room.length) {
      const more = new Uint8Array(Math.max(to, 2 * this.#room.length));
      more.set(this.#room.subarray(0, from));
      this.#room = more;
    }
    this.#at = to;
    return from;
  }
  byte(value: number): void {
    const at = this.#take(1);
    this.#room[at] = value;
  }
  bytes(value: Uint8Array): void {
    const at = this.#take(value.length);
    this.#room.set(value, at);
  }
  /** A copy of what was written; the writer is as new. */
  finish(): Uint8Array {
    const out = this.#room.slice(0, this.#at);
    this.clear();
    return out;
  }
  clear(): void {
    this.#at = 0;
    if (this.#room.length > MOST_KEPT) this.#room = new Uint8Array(FIRST_BYTES);
  }
}

/** Reads from the first byte to the last. @throws Error where there is not what is asked for. */
export class Reader {
  readonly #raw: Uint8Array;
  #at = 0;
  constructor(raw: Uint8Array) {
    this.#raw = raw;
  }
  byte(): number {
    const value = this.#raw[this.#at];
    if (value === undefined) throw new Error("it ends too early");
    this.#at += 1;
    return value;
  }
  /** A view: copy what is kept. */
  bytes(count: number): Uint8Array {
    const to = this.#at + count;
    if (to > this.#raw.length) throw new Error("it ends too early");
    const view = this.#raw.subarray(this.#at, to);
    this.#at = to;
    return view;
  }
  end(): void {
    if (this.#at !== this.#raw.length) throw new Error(`${this.#raw.length - this.#at} bytes too many`);
  }
}
