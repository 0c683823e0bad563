/**
 * Carries out signature checks in bulk (PROTOCOL.md §3): Ed25519 on WebCrypto where it exists with noble as the judge,
 * all BLS that is asked at a time by one product of pairings. Several nodes of one process (pilot, demo) may share the
 * memory of verdicts: a signature is true or false for everybody.
 */
import { nobleBls } from "../base/bls.ts";
import type { Bls, BlsJob } from "../base/bls-scheme.ts";
import { verifyAll, type SignatureJob, type SubtleCryptoLike } from "../base/ed25519.ts";
import type { Checks, Verdicts } from "../consensus/checks.ts";

export type Verifier = (checks: Checks) => Promise<Verdicts>;

/**
 * Characters of all names together: some steps of a thousand members, or a day and more of a street. What is older is in
 * final blocks, and nobody asks again. Votes of many are named by all their keys, so a number of names would bound nothing.
 */
const LIMIT = 8_000_000;

/** A character a byte: half as long as hex, and looked up in half the time. What is signed is a hash, so it is short. */
const textOf = (bytes: Uint8Array): string => Reflect.apply(String.fromCharCode, null, bytes);
const nameOf = (job: { message: Uint8Array; signature: Uint8Array }, keys: string): string =>
  `${textOf(job.message)}/${textOf(job.signature)}/${keys}`;

/** Verdicts by what was signed, by whom and how. */
export class VerdictMemory {
  #known = new Map<string, boolean>();
  #length = 0;
  get(key: string): boolean | undefined {
    return this.#known.get(key);
  }
  set(key: string, verdict: boolean): void {
    if (!this.#known.has(key)) this.#length += key.length;
    this.#known.set(key, verdict);
    if (this.#length > LIMIT) this.#forget();
  }
  #forget(): void {
    for (const oldest of this.#known.keys()) {
      if (this.#length <= LIMIT) return;
      this.#known.delete(oldest);
      this.#length -= oldest.length;
    }
  }
  /** A signature that this process made itself, with the secret of this key. */
  made({ key, message, signature }: SignatureJob): void {
    this.set(nameOf({ message, signature }, key), true);
  }
}

/** Asks `check` only about the jobs whose verdicts are not known. */
const through = async <J extends { message: Uint8Array; signature: Uint8Array }>(
  memory: VerdictMemory,
  jobs: readonly J[],
  keysOf: (job: J) => string,
  check: (jobs: J[]) => Promise<readonly boolean[]>,
): Promise<boolean[]> => {
  const names = jobs.map((job) => nameOf(job, keysOf(job)));
  const open = new Map<string, J>();
  jobs.forEach((job, i) => {
    const name = names[i] ?? "";
    if (memory.get(name) === undefined) open.set(name, job);
  });
  if (open.size > 0) {
    const verdicts = await check([...open.values()]);
    [...open.keys()].forEach((name, i) => memory.set(name, verdicts[i] ?? false));
  }
  return names.map((name) => memory.get(name) ?? false);
};

/** Where distinct jobs are really checked: one verdict a job, in order. */
export type Engine = {
  readonly ed25519: (jobs: readonly SignatureJob[]) => Promise<readonly boolean[]>;
  readonly bls: (jobs: readonly BlsJob[]) => Promise<readonly boolean[]>;
};
/** @param subtle what checks Ed25519, where that is not the engine's own WebCrypto. */
export const engineOn = (bls: Bls, subtle?: SubtleCryptoLike): Engine => ({
  ed25519: (jobs) => verifyAll(jobs, subtle),
  bls: (jobs) => Promise.resolve(bls.verifyMany(jobs)),
});

export const createVerifier =
  (memory: VerdictMemory, engine: Engine = engineOn(nobleBls)): Verifier =>
  async (checks) => ({
    ed25519: await through(memory, checks.ed25519, (j) => j.key, engine.ed25519),
    bls: await through(memory, checks.bls, (j) => j.keys.join(), engine.bls),
  });
