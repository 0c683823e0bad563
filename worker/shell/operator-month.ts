/**
 * A month of the whole community to hand over (worker/port-operator.ts): per roof what it made, per member what it was
 * credited, and that the two agree; how many steps, which without a block, what is final. The book is read from the disk
 * part by part, as bytes; between two parts the node goes on with its own work. Reads, never changes.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { endOf, firstFrom, lastEnded, startOf } from "../community/market-step.ts";
import { BookTotals } from "../ledger/book-sums.ts";
import { key, numberOf } from "../ledger/rows.ts";
import type { Core } from "../node/core.ts";
import type { MonthPart } from "../port-operator.ts";
import { SETTLEMENT_HEADING, settlementLines } from "../settlement/csv.ts";
import { monthCsv, type Named } from "../settlement/month-csv.ts";
import { zoneOf } from "../settlement/zone.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import { BOOK_ROWS, bookRows, firstHeld } from "./book-rows.ts";
import type { Device } from "./device.ts";
import { nameOfGenerator, nameOfMember } from "./lookup.ts";
import type { OpenNode } from "./open-node.ts";
import { gapsIn } from "./operator.ts";
import { unmoved } from "./unmoved.ts";

/** A part holds about so many shares, a part of a file of all shares fewer: each of them is a line there. */
const SHARES_A_PART = 400_000;
const SHARES_A_FILE_PART = 60_000;
const FEWEST_STEPS = 96;
const MAX_GAPS = 100;
/** Longer than any month with a change of clocks. */
const LONGEST_MS = 32 * 86_400_000;

const RANGE = refuse("range-wrong", "Choose a time that begins before it ends, and a month at most.", "ignore");

type Plan = {
  readonly begin: number;
  readonly first: number;
  readonly last: number;
  readonly end: number;
  readonly next: number | null;
};

/** The steps of this part: those that are over. */
const planOf = (core: Core, ask: Ask<"operator-month">, now: number, shares: number): Result<Plan> => {
  const { from, to, page } = ask;
  const isWhole = [from, to, page ?? 0].every((n) => Number.isSafeInteger(n));
  if (!isWhole || from >= to || to - from > LONGEST_MS) return RANGE;
  const begin = firstFrom(core.contract, from);
  const end = Math.min(firstFrom(core.contract, to) - 1, lastEnded(core.contract, now));
  const members = core.chain.state.scan("member").length;
  const most = Math.min(BOOK_ROWS, Math.max(FEWEST_STEPS, Math.floor(shares / members)));
  const first = Math.max(begin, page ?? begin);
  const last = Math.min(end, first + most - 1);
  return ok({ begin, first, last, end, next: last < end ? last + 1 : null });
};

type Amounts = Map<number, number>;
const add = (sums: Amounts, step: number, mwh: number): void => void sums.set(step, (sums.get(step) ?? 0) + mwh);

/** By the step whose energy it is: what nobody has been given yet, of the state at this moment. */
const pendingIn = ({ chain: { state } }: Core, first: number, last: number) => {
  const [waiting, heldBack]: [Amounts, Amounts] = [new Map(), new Map()];
  const isIn = (step: number): boolean => step >= first && step <= last;
  for (const [, row] of state.scan("energy")) if (isIn(row.step)) add(waiting, row.step, row.mwh);
  for (const [k, row] of state.scan("reward")) if (isIn(numberOf(k, 2))) add(heldBack, numberOf(k, 2), row.mwh);
  return { waiting, heldBack };
};

type Read = {
  readonly totals: BookTotals;
  readonly left: Amounts;
  readonly generatedMwh: number;
  readonly creditedMwh: number;
  readonly pending: ReturnType<typeof pendingIn>;
};

const readOnce = async (core: Core, device: Device, first: number, last: number): Promise<Read> => {
  const totals = new BookTotals();
  const left: Amounts = new Map();
  let [generatedMwh, creditedMwh] = [0, 0];
  let pending = pendingIn(core, first, last);
  for await (const rows of bookRows(core, device.store, first, last)) {
    for (const [step, raw] of rows) {
      const sums = totals.add(raw);
      generatedMwh += sums.generatedMwh;
      creditedMwh += sums.creditedMwh;
      add(left, step, sums.generatedMwh - sums.creditedMwh);
    }
    pending = pendingIn(core, first, last);
  }
  return { totals, left, generatedMwh, creditedMwh, pending };
};

const read = (node: OpenNode, device: Device, first: number, last: number): Promise<Read> =>
  unmoved(node, () => readOnce(node.core, device, first, last));

const sumOf = (amounts: Amounts): number => [...amounts.values()].reduce((a, b) => a + b, 0);

/** What each step's energy came to: it is given, held back, waits, or is the loss that the contract states. */
const balanceOf = (core: Core, { left, pending: { waiting, heldBack } }: Read) => {
  // Loss is taken from nothing else: without it in the totals there is none in any step.
  const lost = core.chain.state.get("totals", "")?.lost ?? 0;
  let [lostMwh, uneven] = [0, 0];
  for (const step of new Set([...left.keys(), ...waiting.keys(), ...heldBack.keys()])) {
    const rest = (left.get(step) ?? 0) - (waiting.get(step) ?? 0) - (heldBack.get(step) ?? 0);
    lostMwh += rest;
    if (rest < 0 || rest > lost) uneven += 1;
  }
  return { lostMwh, uneven, waitingMwh: sumOf(waiting), heldBackMwh: sumOf(heldBack) };
};

