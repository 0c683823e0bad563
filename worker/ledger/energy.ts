/**
 * Energy from the cryptometer to the virtual generation meters (§IV.B.2a, T I; PROTOCOL.md §4): generation, transfer
 * and distribution, with the voting tokens E born beside each V. Integers, no clock: time is what was signed.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { mwh, type GeneratorIndex, type MilliwattHours, type StepIndex, type TxId } from "../base/units.ts";
import type { Contract } from "../community/contract.ts";
import { endOf } from "../community/market-step.ts";
import { allocationAt, PPM, repartition, type Share } from "../community/repartition.ts";
import { allocationsOf } from "./allocations.ts";
import type { Context } from "./context.ts";
import { key, type BookRow } from "./rows.ts";
import type { View } from "./state.ts";
import type { Distribution, Generation, Transfer } from "./transaction.ts";

/** Room above P_max·Δ for the meter's own error and the clock's: 2 %, and one resolution step at least. */
export const maxPerStep = (pMaxW: number, stepMs: number, resolutionMwh: number): number =>
  Math.floor((pMaxW * stepMs * 51) / (3_600 * 50)) + resolutionMwh;

export const emptyBook: BookRow = { generated: [], shares: [] };

/** Steps whose book stays in the state: a week of quarter-hours, or as long as anything may be booked to them. */
const BOOK_STEPS = 672;
export const oldestBook = (contract: Contract, step: StepIndex): StepIndex =>
  Math.max(1, step - Math.max(contract.lateWindow, BOOK_STEPS)) as StepIndex;

/** Oldest step that block `step` may still book to. */
export const oldestOpen = (contract: Contract, step: StepIndex): StepIndex =>
  Math.max(1, step - contract.lateWindow) as StepIndex;

/** Whether the block of `at` is the first that must leave nothing of a step undistributed: no later one books to it. */
export const isClosing = ({ lateWindow }: Contract, step: number, at: number): boolean => step + lateWindow <= at;

/**
 * Whether any member may distribute what is of a step, not only a holder of a VPP key: the rule says what, and a block
 * that must close the step cannot wait for a holder that sleeps. In time that all that waits still fits into a block.
 */
export const isAnybodys = ({ lateWindow }: Contract, step: number, at: number): boolean =>
  step + Math.floor(lateWindow / 8) <= at;

/** What a generator has booked to a step so far, mWh. */
export const bookedBy = (view: View, step: StepIndex, generator: GeneratorIndex): number =>
  view.get("booked", key(step))?.generators.find((b) => b.generator === generator)?.mwh ?? 0;

/** One entry a generator, in their order. */
const withEntry = <E extends { readonly generator: GeneratorIndex }>(entries: readonly E[], entry: E): E[] => {
  const at = entries.findIndex((e) => e.generator >= entry.generator);
  if (at < 0) return [...entries, entry];
  return entries.toSpliced(at, entries[at]?.generator === entry.generator ? 1 : 0, entry);
};

/** One entry a generator and step, however many readings it took. */
const bookGeneration = (ctx: Context, body: Generation, value: MilliwattHours): void => {
  const book = ctx.draft.get("book", key(body.step)) ?? emptyBook;
  const { generator } = body;
  const known = book.generated.find((g) => g.generator === generator);
  const entry = {
    generator,
    mwh: mwh((known?.mwh ?? 0) + value),
    at: Math.max(known?.at ?? 0, body.at),
    estimated: body.estimated || known?.estimated === true,
  };
  ctx.draft.put("book", key(body.step), { ...book, generated: withEntry(book.generated, entry) });
};

/** Nothing → V to the cryptometer itself, and E = V with the step as its birth. */
export const applyGeneration = (ctx: Context, body: Generation, id: TxId): Result<MilliwattHours> => {
  const { contract, draft, step } = ctx;
  const row = draft.get("generator", key(body.generator));
  if (row === undefined)
    return refuse("generator-unknown", "This meter is not registered here; propose it to the community first.");
  if (body.step > step)
    return refuse("generation-early", "This energy belongs to a step that is still running.", "ignore");
  if (body.step < Math.max(oldestOpen(contract, step), row.joined)) {
    return refuse("generation-late", "This step can no longer be booked to; the late window is over.", "ignore");
  }
  if (body.from !== row.register)
    return refuse("register-gap", "This reading does not continue the register on the chain.", "ignore");
  if (body.to <= body.from) return refuse("register-backwards", "A register only grows; check the meter.");
  const end = endOf(contract, body.step);
  if (body.at > end || body.at <= end - contract.stepMs) {
    return refuse("generation-time", "The reading was not taken within its step; check the clock of the meter reader.");
  }
  const value = mwh(body.to - body.from);
  const booked = bookedBy(draft, body.step, body.generator);
  if (booked + value > maxPerStep(row.terms.pMaxW, contract.stepMs, row.terms.resolutionMwh)) {
    return refuse(
      "too-much-power",
      "This is more than the generator can make in one step; check its registered peak power.",
    );
  }
  draft.put("generator", key(body.generator), { ...row, register: body.to });
  const own = { generator: body.generator, mwh: mwh(booked + value) };
  draft.put("booked", key(body.step), {
    generators: withEntry(draft.get("booked", key(body.step))?.generators ?? [], own),
  });
  draft.put("energy", id, { owner: "generator", generator: body.generator, step: body.step, mwh: value });
  const totals = draft.get("totals", "") ?? { generated: mwh(0), distributed: mwh(0), lost: mwh(0) };
  draft.put("totals", "", { ...totals, generated: mwh(totals.generated + value) });
  bookGeneration(ctx, body, value);
  return ok(value);
};

