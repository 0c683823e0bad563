/**
 * The check of one generator against its MID meter's own record (settlement/reconcile.ts): what the chain has of it is
 * read from this node's book, and where a block is needed to say that energy came late, from the block. Of a check that
 * was made this device remembers when and whether it held; nothing else changes.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { endOf, lastEnded, startOf } from "../community/market-step.ts";
import { roofIn } from "../ledger/book-sums.ts";
import { key, type GeneratorRow } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import { reconciliationCsv } from "../settlement/csv.ts";
import { reconcile, type ChainStep } from "../settlement/reconcile.ts";
import { parseRegisterFile, type MeterFile } from "../settlement/register-file.ts";
import { zoneOf } from "../settlement/zone.ts";
import type { Store } from "../storage/store.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import { bookRows, firstHeld } from "./book-rows.ts";
import type { Device } from "./device.ts";
import { blockFor, blockOf } from "./lookup.ts";
import { keepCheck } from "./meter-checks.ts";
import { unmoved } from "./unmoved.ts";

/** Rows that a screen lists; the file has them all. */
const MAX_SHOWN = 300;
/** Estimated steps whose block is looked for. */
const MAX_LOOKED_AT = 200;

type Booked = { readonly mwh: number; readonly estimated: boolean };

/** Of the steps that this device keeps. As bytes: a year of a thousand members has thirty million shares beside it. */
const bookOf = async (core: Core, store: Store, generator: number): Promise<Map<number, Booked>> => {
  const steps = new Map<number, Booked>();
  for await (const rows of bookRows(core, store, firstHeld(core), core.chain.head.header.step)) {
    for (const [step, raw] of rows) {
      const own = roofIn(raw, generator);
      if (own === null) continue;
      const known = steps.get(step);
      steps.set(step, {
        mwh: (known?.mwh ?? 0) + own.mwh,
        estimated: own.estimated || known?.estimated === true,
      });
    }
  }
  return new Map([...steps].toSorted(([a], [b]) => a - b));
};

/** Whether a step's energy came with the last block that could still book to it: its own step was closed by then. */
const cameLate = async (core: Core, store: Store, generator: number, step: number): Promise<boolean> => {
  const { lateWindow } = core.contract;
  for (let at = step + lateWindow - 1; at <= step + lateWindow + 1; at++) {
    const line = blockFor(core, at);
    if (line?.step !== at) continue;
    const block = await blockOf(core, store, line);
    const has = block?.txs.some(
      ({ body }) => body.kind === "generation" && body.generator === generator && body.step === step,
    );
    if (has === true) return true;
  }
  return false;
};

const chainSteps = async (core: Core, store: Store, generator: number, booked: ReadonlyMap<number, Booked>) => {
  const late = new Set<number>();
  const estimated = [...booked].flatMap(([step, one]) => (one.estimated ? [step] : []));
  for (const step of estimated.slice(-MAX_LOOKED_AT)) if (await cameLate(core, store, generator, step)) late.add(step);
  const open = new Set(core.chain.state.scan("energy").map(([, row]) => row.step as number));
  const lastClosed = core.chain.final.header.step - core.contract.lateWindow;
  return (step: number): ChainStep => ({
    mwh: booked.get(step)?.mwh ?? 0,
    estimated: booked.get(step)?.estimated ?? false,
    late: late.has(step),
    closed: step <= lastClosed && !open.has(step),
  });
};

/**
 * One register is enough where this device reads the meter: it knows where the meter stood when counting began, and by
 * the chain's register how much was booked before the first step that it keeps.
 */
const fromBeginning = (
  core: Core,
  row: GeneratorRow,
  file: MeterFile,
  begin: number,
  bookedMwh: number,
): Result<MeterFile> => {
  const [point] = file.points;
  if (file.points.length !== 1 || point === undefined) return ok(file);
  const count = [...core.desk.meters.values()].find((meter) => meter.key === row.terms.key)?.cryptometer?.count;
  if (count === null || count === undefined)
    return refuse(
      "reconcile-one-register",
      "One register is enough only on the device that reads this meter; add an earlier one, on a line of its own.",
      "ignore",
    );
  const began = count.meterMwh - count.register + (row.register - bookedMwh);
  if (point.mwh < began || point.at <= begin)
    return refuse(
      "reconcile-before",
      "This register is from before the meter was paired; enter a later one, or add a second line.",
      "ignore",
    );
  return ok({ ...file, intervals: [{ from: begin, to: point.at, mwh: point.mwh - began }] });
};

export const reconcileMeter = async (device: Device, ask: Ask<"reconcile">): Answer<"reconcile"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core } = node.value;
  const { contract, chain } = core;
  const now = device.o.clock.now();
  const row = chain.state.get("generator", key(ask.generator));
  if (row === undefined) return refuse("generator-unknown", "There is no such meter in this community.", "ignore");
  const zone = zoneOf(ask.zone);
  if (!zone.ok) return zone;
  const parsed = parseRegisterFile(ask.text, { ...ask, zone: zone.value });
  if (!parsed.ok) return parsed;
  const { booked, meter } = await unmoved(node.value, async () => ({
    meter: chain.state.get("generator", key(ask.generator)) ?? row,
    booked: await bookOf(core, device.store, ask.generator),
  }));
  if (booked.size === 0)
    return refuse(
      "reconcile-nothing",
      "The chain has nothing of this meter yet; come back after its first step.",
      "ignore",
    );
  const began = Math.min(...booked.keys());
  const bookedMwh = [...booked.values()].reduce((sum, { mwh }) => sum + mwh, 0);
  const file = fromBeginning(core, meter, parsed.value, startOf(contract, began), bookedMwh);
  if (!file.ok) return file;
  const isWhole = file.value.points.length !== 1;
  const found = reconcile({
    t0: contract.t0,
    stepMs: contract.stepMs,
    chain: await chainSteps(core, device.store, ask.generator, booked),
    meter: file.value,
    // In the step in which counting began only a part was counted.
    firstStep: isWhole ? began + 1 : began,
    lastStep: lastEnded(contract, now),
    mpePpm: meter.terms.mpePpm,
    pMinW: meter.terms.pMinW,
    resolutionMwh: meter.terms.resolutionMwh,
  });
  const { rows, total, closed, clockOffsetMs, hint } = found;
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) {
    const ended = endOf(contract, lastEnded(contract, now));
    if (file.value.intervals.some(({ to }) => to > ended))
      return refuse("reconcile-running", "The step of this time still runs; compare again once it is over.", "ignore");
    return refuse(
      "reconcile-elsewhere",
      "None of these times lies where the chain has counted this meter; check the dates and the time zone.",
      "ignore",
      { from: startOf(contract, began), to: now },
    );
  }
  const out = rows.filter((one) => one.verdict === "out");
  const fits = total.verdict !== "out";
  await keepCheck(device.store, meter.terms.key, { at: now, from: first.from, to: last.to, fits });
  return ok({
    generator: ask.generator,
    from: first.from,
    to: last.to,
    total,
    mpePpm: meter.terms.mpePpm,
    rows: rows.length,
    roundingRows: rows.filter((one) => one.verdict === "rounding").length,
    outRows: out.length,
    clockOffsetMs,
    hint,
    closed,
    out: out.slice(0, MAX_SHOWN),
    csv: reconciliationCsv(rows),
  });
};
