/**
 * A community under test: unchanged nodes with clocks, disks and a network that go wrong, roofs that generate, a witness,
 * and the figures of the run. Scenarios make it suffer; it knows none of them.
 */
import { publicKeyOf, signWith, verifyWith, type Ed25519 } from "../../base/ed25519.ts";
import { cryptometerSecret, type MemberKeys } from "../../base/keys.ts";
import { mwh, type Millis } from "../../base/units.ts";
import { communityId, type Contract, type SignedContract } from "../../community/contract.ts";
import { endOf, stepAt } from "../../community/market-step.ts";
import type { Quorum } from "../../community/presets.ts";
import type { CryptometerConfig } from "../../metering/cryptometer.ts";
import type { Tuning } from "../../network/link.ts";
import type { Network } from "../../network/network.ts";
import type { Core } from "../../node/core.ts";
import { blockKey, readBlockRow } from "../../node/disk.ts";
import type { Block } from "../../consensus/block.ts";
import type { MeterTerms } from "../../node/desk.ts";
import type { Bls } from "../../base/bls-scheme.ts";
import { nobleBls } from "../../base/bls.ts";
import { createVerifier, engineOn, VerdictMemory, type Verifier } from "../../shell/verifier.ts";
import { LabCommunity, labContract, memberKeys, type Setting } from "../community.ts";
import { VirtualTime } from "../virtual-time.ts";
import { Witness } from "../witness.ts";
import { ForgetfulStore } from "./forgetful-store.ts";
import { Figures } from "./figures.ts";
import { Rng } from "./rng.ts";
import { SkewedClock, TRUE_TIME, type Skew } from "./skewed-clock.ts";
import { ORDINARY, Weather, type Forecast } from "./weather.ts";

export const T0 = 1_700_000_000_000 as Millis;
const TERMS: MeterTerms = { resolutionMwh: 1_000, pMinW: 57, mpePpm: 20_000, pMaxW: 10_000 };
/** What a roof makes in one step; a multiple of what its register shows. */
export const PER_STEP_MWH = 4_000;
/** Fees and losses, so that there is something to earn and something to confiscate. */
const TERMS_OF_TOWN = { feePpm: 20_000, lossPpm: 10_000 } as const;
const READS_A_STEP = 2;

export type TownOptions = {
  readonly members: number;
  readonly seed: string;
  readonly quorum?: Quorum;
  readonly forecast?: Forecast;
  /** How long a commit takes to be durable. */
  readonly syncMs?: readonly [least: number, most: number];
  readonly skew?: (i: number) => Skew;
  readonly honest?: (i: number) => boolean;
  /** How links of liars behave. */
  readonly liarsTuning?: Partial<Tuning>;
  readonly change?: Partial<Contract>;
  /** What signs, adds up and checks votes and draws: noble, or what stands in for it. */
  readonly bls?: (keys: readonly MemberKeys[]) => Bls;
  /** Faster arithmetic for Ed25519, where the process has some. */
  readonly ed25519?: Ed25519 | undefined;
  /** Ed25519 signatures that the run itself made with a member's secret count as checked; all others are checked. */
  readonly trustOwn?: boolean;
  /** Called while time stands still, with the step that runs: to tell how far it is. What it throws ends the run. */
  readonly meanwhile?: ((step: number) => Promise<void>) | undefined;
};
/** The engine's checks run in threads of its own: one at a time, so that their ends have one order in every run. */
const inOrder = (verify: Verifier): Verifier => {
  let last: Promise<unknown> = Promise.resolve();
  return (checks) => {
    if (checks.ed25519.length + checks.bls.length === 0) return verify(checks);
    const mine = last.then(() => verify(checks));
    last = mine;
    return mine;
  };
};
/** Somebody between a node and its network: an adversary with that node's keys. */
export type Between = (i: number, network: Network) => Network;