const partOf = async (node: OpenNode, device: Device, plan: Plan): Promise<MonthPart> => {
  const { core } = node;
  const held = firstHeld(core);
  const [first, last] = [Math.max(plan.first, held), plan.last];
  const found = await read(node, device, first, last);
  const { chain, contract } = core;
  // A step whose block is still to come has not gone without one.
  const { missing, gaps } = gapsIn(core, first, Math.min(last, chain.head.header.step));
  const finalStep = chain.final.header.step;
  const after = (step: number): number => Math.max(0, last - Math.max(first - 1, step));
  const lastClosed = finalStep - contract.lateWindow;
  // What waits for its share may lie further back than anything can be booked to.
  const waiting = [...found.pending.waiting.keys()].filter((step) => step <= lastClosed).length;
  return {
    of: Math.max(0, plan.end - plan.begin + 1),
    done: Math.max(0, last - plan.begin + 1),
    next: plan.next,
    firstStep: plan.first,
    lastStep: last,
    heldFrom: startOf(contract, held),
    steps: Math.max(0, last - first + 1),
    unknownSteps: Math.max(0, Math.min(last, held - 1) - plan.first + 1),
    missing,
    gaps: gaps.slice(0, MAX_GAPS),
    unfinalSteps: after(finalStep),
    openSteps: after(lastClosed) + waiting,
    roofs: [...found.totals.roofs].map(([generator, { mwh, estimatedSteps }]) => ({ generator, mwh, estimatedSteps })),
    members: [...found.totals.members].map(([member, mwh]) => ({ member, mwh })),
    generatedMwh: found.generatedMwh,
    creditedMwh: found.creditedMwh,
    ...balanceOf(core, found),
  };
};

export const operatorMonth = async (device: Device, ask: Ask<"operator-month">): Answer<"operator-month"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const plan = planOf(node.value.core, ask, device.o.clock.now(), SHARES_A_PART);
  return plan.ok ? ok(await partOf(node.value, device, plan.value)) : plan;
};

const joined = (a: MonthPart, b: MonthPart): MonthPart => ({
  ...b,
  openSteps: a.openSteps + b.openSteps,
  unknownSteps: a.unknownSteps + b.unknownSteps,
  generatedMwh: a.generatedMwh + b.generatedMwh,
  creditedMwh: a.creditedMwh + b.creditedMwh,
  heldBackMwh: a.heldBackMwh + b.heldBackMwh,
  waitingMwh: a.waitingMwh + b.waitingMwh,
  lostMwh: a.lostMwh + b.lostMwh,
});

type Summed = { readonly index: number; readonly mwh: number };
const summed = (all: readonly Summed[]): Summed[] => {
  const sums: Amounts = new Map();
  for (const { index, mwh } of all) add(sums, index, mwh);
  return [...sums].toSorted(([a], [b]) => a - b).map(([index, mwh]) => ({ index, mwh }));
};

/** The whole month in one file: it is short, however long its steps take to read. */
const overviewFile = async (
  node: OpenNode,
  device: Device,
  ask: Ask<"operator-file">,
): Promise<Result<{ readonly csv: string; readonly part: MonthPart }>> => {
  const zone = zoneOf(ask.zone);
  if (!zone.ok) return zone;
  const { core } = node;
  const [roofs, members]: [Summed[], Summed[]] = [[], []];
  let whole: MonthPart | null = null;
  for (let page: number | null = null; whole === null || page !== null;) {
    const plan = planOf(core, { ...ask, page }, device.o.clock.now(), SHARES_A_PART);
    if (!plan.ok) return plan;
    const part = await partOf(node, device, plan.value);
    roofs.push(...part.roofs.map(({ generator, mwh }) => ({ index: generator, mwh })));
    members.push(...part.members.map(({ member, mwh }) => ({ index: member, mwh })));
    whole = whole === null ? part : joined(whole, part);
    page = part.next;
  }
  const { state } = core.chain;
  const roof = (one: Summed): Named => {
    const cryptometer = state.get("generator", key(one.index))?.terms.key ?? "";
    return { ...one, name: nameOfGenerator(core, one.index), key: cryptometer };
  };
  const member = (one: Summed): Named => {
    const memberKey = state.get("member", key(one.index))?.key ?? "";
    return { ...one, name: nameOfMember(core, one.index), key: memberKey };
  };
  const range = { from: ask.from, to: Math.min(ask.to, endOf(core.contract, Math.max(0, whole.lastStep))) };
  const lists = { roofs: summed(roofs).map(roof), members: summed(members).map(member) };
  return ok({ csv: monthCsv(lists, whole, range, zone.value), part: whole });
};

export const operatorFile = async (device: Device, ask: Ask<"operator-file">): Answer<"operator-file"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core } = node.value;
  if (ask.what === "month") {
    const file = await overviewFile(node.value, device, ask);
    return file.ok ? ok({ csv: file.value.csv, next: null, done: file.value.part.of, of: file.value.part.of }) : file;
  }
  const plan = planOf(core, ask, device.o.clock.now(), SHARES_A_FILE_PART);
  if (!plan.ok) return plan;
  const { begin, first, last, end, next } = plan.value;
  const books = await unmoved(node.value, () => device.books.between(core, Math.max(first, firstHeld(core)), last));
  // Two neighbours may have one name: its number on the chain tells them apart.
  const lines = settlementLines(books, core.contract, (member) => `#${member} ${nameOfMember(core, member)}`);
  const csv = ask.page === null ? SETTLEMENT_HEADING + lines : lines;
  return ok({ csv, next, done: Math.max(0, last - begin + 1), of: Math.max(0, end - begin + 1) });
};
