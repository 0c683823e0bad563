/**
 * Chance for the simulator: small fast integers from a seed (sfc32), seeded by a hash, so that every fault of a run is
 * drawn from the number that the run prints. Never for keys that matter.
 */
import { sha256 } from "../../base/hash.ts";
import { utf8ToBytes } from "../../base/bytes.ts";

export class Rng {
  readonly #seed: string;
  readonly #s: Int32Array;

  constructor(seed: string) {
    this.#seed = seed;
    const bytes = sha256(utf8ToBytes(`simulator/${seed}`));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#s = Int32Array.from([0, 4, 8, 12], (at) => view.getInt32(at));
  }
  /** Chance of its own for a part of the run: what one part draws does not move the others. */
  fork(name: string): Rng {
    return new Rng(`${this.#seed}/${name}`);
  }
  /** 0 to 2^32 − 1. */
  next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#s;
    const t = (((a + b) | 0) + d) | 0;
    this.#s[3] = (d + 1) | 0;
    this.#s[0] = b ^ (b >>> 9);
    this.#s[1] = (c + (c << 3)) | 0;
    this.#s[2] = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  }
  /** From 0 to `n` − 1. */
  below(n: number): number {
    return Math.floor((this.next() / 4_294_967_296) * n);
  }
  /** From `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  /** True `ppm` times in a million. */
  happens(ppm: number): boolean {
    return this.below(1_000_000) < ppm;
  }
  pick<T>(from: readonly T[]): T {
    const found = from[this.below(from.length)];
    if (from.length === 0) throw new Error("there is something to pick from");
    return found as T;
  }
  shuffled<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  }
}
