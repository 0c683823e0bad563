/**
 * A community on trial: real nodes on virtual time with meters that count, and the witness of worker/lab that looks at
 * every node after every change. Knows no stories.
 */
import { signWith } from "../../worker/base/ed25519.ts";
import { nativeEd25519 } from "../../worker/cli/native-ed25519.ts";
import { startWasmBls } from "../../worker/cli/wasm-bls.ts";
import { cryptometerSecret, type MemberKeys } from "../../worker/base/keys.ts";
import { mwh, type Millis } from "../../worker/base/units.ts";
import { communityId, type Contract, type SignedContract } from "../../worker/community/contract.ts";
import { endOf } from "../../worker/community/market-step.ts";
import type { Quorum } from "../../worker/community/presets.ts";
import { createVerifier, engineOn, VerdictMemory } from "../../worker/shell/verifier.ts";
import { LabCommunity, labContract, memberKeys } from "../../worker/lab/community.ts";
import { Witness } from "../../worker/lab/witness.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import type { CryptometerConfig } from "../../worker/metering/cryptometer.ts";
import type { Network } from "../../worker/network/network.ts";
import type { Core } from "../../worker/node/core.ts";
import type { MeterTerms } from "../../worker/node/desk.ts";

/** Real signatures, on the faster arithmetic that agrees with noble on every byte. */
export const REAL = await startWasmBls();
export const T0 = 1_700_000_000_000 as Millis;
export const TERMS: MeterTerms = { resolutionMwh: 1_000, pMinW: 57, mpePpm: 20_000, pMaxW: 10_000 };
/** What a meter counts in one step; a multiple of what its register shows. */
export const PER_STEP_MWH = 4_000;
const READ_MS = 5_000;

export const configOf = (contract: Contract): CryptometerConfig => ({
  stepMs: contract.stepMs,
  t0: contract.t0,
  quantumMwh: mwh(1_000),
  mode: "per-step",
  tickMinMs: 1_000,
  graceMs: 200,
  journalMs: 1_000,
  pMaxW: TERMS.pMaxW,
  resolutionMwh: TERMS.resolutionMwh,
});

export type TrialOptions = {
  readonly members: number;
  readonly seed?: string;
  /** Who reads a generator from the beginning; everybody by default. */
  readonly owners?: readonly number[];
  readonly quorum?: Quorum;
  readonly change?: Partial<Contract>;
  /** Nodes that are not started. */
  readonly absent?: readonly number[];
  /** Keys beyond the members': neighbours who are not in the contract. */
  readonly others?: number;
  readonly latency?: (from: string, to: string) => number;
  /** What stands between a node and its network. */
  readonly between?: (member: number, network: Network) => Network;
  /** Members' keys other than those of the seed. */
  readonly keysOf?: (i: number) => MemberKeys;
};

export class Trial {
  readonly time: VirtualTime;
  readonly lab: LabCommunity;
  readonly keys: readonly MemberKeys[];
  readonly signed: SignedContract;
  readonly witness: Witness;

  private constructor(o: TrialOptions) {
    const seed = o.seed ?? "trial";
    this.time = new VirtualTime(T0, seed);
    this.keys = Array.from({ length: o.members + (o.others ?? 0) }, (_, i) => o.keysOf?.(i) ?? memberKeys(seed, i));
    // The same bytes and verdicts in a tenth of the time.
    const { signer, subtle } = nativeEd25519();
    for (const { memberSecret } of this.keys) signWith(memberSecret, signer(memberSecret));
    const owners = o.owners ?? Array.from({ length: o.members }, (_, i) => i);
    this.signed = labContract(
      this.keys.slice(0, o.members),
      { name: "Trial", preset: "fast", quorum: o.quorum ?? "majority", t0: T0 },
      owners.map((owner) => ({ owner, terms: TERMS })),
      o.change,
    );
    this.witness = new Witness({ contract: this.signed.contract, now: () => this.time.now });
    this.lab = new LabCommunity({
      bls: REAL,
      verify: createVerifier(new VerdictMemory(), engineOn(REAL, subtle)),
      setting: (i) => ({ network: (network) => this.witness.listening(i, o.between?.(i, network) ?? network) }),
      time: this.time,
      signed: this.signed,
      keys: this.keys,
      community: communityId(this.signed.contract),
      ...(o.latency === undefined ? {} : { latency: o.latency }),
    });
    this.lab.onChange = (i) => {
      const { node } = this.lab.inhabitant(i);
      if (node !== null) this.witness.look(i, node.core);
    };
  }
  static async begin(o: TrialOptions): Promise<Trial> {
    const trial = new Trial(o);
    for (let i = 0; i < o.members; i++) {
      const own = trial.lab.inhabitant(i).disk.tables.get("own");
      if (own !== undefined) trial.witness.tap(i, own);
      if (o.absent?.includes(i) !== true) await trial.lab.start(i);
    }
    for (const owner of o.owners ?? trial.keys.slice(0, o.members).keys()) await trial.pair(owner);
    return trial;
  }
  get contract(): Contract {
    return this.signed.contract;
  }
  core(i: number): Core {
    return this.lab.node(i).core;
  }
  get cores(): Core[] {
    return this.lab.open.map((node) => node.core);
  }
  get heads(): string[] {
    return this.cores.map(({ chain }) => chain.head.hash);
  }
  end(step: number): number {
    return endOf(this.contract, step);
  }
  /** Pairs a meter with a node; while it counts, it makes PER_STEP_MWH a step, whether the node runs or not. */
  async pair(owner: number, steps = 40): Promise<void> {
    const { runner } = this.lab.node(owner);
    const secret = cryptometerSecret(this.lab.inhabitant(owner).keys.seed, 0);
    const config = configOf(this.contract);
    await runner.order({ kind: "add-meter", meter: "roof", label: "Roof", keyNumber: 0, config, terms: TERMS, secret });
    for (let ms = 0; ms <= steps * this.contract.stepMs; ms += READ_MS) {
      const register = Math.floor((ms * PER_STEP_MWH) / this.contract.stepMs);
      if (T0 + ms < this.time.now) continue;
      this.time.at(T0 + ms, () =>
        this.lab.inhabitant(owner).node?.runner.reading("roof", mwh(register), (T0 + ms) as Millis),
      );
    }
  }
  /** Until `ms` after T_step; 3 s are enough for its block and its votes. */
  async until(step: number, ms = 3_000): Promise<void> {
    await this.time.runUntil(this.end(step) + ms);
    this.lab.check();
  }
  /** The address of a member's node at the hub. */
  address(i: number): string {
    return this.lab.inhabitant(i).address;
  }
  /** Nothing passes between the two groups until it is called with false. */
  part(left: readonly number[], right: readonly number[], on: boolean): void {
    const act = on ? this.lab.hub.cut : this.lab.hub.heal;
    for (const a of left) for (const b of right) act(this.address(a), this.address(b));
  }
}
