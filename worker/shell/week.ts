/**
 * What the members and the meters of a community did over the last seven days, or over what the chain's state remembers of
 * them (worker/port-explore.ts): energy from the book, blocks from the lines, fees out of the blocks' own entries. Reads,
 * never changes.
 */
import { ok } from "../base/result.ts";
import { mwh, stepIndex } from "../base/units.ts";
import { startOf, stepAt } from "../community/market-step.ts";
import { allocationAt, PPM, repartition, type Allocation } from "../community/repartition.ts";
import type { Block } from "../consensus/block.ts";
import { allocationsOf } from "../ledger/allocations.ts";
import { oldestBook } from "../ledger/energy.ts";
import { key, numberOf, type BookRow, type GeneratorRow } from "../ledger/rows.ts";
import { idOf } from "../ledger/transaction.ts";
import type { Core } from "../node/core.ts";
import type { GeneratorWeek, MemberWeek, WeekView } from "../port-explore.ts";
import type { Store } from "../storage/store.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import { ruleInForce } from "./contract-view.ts";
import type { Device } from "./device.ts";
import { BODIES_AT_ONCE, bodiesBetween } from "./explore.ts";
import { blockFor } from "./lookup.ts";

const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;
/** Blocks that are read for the fees: a week of quarter-hours, and as many more for energy that was delivered late. */
const MAX_BODIES = 2_048;

const add = (sums: Map<number, number>, of: number, more: number): void => {
  sums.set(of, (sums.get(of) ?? 0) + more);
};

/**
 * Fees of one distribution. The block says who got how much, and its inputs how much there was: what is missing is fee and
 * loss, by the parts of the rule of that step.
 */
const feeIn = (rule: Allocation | undefined, total: number, shared: number): number => {
  const [fee, loss] = [rule?.feePpm ?? 0, rule?.lossPpm ?? 0];
  if (fee === 0) return 0;
  return loss === 0 ? total - shared : Number((BigInt(total) * BigInt(fee)) / BigInt(PPM));
};

export type Fees = {
  sum: number;
  readonly earned: Map<number, number>;
  readonly paid: Map<number, number>;
};

/** Adds what a block's distributions say; `amounts` has the outputs of all blocks before, by id. */
export const addFees = (core: Core, block: Block, amounts: Map<string, number>, fees: Fees): void => {
  const rules = allocationsOf(core.chain.state);
  const { community } = core.chain;
  for (const { body } of block.txs) {
    if (body.kind === "generation") amounts.set(idOf(body, community), body.to - body.from);
    if (body.kind === "transfer") amounts.set(idOf(body, community), amounts.get(body.input) ?? 0);
    if (body.kind !== "distribution") continue;
    const known = body.inputs.map((id) => amounts.get(id));
    // Of before what was read: its fee is not known here.
    if (known.some((one) => one === undefined)) continue;
    const total = known.reduce((sum: number, one) => sum + (one ?? 0), 0);
    const shared = body.shares.reduce((sum, one) => sum + one.mwh, 0);
    const fee = feeIn(allocationAt(rules, body.step) ?? rules[0], total, shared);
    if (fee <= 0) continue;
    fees.sum += fee;
    add(fees.earned, block.header.miner, fee);
    for (const { member, mwh: part } of body.shares)
      add(fees.paid, member, shared === 0 ? 0 : Math.round((fee * part) / shared));
  }
};

/** Null where this device has not all the blocks that would tell. */
const feesSince = async (core: Core, store: Pick<Store, "entries">, first: number): Promise<Fees | null> => {
  const fees: Fees = { sum: 0, earned: new Map(), paid: new Map() };
  if (allocationsOf(core.chain.state).every(({ feePpm }) => feePpm === 0)) return fees;
  const { summaries } = core;
  const begin = blockFor(core, first)?.height ?? summaries.length;
  if (summaries.length - begin > MAX_BODIES) return null;
  const amounts = new Map<string, number>();
  for (let from = begin; from < summaries.length; from += BODIES_AT_ONCE) {
    const to = Math.min(summaries.length, from + BODIES_AT_ONCE);
    const bodies = await bodiesBetween(core, store, from, to);
    if (bodies.size < to - from) return null;
    for (const [, block] of [...bodies].toSorted(([a], [b]) => a - b)) addFees(core, block, amounts, fees);
  }
  return fees;
};

