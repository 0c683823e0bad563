/**
 * How each generator's meter stands by what the chain counted of it. A register that does not move signs nothing
 * (metering/cryptometer.ts), so silence alone says little: at night all are silent. Reads, never changes.
 */
import { numberOf, type GeneratorRow } from "../ledger/rows.ts";
import type { State } from "../ledger/state.ts";
import type { Core } from "../node/core.ts";
import type { MeterStanding } from "../port-operator.ts";

const DAY_MS = 86_400_000;
/** An hour of quarter-hours: a cloud over one roof and not over the other does not last as long. */
export const LATE_STEPS = 4;

export const stepsOfDay = (core: Core): number => Math.ceil(DAY_MS / core.contract.stepMs);

/** Steps with energy of each generator, of the book that the state still has; ascending. */
const countedSteps = (core: Core): Map<number, number[]> => {
  const steps = new Map<number, number[]>();
  for (const [k, { generated }] of core.chain.state.scan("book")) {
    for (const { generator, mwh } of generated) {
      if (mwh === 0) continue;
      const known = steps.get(generator);
      if (known === undefined) steps.set(generator, [numberOf(k)]);
      else known.push(numberOf(k));
    }
  }
  return steps;
};

export type Sky = {
  readonly counted: ReadonlyMap<number, readonly number[]>;
  /** Steps in which any roof was counted, ascending. */
  readonly bright: readonly number[];
  readonly bookFrom: number;
};
const lookUp = (core: Core): Sky => {
  const counted = countedSteps(core);
  const bright = [...new Set([...counted.values()].flat())].toSorted((a, b) => a - b);
  const { head, state } = core.chain;
  const [first] = state.paths("book/");
  return { counted, bright, bookFrom: first === undefined ? head.header.step : numberOf(first.slice("book/".length)) };
};
/** The last looked at, by state: screens are told several times between two blocks. */
const skies = new WeakMap<State, { readonly head: string; readonly sky: Sky }>();
export const skyOf = (core: Core): Sky => {
  const { head, state } = core.chain;
  const known = skies.get(state);
  if (known !== undefined && known.head === head.hash) return known.sky;
  const sky = lookUp(core);
  skies.set(state, { head: head.hash, sky });
  return sky;
};

export type Standing = {
  readonly standing: MeterStanding;
  /** The last step that has energy of it; null where that is none of those at hand. */
  readonly lastStep: number | null;
  /** Steps since then in which other roofs were counted. */
  readonly behind: number;
};
/** The dark is no fault of a meter: it is behind by the steps in which others were counted. */
export const standingOf = (core: Core, index: number, row: GeneratorRow, sky: Sky): Standing => {
  const lastStep = sky.counted.get(index)?.at(-1) ?? null;
  const heard = Math.max(0, ...(core.pool.ticks.get(index as never) ?? []).map(({ body }) => body.step as number));
  const since = Math.max(lastStep ?? Math.max(row.joined, sky.bookFrom - 1), heard);
  const behind = sky.bright.filter((step) => step > since).length;
  const isSilent = core.chain.head.header.step - since >= stepsOfDay(core);
  const standing =
    row.register === 0 && heard === 0 ? "never" : isSilent ? "silent" : behind > LATE_STEPS ? "late" : "counting";
  return { standing, lastStep, behind };
};
