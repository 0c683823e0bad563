/**
 * Carries out signature checks in bulk (PROTOCOL.md §3): Ed25519 on WebCrypto where it exists with noble as the judge,
 * BLS in batches. Several nodes of one process (pilot, demo) may share the memory of verdicts: a signature is true or
 * false for everybody.
 */
import { blsVerifyAggregate, blsVerifyMany } from "../base/bls.ts";
import { toHex } from "../base/bytes.ts";
import { verifyAll } from "../base/ed25519.ts";
import type { Checks, Verdicts } from "../consensus/checks.ts";

export type Verifier = (checks: Checks) => Promise<Verdicts>;

const LIMIT = 100_000;

/** Verdicts by what was signed, by whom and how. */
export class VerdictMemory {
  #known = new Map<string, boolean>();
  get(key: string): boolean | undefined {
    return this.#known.get(key);
  }
  set(key: string, verdict: boolean): void {
    this.#known.set(key, verdict);
    if (this.#known.size > LIMIT) for (const oldest of this.#known.keys()) if (this.#known.delete(oldest)) break;
  }
}

const nameOf = (job: { message: Uint8Array; signature: Uint8Array }, keys: string): string =>
  `${toHex(job.message)}${toHex(job.signature)}${keys}`;

/** Asks `check` only about the jobs whose verdicts are not known. */
const through = async <J extends { message: Uint8Array; signature: Uint8Array }>(
  memory: VerdictMemory,
  jobs: readonly J[],
  keysOf: (job: J) => string,
  check: (jobs: J[]) => Promise<readonly boolean[]> | readonly boolean[],
): Promise<boolean[]> => {
  const names = jobs.map((job) => nameOf(job, keysOf(job)));
  const open = jobs.filter((_, i) => memory.get(names[i] ?? "") === undefined);
  if (open.length > 0) {
    const verdicts = await check(open);
    open.forEach((job, i) => memory.set(nameOf(job, keysOf(job)), verdicts[i] ?? false));
  }
  return names.map((name) => memory.get(name) ?? false);
};

export const createVerifier =
  (memory: VerdictMemory): Verifier =>
  async (checks) => ({
    ed25519: await through(
      memory,
      checks.ed25519,
      (j) => j.key,
      (jobs) => verifyAll(jobs),
    ),
    bls: await through(
      memory,
      checks.bls,
      (j) => j.key,
      (jobs) => blsVerifyMany(jobs),
    ),
    aggregates: await through(
      memory,
      checks.aggregates,
      (j) => j.keys.join(),
      (jobs) => jobs.map((j) => blsVerifyAggregate(j.keys, j.message, j.signature)),
    ),
  });
