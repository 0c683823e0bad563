/**
 * Signature checks for all nodes of one process (the issue of many nodes on two cores): what several nodes ask within a
 * moment of virtual time is checked as one batch, and the answer comes a moment later, as on a device that is busy;
 * meanwhile other nodes go on. Verdicts are the same for everybody, so a run stays a function of its seed.
 */
import type { Checks, Verdicts } from "../consensus/checks.ts";
import type { Verifier } from "../shell/verifier.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Virtual ms that a batch stays open, and that its verdicts take. */
const OPEN_MS = 60;
const WORK_MS = 120;

type Asker = { readonly checks: Checks; readonly answer: (verdicts: Verdicts) => void };

const joined = (askers: readonly Asker[]): Checks => ({
  ed25519: askers.flatMap((a) => a.checks.ed25519),
  bls: askers.flatMap((a) => a.checks.bls),
});

/** Hands each asker its part of the verdicts, in order. */
const deal = (askers: readonly Asker[], all: Verdicts): void => {
  let [ed, bls] = [0, 0];
  for (const { checks, answer } of askers) {
    answer({
      ed25519: all.ed25519.slice(ed, (ed += checks.ed25519.length)),
      bls: all.bls.slice(bls, (bls += checks.bls.length)),
    });
  }
};

export class SharedVerifier {
  readonly #time: VirtualTime;
  readonly #verify: Verifier;
  #open: Asker[] | null = null;

  constructor(time: VirtualTime, verify: Verifier) {
    this.#time = time;
    this.#verify = verify;
  }
  /** For one node. `blocked` is told when it begins and ends to wait on virtual time. */
  for(blocked: (is: boolean) => void): Verifier {
    return (checks) => {
      // Ed25519 alone is quick: it need not wait for company.
      if (checks.bls.length === 0) return this.#verify(checks);
      return new Promise((resolve) => {
        const answer = (verdicts: Verdicts): void => {
          blocked(false);
          resolve(verdicts);
        };
        this.#join({ checks, answer });
        blocked(true);
      });
    };
  }
  #join(asker: Asker): void {
    if (this.#open !== null) return void this.#open.push(asker);
    const askers = [asker];
    this.#open = askers;
    this.#time.at(this.#time.now + OPEN_MS, () => {
      this.#open = null;
      const work = this.#verify(joined(askers));
      this.#time.at(this.#time.now + WORK_MS, () => this.#time.hold(work.then((verdicts) => deal(askers, verdicts))));
    });
  }
}