const configOf = (contract: Contract): CryptometerConfig => ({
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

/** Keys take long to make and are the same in every run: the contract's name, with the seed, sets draws apart. */
const KEYS: MemberKeys[] = [];
const keysOf = (members: number): MemberKeys[] => {
  for (let i = KEYS.length; i < members; i++) KEYS.push(memberKeys("town", i));
  return KEYS.slice(0, members);
};

export class Town {
  readonly time: VirtualTime;
  readonly rng: Rng;
  readonly lab: LabCommunity;
  readonly signed: SignedContract;
  readonly witness: Witness;
  readonly weather: Weather;
  readonly figures: Figures;
  readonly roofs: readonly number[];
  readonly honest: (i: number) => boolean;
  readonly bls: Bls;
  readonly #o: TownOptions;
  readonly #clocks: SkewedClock[];
  readonly #disks = new Map<number, ForgetfulStore>();
  readonly #diskRng: Rng;
  readonly #verdicts = new VerdictMemory();
  #between: Between = (_, network) => network;

  constructor(o: TownOptions) {
    this.#o = o;
    this.honest = o.honest ?? (() => true);
    this.time = new VirtualTime(T0, o.seed);
    this.rng = new Rng(o.seed);
    this.#diskRng = this.rng.fork("disk");
    const keys = keysOf(o.members);
    // Two honest roofs, and one of the last member, who lies first.
    this.roofs = [...new Set([0, Math.min(1, o.members - 1), o.members - 1])];
    this.signed = labContract(
      keys,
      { name: `Town ${o.seed}`.slice(0, 60), preset: "fast", quorum: o.quorum ?? "two-thirds", t0: T0 },
      this.roofs.map((owner) => ({ owner, terms: TERMS })),
      { ...TERMS_OF_TOWN, ...o.change },
    );
    this.bls = o.bls?.(keys) ?? nobleBls;
    for (const { memberSecret } of keys) this.#speedUp(memberSecret);
    if (o.ed25519 !== undefined) verifyWith(o.ed25519.isSigned);
    const { contract } = this.signed;
    this.#clocks = keys.map((_, i) => new SkewedClock(this.time.clock, o.skew?.(i) ?? TRUE_TIME));
    this.weather = new Weather(this.time.surroundings, this.rng.fork("weather"), o.forecast ?? ORDINARY);
    const now = (): number => this.time.now;
    const clockOf = (i: number): number => this.clock(i).now();
    this.witness = new Witness({ contract, now, honest: this.honest, clockOf });
    this.figures = new Figures(contract, now, this.honest);
    this.lab = new LabCommunity({
      time: this.time,
      signed: this.signed,
      keys,
      community: communityId(contract),
      latency: () => 5,
      setting: (i) => this.#setting(i),
      bls: this.bls,
      verify: inOrder(createVerifier(this.#verdicts, engineOn(this.bls, o.ed25519?.subtle))),
    });
    this.lab.onChange = (i) => {
      const { node } = this.lab.inhabitant(i);
      if (node === null || !this.honest(i)) return;
      this.witness.look(i, node.core);
      this.figures.note(i, node.core);
    };
    this.witness.onFinal = (hash, step) => this.figures.final(hash, step);
    this.witness.onReorganised = (_, replaced) => this.figures.reorganised(replaced);
  }
  #speedUp(secret: Uint8Array): void {
    const { ed25519, trustOwn = false } = this.#o;
    if (ed25519 === undefined) return;
    const sign = ed25519.signer(secret);
    const key = publicKeyOf(secret);
    signWith(secret, (message) => {
      const signature = sign(message);
      if (trustOwn) this.#verdicts.made({ key, message, signature });
      return signature;
    });
  }
  get members(): number {
    return this.#o.members;
  }
  get contract(): Contract {
    return this.signed.contract;
  }
  get everybody(): number[] {
    return Array.from({ length: this.members }, (_, i) => i);
  }
  get honestOnes(): number[] {
    return this.everybody.filter(this.honest);
  }
  clock(i: number): SkewedClock {
    const clock = this.#clocks[i];
    if (clock === undefined) throw new Error("the town has such a member");
    return clock;
  }
  /** Who stands between nodes and their networks, from the next start of each. */
  put(between: Between): void {
    this.#between = between;
  }
  #setting(i: number): Setting {
    const [least, most] = this.#o.syncMs ?? [1, 8];
    const { liarsTuning } = this.#o;
    return {
      ...(liarsTuning === undefined || this.honest(i) ? {} : { tuning: liarsTuning }),
      clock: this.clock(i),
      store: (store, wait) => {
        const disk = new ForgetfulStore(store, this.time, () => this.#diskRng.between(least, most), wait);
        this.#disks.set(i, disk);
        return disk;
      },
      // From the node outwards: an adversary may change what it sends, the witness hears what leaves, then comes the weather.
      network: (network) => {
        const outside = this.figures.watching(i, this.weather.over(i, network));
        return this.witness.listening(i, this.#between(i, outside));
      },
    };
  }
  isUp(i: number): boolean {
    return this.lab.inhabitant(i).node !== null;
  }
  get up(): number[] {
    return this.everybody.filter((i) => this.isUp(i));
  }
  async start(i: number): Promise<void> {
    if (this.isUp(i)) return;
    this.witness.restarted(i);
    const { disk } = this.lab.inhabitant(i);
    const own = disk.tables.get("own");
    if (own !== undefined && !this.#tapped.has(i)) this.witness.tap(i, own);
    const isNew = !this.#tapped.has(i);
    this.#tapped.add(i);
    const { core, runner } = await this.lab.start(i);
    for (const { secret } of core.desk.meters.values()) this.#speedUp(secret);
    if (isNew && this.roofs.includes(i)) await this.#pair(i, runner);
    const store = this.#disks.get(i);
    if (store !== undefined) store.slow = true;
  }
  readonly #tapped = new Set<number>();
  /** The tab is closed: what is on disk is whole, neighbours are told. */
  async stop(i: number): Promise<void> {
    if (!this.isUp(i)) return;
    await this.#disks.get(i)?.powerOff(true);
    await this.lab.stop(i);
  }
  /** The power goes at this very moment: a commit under way is lost, or kept without anybody knowing. */
  async crash(i: number): Promise<void> {
    if (!this.isUp(i)) return;
    const { address } = this.lab.inhabitant(i);
    this.lab.hub.isolate(address, true);
    this.lab.node(i).runner.stop();
    await this.#disks.get(i)?.powerOff(this.#diskRng.happens(500_000));
    await this.lab.stop(i);
    this.lab.hub.isolate(address, false);
    this.figures.crashes += 1;
  }
  async startAll(which: readonly number[] = this.everybody): Promise<void> {
    for (const i of which) await this.start(i);
  }
  async #pair(owner: number, runner: LabCommunity["open"][number]["runner"]): Promise<void> {
    const secret = cryptometerSecret(this.lab.inhabitant(owner).keys.seed, 0);
    this.#speedUp(secret);
    const config = configOf(this.contract);
    await runner.order({ kind: "add-meter", meter: "roof", label: "Roof", keyNumber: 0, config, terms: TERMS, secret });
    this.#read(owner, 0);
  }
  /** A roof's register is read all along, while its node runs, by that node's clock. */
  #read(owner: number, n: number): void {
    const ms = (n * this.contract.stepMs) / READS_A_STEP;
    this.time.at(T0 + ms, () => {
      const register = Math.floor((ms * PER_STEP_MWH) / this.contract.stepMs);
      const at = this.clock(owner).now();
      if (at >= T0) this.lab.inhabitant(owner).node?.runner.reading("roof", mwh(register), at);
      this.#read(owner, n + 1);
    });
  }
  core(i: number): Core {
    return this.lab.node(i).core;
  }
  end(step: number): number {
    return endOf(this.contract, step);
  }
  /** The honest node that knows most to be final. @throws when none is up. */
  get best(): Core {
    const cores = this.honestOnes.filter((i) => this.isUp(i)).map((i) => this.core(i));
    const [best] = cores.toSorted(
      (a, b) =>
        b.chain.final.header.height - a.chain.final.header.height ||
        b.chain.head.header.height - a.chain.head.header.height,
    );
    if (best === undefined) throw new Error("some honest node is up");
    return best;
  }
  async to(time: number): Promise<void> {
    await this.time.runUntil(time);
    this.lab.check();
    await this.#o.meanwhile?.(stepAt(this.contract, this.time.now));
  }
  /** Until `ms` after T_step; 3 s are enough for its block and its votes. */
  async until(step: number, ms = 3_000): Promise<void> {
    await this.to(this.end(step) + ms);
  }
  /** The blocks of the best honest chain, from the first; read from that node's disk, where all of them are. */
  blocks(): Block[] {
    const { best } = this;
    const i = this.honestOnes.find((n) => this.isUp(n) && this.core(n) === best) ?? 0;
    const rows = this.lab.inhabitant(i).disk.tables.get("chain")?.values;
    return best.summaries.slice(1).flatMap((line) => {
      const row = rows?.get(blockKey(line.height, line.hash));
      return row === undefined ? [] : [readBlockRow(row).block];
    });
  }
  address(i: number): string {
    return this.lab.inhabitant(i).address;
  }
  /** Nothing passes between the two groups until it is called with false. */
  part(left: readonly number[], right: readonly number[], on: boolean): void {
    const act = on ? this.lab.hub.cut : this.lab.hub.heal;
    for (const a of left) for (const b of right) act(this.address(a), this.address(b));
  }
}