/** The cryptometer's V, E → VPP. */
export const applyTransfer = (ctx: Context, body: Transfer, id: TxId): Result<MilliwattHours> => {
  const input = ctx.draft.get("energy", body.input);
  if (input === undefined)
    return refuse("input-unknown", "This transfer spends energy that is not there or is spent already.", "ignore");
  if (input.owner !== "generator" || input.generator !== body.generator) {
    return refuse("input-not-own", "A cryptometer can only pass on its own energy.");
  }
  ctx.draft.drop("energy", body.input);
  ctx.draft.put("energy", id, { ...input, owner: "vpp" });
  return ok(input.mwh);
};

/** What a distribution of `total` mWh of `step` must say, and what it leaves as fee and loss. */
export const expectedShares = (
  view: View,
  step: StepIndex,
  total: number,
): { shares: Share[]; fee: number; loss: number } | undefined => {
  const rule = allocationAt(allocationsOf(view), step);
  if (rule === undefined) return undefined;
  const part = (ppm: number): number => Number((BigInt(total) * BigInt(ppm)) / BigInt(PPM));
  const loss = part(rule.lossPpm);
  const fee = part(rule.feePpm);
  return { shares: repartition(mwh(total - loss - fee), rule), fee, loss };
};

/** VPP outputs of one step that no distribution has consumed yet, sorted by id. */
export const undistributed = (view: View): Map<StepIndex, { ids: TxId[]; total: number }> => {
  const steps = new Map<StepIndex, { ids: TxId[]; total: number }>();
  for (const [id, row] of view.scan("energy")) {
    if (row.owner !== "vpp") continue;
    const entry = steps.get(row.step) ?? { ids: [], total: 0 };
    entry.ids.push(id as TxId);
    entry.total += row.mwh;
    steps.set(row.step, entry);
  }
  return steps;
};

/** After a block's transactions: no V without its transfer, and nothing that is not shared of a step that closes. */
export const checkLeft = ({ contract, draft, step }: Context): Result<null> => {
  for (const [, row] of draft.scan("energy")) {
    if (row.owner === "generator")
      return refuse("energy-kept", "A block books energy together with its transfer to the VPP.");
    if (isClosing(contract, row.step, step))
      return refuse("step-left-open", "A block distributes all that is left of a step to which no later one may book.");
  }
  return ok(null);
};

/** VPP outputs of one step → the members' virtual meters by the rule in force then, and E likewise. Returns the fee. */
export const applyDistribution = (ctx: Context, body: Distribution, id: TxId): Result<MilliwattHours> => {
  const { contract, draft, step } = ctx;
  let total = 0;
  if (body.inputs.length === 0 || body.inputs.some((x, i) => i > 0 && x <= (body.inputs[i - 1] ?? ""))) {
    return refuse("inputs-unsorted", "A distribution names each of its inputs once, in order.");
  }
  for (const input of body.inputs) {
    const row = draft.get("energy", input);
    if (row === undefined)
      return refuse(
        "input-unknown",
        "This distribution spends energy that is not there or is spent already.",
        "ignore",
      );
    if (row.owner !== "vpp" || row.step !== body.step)
      return refuse("input-wrong-step", "A distribution shares the energy of one step.");
    total += row.mwh;
    draft.drop("energy", input);
  }
  const expected = expectedShares(draft, body.step, total);
  if (expected === undefined) return refuse("no-rule", "There is no sharing rule for this step.");
  const same =
    expected.shares.length === body.shares.length &&
    expected.shares.every((s, i) => s.member === body.shares[i]?.member && s.mwh === body.shares[i]?.mwh);
  if (!same) return refuse("wrong-shares", "This distribution does not follow the sharing rule in force at its step.");
  const fresh = body.step + contract.tokenValidity >= step;
  body.shares.forEach((share, index) => {
    const row = draft.get("member", key(share.member));
    if (row === undefined) return;
    draft.put("member", key(share.member), { ...row, meter: mwh(row.meter + share.mwh) });
    if (fresh) draft.put("token", `${id}-${key(index)}`, { owner: share.member, birth: body.step, amount: share.mwh });
  });
  const totals = draft.get("totals", "") ?? { generated: mwh(0), distributed: mwh(0), lost: mwh(0) };
  draft.put("totals", "", {
    ...totals,
    distributed: mwh(totals.distributed + total - expected.loss),
    lost: mwh(totals.lost + expected.loss),
  });
  addToBook(ctx, body.step, body.shares);
  return ok(mwh(expected.fee));
};

const withShares = (known: readonly Share[], more: readonly Share[]): Share[] => {
  const sums = new Map(known.map((s) => [s.member, s.mwh as number]));
  for (const s of more) sums.set(s.member, (sums.get(s.member) ?? 0) + s.mwh);
  return [...sums].toSorted(([a], [b]) => a - b).map(([member, sum]) => ({ member, mwh: mwh(sum) }));
};

/** Adds credits to a step's book row, one entry a member. */
export const addToBook = (ctx: Context, step: StepIndex, shares: readonly Share[]): void => {
  const book = ctx.draft.get("book", key(step)) ?? emptyBook;
  ctx.draft.put("book", key(step), { ...book, shares: withShares(book.shares, shares) });
};

/** A step's row that left the state, and what was booked to the step after that. */
export const mergeBooks = (a: BookRow, b: BookRow): BookRow => ({
  generated: b.generated.reduce<BookRow["generated"]>((all, { generator, mwh: value, at, estimated }) => {
    const known = all.find((g) => g.generator === generator);
    return withEntry(all, {
      generator,
      mwh: mwh((known?.mwh ?? 0) + value),
      at: Math.max(known?.at ?? 0, at),
      estimated: estimated || known?.estimated === true,
    });
  }, a.generated),
  shares: withShares(a.shares, b.shares),
});
