/**
 * One run of one scenario: the town is built, suffers, is left in peace, and is then judged. The same plan gives the same
 * run to the byte; `fingerprint` says so. Knows no scenario by name.
 */
import { nobleBls } from "../../base/bls.ts";
import type { Bls } from "../../base/bls-scheme.ts";
import type { Ed25519 } from "../../base/ed25519.ts";
import { toHex, utf8ToBytes } from "../../base/bytes.ts";
import { taggedHash } from "../../base/hash.ts";
import type { Witness } from "../witness.ts";
import { idealBls } from "./ideal-bls.ts";
import { Puppet } from "./puppet.ts";
import type { Expectation, Plan, RunFigures, Scenario, Stage } from "./scenario.ts";
import { Town } from "./town.ts";
import { CALM } from "./weather.ts";

export type Signatures = "real" | "ideal";
export type SimulationOptions = Plan & {
  readonly signatures?: Signatures;
  /** The true arithmetic to use where signatures are real; noble's by default. */
  readonly bls?: Bls;
  /** Likewise for Ed25519, which is always real. */
  readonly ed25519?: Ed25519;
  /** Called while time stands still, with the step that runs. What it throws ends the run. */
  readonly meanwhile?: (step: number) => Promise<void>;
};
export type Report = {
  readonly scenario: string;
  readonly members: number;
  readonly steps: number;
  readonly seed: string;
  readonly signatures: Signatures;
  readonly attacked: string;
  readonly happened: string;
  readonly checkers: ReturnType<Witness["verdicts"]>;
  readonly faults: Witness["faults"];
  readonly expectations: readonly Expectation[];
  readonly figures: RunFigures;
  readonly counts: Readonly<Record<string, number>>;
  readonly fingerprint: string;
  /** False when the attack found no occasion: what held then says nothing of it. */
  readonly attackTookPlace: boolean;
  readonly ok: boolean;
};

/** Steps of peace in which all that lasts must become final, at least and at most. */
const PEACE = 3;
const LONGEST_PEACE = 40;

const stageOf = (scenario: Scenario, o: SimulationOptions): Stage => {
  const liars = scenario.liars?.(o) ?? 0;
  const town = new Town({
    members: o.members,
    seed: `${scenario.name}/${o.seed}`,
    honest: (i) => i < o.members - liars,
    bls: o.signatures === "ideal" ? idealBls : () => o.bls ?? nobleBls,
    ed25519: o.ed25519,
    trustOwn: o.signatures === "ideal",
    meanwhile: o.meanwhile,
    ...scenario.town?.(o),
  });
  const puppets = Array.from(
    { length: liars },
    (_, n) => new Puppet(town.lab, town.time, o.members - liars + n, town.bls),
  );
  const counts = new Map<string, number>();
  const count = (what: string, by = 1): void => void counts.set(what, (counts.get(what) ?? 0) + by);
  town.put((i, network) => puppets.find((p) => p.me === i)?.over(network) ?? network);
  const { members, steps, seed } = o;
  return {
    town,
    plan: { members, steps, seed },
    rng: town.rng.fork("scenario"),
    puppets,
    counts,
    count,
    counted: (what) => counts.get(what) ?? 0,
  };
};

const isSettled = (town: Town, steps: number): boolean => {
  const cores = town.honestOnes.map((i) => town.core(i));
  return (
    new Set(cores.map(({ chain }) => chain.final.hash)).size === 1 &&
    cores.every(({ chain }) => chain.final.header.step >= steps)
  );
};

/** The network is whole and everybody honest is there: what the run leaves must now become one final chain. */
const peace = async ({ town, plan }: Stage): Promise<number> => {
  town.weather.forecast = CALM;
  town.part(town.everybody, town.everybody, false);
  await town.startAll(town.honestOnes);
  for (let n = 1; ; n++) {
    await town.until(plan.steps + n);
    if (n >= LONGEST_PEACE || (n >= PEACE && isSettled(town, plan.steps))) return n;
  }
};

const verdictsOf = ({ town, plan }: Stage, peaceful: number): Expectation[] => [
  {
    says: `all honest nodes have one final chain past step ${plan.steps} (after ${peaceful} steps of peace)`,
    ok: isSettled(town, plan.steps),
  },
];

/** @throws Error when a node stops by a bug, or the plan makes no sense for the scenario. */
export const simulate = async (scenario: Scenario, o: SimulationOptions): Promise<Report> => {
  const stage = stageOf(scenario, o);
  const { town } = stage;
  scenario.prepare?.(stage);
  await town.startAll(scenario.begin?.(stage.plan) ?? town.everybody);
  await scenario.play(stage);
  const peaceful = await peace(stage);
  const figures = town.figures.of(town.best, o.steps, o.members);
  const checkers = town.witness.verdicts();
  const expectations = [...(scenario.expect?.(stage, figures) ?? []), ...verdictsOf(stage, peaceful)];
  const counts = Object.fromEntries([...stage.counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const essence = JSON.stringify([figures, counts, town.figures.hash, town.time.now, expectations]);
  const happened = scenario.tell(stage, figures);
  for (const i of town.up) await town.stop(i);
  return {
    scenario: scenario.name,
    members: o.members,
    steps: o.steps,
    seed: o.seed,
    signatures: o.signatures ?? "real",
    attacked: scenario.attack,
    happened,
    checkers,
    faults: town.witness.faults,
    expectations,
    figures,
    counts,
    fingerprint: toHex(taggedHash("lab-run", utf8ToBytes(essence))),
    attackTookPlace: scenario.attacks?.some((what) => stage.counted(what) > 0) ?? true,
    ok: checkers.every((c) => c.ok) && expectations.every((e) => e.ok),
  };
};
