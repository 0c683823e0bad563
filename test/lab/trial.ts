/**
 * A community on trial: real nodes on virtual time with meters that count, and a witness that looks at every node after
 * every change and writes down whatever must never happen. Knows the checks, not the stories.
 */
import { toHex } from "../../worker/base/bytes.ts";
import { cryptometerSecret, type MemberKeys } from "../../worker/base/keys.ts";
import { mwh, type Millis } from "../../worker/base/units.ts";
import { communityId, type Contract, type SignedContract } from "../../worker/community/contract.ts";
import { endOf } from "../../worker/community/market-step.ts";
import type { Quorum } from "../../worker/community/presets.ts";
import type { TreeNode } from "../../worker/consensus/tree.ts";
import { LabCommunity, labContract, memberKeys } from "../../worker/lab/community.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { stateRoot } from "../../worker/ledger/state.ts";
import type { CryptometerConfig } from "../../worker/metering/cryptometer.ts";
import type { Core } from "../../worker/node/core.ts";
import type { MeterTerms } from "../../worker/node/desk.ts";

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

const sum = (list: Iterable<number>): number => [...list].reduce((a, b) => a + b, 0);

/** What one node knows must hold at every moment; answers what does not. */
const conservation = ({ chain }: Core): string[] => {
  const totals = chain.state.get("totals", "");
  const waiting = sum(chain.state.scan("energy").map(([, e]) => e.mwh));
  const registers = sum(chain.state.scan("generator").map(([, g]) => g.register));
  const meters = sum(chain.state.scan("member").map(([, m]) => m.meter));
  const generated = totals?.generated ?? 0;
  const faults: string[] = [];
  if (generated !== registers) faults.push(`generated ${generated}, registers ${registers}`);
  if (generated !== (totals?.distributed ?? 0) + (totals?.lost ?? 0) + waiting)
    faults.push(`generated ${generated}, distributed ${totals?.distributed}, waiting ${waiting}`);
  if (totals?.distributed !== meters) faults.push(`distributed ${totals?.distributed}, meters ${meters}`);
  return faults;
};

/** Looks at nodes as they change. `faults` stays empty in an honest world. */
export class Witness {
  readonly faults: string[] = [];
  readonly #finals = new Map<number, string>();
  readonly #votes = new Map<string, string>();
  readonly #blocks = new Map<string, string>();
  readonly #heads = new Map<number, string>();
  readonly #meters = new Map<number, { readonly final: TreeNode; readonly values: readonly number[] }>();
  /** Every value that each row of each node's own journal ever had. */
  readonly #own = new Map<string, string>();

  #once(book: Map<string, string>, what: string, value: string): void {
    const known = book.get(what);
    if (known !== undefined && known !== value)
      this.faults.push(`${what}: ${known.slice(0, 16)} and ${value.slice(0, 16)}`);
    book.set(what, value);
  }
  /** Hears of everything that a node writes into its own journal. */
  tap(i: number, lab: LabCommunity): void {
    const table = lab.inhabitant(i).disk.tables.get("own");
    if (table === undefined) throw new Error("a disk has a table of its own journal");
    const put = table.put.bind(table);
    table.put = (key, value) => {
      if (value !== null && /^(vote|candidacy|winner|refund|block)\//.test(key))
        this.#once(this.#own, `node ${i}, own ${key}`, toHex(value));
      put(key, value);
    };
  }
  look(i: number, core: Core): void {
    const { chain } = core;
    for (const { target, votes } of core.pool.voteGroups())
      for (const m of votes.keys())
        this.#once(this.#votes, `vote of ${m}, set ${target.set}, round ${target.round}, ${target.kind}`, target.block);
    if (this.#heads.get(i) === chain.head.hash && this.#meters.get(i)?.final === chain.final) return;
    this.#heads.set(i, chain.head.hash);
    for (const { header, hash } of chain.tree.nodes())
      if (header.step > 0) this.#once(this.#blocks, `block of ${header.miner} for step ${header.step}`, hash);
    const root = toHex(stateRoot(chain.state));
    if (root !== chain.head.header.stateRoot) this.faults.push(`node ${i}: another state than its head says`);
    this.faults.push(...conservation(core).map((fault) => `node ${i}: ${fault}`));
    this.#finality(i, core);
  }
  #finality(i: number, core: Core): void {
    const { chain } = core;
    const { final } = chain;
    for (let height = 0; height <= final.header.height; height++) {
      const hash = core.summaries[height]?.hash;
      const known = this.#finals.get(height);
      if (hash === undefined || (known !== undefined && known !== hash))
        this.faults.push(`node ${i}: final at ${height} is ${known?.slice(0, 8)} and ${hash?.slice(0, 8)}`);
      else this.#finals.set(height, hash);
    }
    const values = chain.tree
      .viewAt(chain.state, chain.head, final)
      .scan("member")
      .map(([, row]) => row.meter as number);
    const before = this.#meters.get(i)?.values ?? [];
    if (before.some((v, m) => v > (values[m] ?? -1))) this.faults.push(`node ${i}: a virtual meter went backwards`);
    this.#meters.set(i, { final, values });
  }
}

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
  /** Members' keys other than those of the seed. */
  readonly keysOf?: (i: number) => MemberKeys;
};

export class Trial {
  readonly time: VirtualTime;
  readonly lab: LabCommunity;
  readonly keys: readonly MemberKeys[];
  readonly signed: SignedContract;
  readonly witness = new Witness();

  private constructor(o: TrialOptions) {
    const seed = o.seed ?? "trial";
    this.time = new VirtualTime(T0, seed);
    this.keys = Array.from({ length: o.members + (o.others ?? 0) }, (_, i) => o.keysOf?.(i) ?? memberKeys(seed, i));
    const owners = o.owners ?? Array.from({ length: o.members }, (_, i) => i);
    this.signed = labContract(
      this.keys.slice(0, o.members),
      { name: "Trial", preset: "fast", quorum: o.quorum ?? "majority", t0: T0 },
      owners.map((owner) => ({ owner, terms: TERMS })),
      o.change,
    );
    this.lab = new LabCommunity({
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
      trial.witness.tap(i, trial.lab);
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