/** The largest whole mWh below P_min · MPE · Δ: a step of the register must not be more (metering/accuracy.ts). */
export const boundOf = ({ pMinW, mpePpm }: Pick<GeneratorRow["terms"], "pMinW" | "mpePpm">, stepMs: number): number => {
  const exact = BigInt(pMinW) * 1_000n * BigInt(stepMs) * BigInt(mpePpm);
  return exact === 0n ? 0 : Number((exact - 1n) / (BigInt(HOUR_MS) * BigInt(PPM)));
};

type Books = readonly BookRow[];

const generatorsOf = (core: Core, books: Books): GeneratorWeek[] =>
  core.chain.state.scan("generator").map(([k, { terms, joined }]) => {
    const index = numberOf(k);
    const entries = books.map((book) => book.generated.filter((one) => one.generator === index));
    const counted = entries.filter((list) => list.length > 0);
    const { resolutionMwh, mpePpm, pMinW } = terms;
    const boundMwh = boundOf(terms, core.contract.stepMs);
    return {
      index,
      mwh: counted.flat().reduce((sum, one) => sum + one.mwh, 0),
      steps: counted.length,
      estimated: counted.filter((list) => list.some((one) => one.estimated)).length,
      resolutionMwh,
      mpePpm,
      pMinW,
      boundMwh,
      meetsBudget: resolutionMwh <= boundMwh,
      registeredAt: startOf(core.contract, joined),
    };
  });

const partsOf = (rule: Allocation | undefined): Map<number, number> => {
  if (rule === undefined) return new Map();
  const whole = PPM - rule.feePpm - rule.lossPpm;
  return new Map(repartition(mwh(whole), rule).map((one) => [one.member, one.mwh]));
};

const membersOf = (core: Core, books: Books, first: number, fees: Fees | null, rule: Allocation | undefined) => {
  const { state } = core.chain;
  const [energy, blocks, owed] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()];
  for (const { shares } of books) for (const one of shares) add(energy, one.member, one.mwh);
  for (const line of core.summaries.slice(Math.max(1, blockFor(core, first)?.height ?? core.summaries.length)))
    add(blocks, line.miner, 1);
  for (const [k, row] of state.scan("incident"))
    if (numberOf(k) >= first) for (const member of row.owed) add(owed, member, 1);
  const parts = partsOf(rule);
  return state.scan("member").map(([k]): MemberWeek => {
    const member = numberOf(k);
    return {
      member,
      mwh: energy.get(member) ?? 0,
      partPpm: parts.get(member) ?? 0,
      blocks: blocks.get(member) ?? 0,
      owed: owed.get(member) ?? 0,
      earnedMwh: fees?.earned.get(member) ?? 0,
      paidMwh: fees?.paid.get(member) ?? 0,
    };
  });
};

export const weekOf = async (core: Core, store: Pick<Store, "entries">, now: number): Promise<WeekView> => {
  const { contract, chain } = core;
  const to = stepIndex(stepAt(contract, now));
  const first = Math.max(oldestBook(contract, to), to - Math.ceil(WEEK_MS / contract.stepMs) + 1);
  const fees = await feesSince(core, store, first);
  const books: BookRow[] = [];
  for (let step = first; step <= to; step++) {
    const row = chain.state.get("book", key(step));
    if (row !== undefined) books.push(row);
  }
  const rule = ruleInForce(core, now);
  const generators = generatorsOf(core, books);
  return {
    from: startOf(contract, first),
    to: now,
    generatedMwh: generators.reduce((sum, one) => sum + one.mwh, 0),
    feesMwh: fees?.sum ?? null,
    feePpm: rule?.feePpm ?? 0,
    lossPpm: rule?.lossPpm ?? 0,
    generators,
    members: membersOf(core, books, first, fees, rule),
  };
};

export const communityWeek = async (device: Device, _: Ask<"community-week">): Answer<"community-week"> => {
  const node = nodeOf(device);
  return node.ok ? ok(await weekOf(node.value.core, device.store, device.o.clock.now())) : node;
};
