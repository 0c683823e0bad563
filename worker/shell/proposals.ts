/**
 * Ballots for screens: what each would change, with what is in force beside it, and its effect on the last seven days
 * (worker/settlement/effect.ts). The change itself is the ledger's: it is carried out on a draft that nobody keeps.
 */
import { ok, refuse, type Result } from "../base/result.ts";
import { stepIndex, type MemberIndex, type PublicKey } from "../base/units.ts";
import { startOf, stepAt } from "../community/market-step.ts";
import { amendmentOf, PARAMETERS, parametersOf, type Parameter, type Parameters } from "../community/parameters.ts";
import { allocationAt, PPM, type Allocation } from "../community/repartition.ts";
import { beginStep } from "../consensus/transition.ts";
import type { Context } from "../ledger/context.ts";
import { checkAction, enforce } from "../ledger/actions.ts";
import { allocationsOf } from "../ledger/allocations.ts";
import { oldestBook } from "../ledger/energy.ts";
import { ballotsNeeded, countBallots } from "../ledger/governance.ts";
import { key, type ProposalRow } from "../ledger/rows.ts";
import { Draft } from "../ledger/state.ts";
import type { Action } from "../ledger/transaction.ts";
import type { Core } from "../node/core.ts";
import type { ActionAsk, DecisionView, EffectChange, EffectView, ProposalView, ProposalWhat } from "../port-council.ts";
import { effectOf, isSameRule, type Change, type Effect } from "../settlement/effect.ts";
import { ruleInForce, ruleView } from "./contract-view.ts";
import type { Decision } from "./decisions.ts";
import { nameOfGenerator, nameOfKey, nameOfMember, ownBallot, timeOf } from "./lookup.ts";

const WEEK_MS = 7 * 86_400_000;

/** The block after the head, begun: on it a change can be tried. */
const scratch = (core: Core): Context => {
  const { chain } = core;
  const ctx = chain.contextOn(new Draft(chain.state), chain.head.header.step + 1);
  beginStep(ctx);
  return ctx;
};

/** What the book says was generated in the last seven days, or in what is remembered of them. */
const lastWeek = (core: Core, now: number): { from: number; to: number; mwh: number } => {
  const { contract, chain } = core;
  const to = stepAt(contract, now);
  // As far as the state remembers: of steps of ten seconds that is not a week.
  const first = Math.max(oldestBook(contract, stepIndex(to)), to - Math.ceil(WEEK_MS / contract.stepMs) + 1);
  let mwh = 0;
  for (let step = first; step <= to; step++)
    for (const g of chain.state.get("book", key(step))?.generated ?? []) mwh += g.mwh;
  return { from: startOf(contract, first), to: now, mwh };
};

/** `parts`: of one kWh, divided by the same two rules. */
const effectView = (core: Core, effect: Effect, parts: Effect, from: number, to: number): EffectView => {
  const change = (one: Change, part: Change | undefined): EffectChange => ({
    beforeMwh: one.before,
    afterMwh: one.after,
    beforePpm: part?.before ?? 0,
    afterPpm: part?.after ?? 0,
  });
  return {
    from,
    to,
    members: effect.members.map(({ member, ...one }, at) => ({
      member,
      // A new neighbour has its name where the proposal is shown: it is no member yet.
      name: core.chain.state.get("member", key(member)) === undefined ? "" : nameOfMember(core, member),
      me: member === core.me,
      ...change(one, parts.members[at]),
    })),
    fee: change(effect.fee, parts.fee),
    loss: change(effect.loss, parts.loss),
  };
};

/** Null where the action changes nobody's share. */
export const effectOfAction = (core: Core, action: Action, now: number): EffectView | null => {
  const ctx = scratch(core);
  const before = allocationAt(allocationsOf(ctx.draft), ctx.step);
  if (before === undefined) return null;
  enforce(ctx, action, ctx.step);
  const after = allocationAt(allocationsOf(ctx.draft), ctx.step);
  if (after === undefined || isSameRule(before, after)) return null;
  const { from, to, mwh } = lastWeek(core, now);
  const [effect, parts] = [effectOf(mwh, before, after), effectOf(PPM, before, after)];
  if (effect === null || parts === null) return null;
  const view = effectView(core, effect, parts, from, to);
  const name = action.kind === "member" ? applicantName(core, action.terms.key) : "";
  return { ...view, members: view.members.map((m) => (m.name === "" ? { ...m, name } : m)) };
};

/** Effects of open ballots, until the head moves: a view is made several times a second. */
export class Effects {
  #head = "";
  readonly #known = new Map<string, EffectView | null>();
  of(core: Core, id: string, action: Action, now: number): EffectView | null {
    const { hash } = core.chain.head;
    if (this.#head !== hash) this.#known.clear();
    this.#head = hash;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const effect = effectOfAction(core, action, now);
    this.#known.set(id, effect);
    return effect;
  }
}

const applicantName = (core: Core, applicant: PublicKey): string =>
  core.applications.get(applicant)?.name ?? nameOfKey(core, applicant);

/** What was in force beside an action. */
type Before = { readonly parameters: Parameters | null; readonly rule: Allocation | null };

const whatOf = (core: Core, by: MemberIndex, action: Action, inForce: Before): ProposalWhat => {
  const { state } = core.chain;
  switch (action.kind) {
    case "member": {
      const { key: memberKey, weight } = action.terms;
      return { kind: "member", name: applicantName(core, memberKey), key: memberKey, weight };
    }
    case "generator": {
      const { key: meterKey, owner, pMaxW } = action.terms;
      return { kind: "generator", name: meterKey.slice(-3), owner: nameOfMember(core, owner), pMaxW };
    }
    case "rule": {
      const before = inForce.rule ?? action;
      return { kind: "rule", before: ruleView(core, before), after: ruleView(core, action) };
    }
    case "rotate":
      return { kind: "rotate", name: nameOfMember(core, action.member), key: action.key };
    case "meter": {
      const owner = state.get("generator", key(action.generator))?.terms.owner ?? by;
      const name = nameOfGenerator(core, action.generator);
      return { kind: "meter", name, owner: nameOfMember(core, owner), key: action.key };
    }
    case "parameters": {
      const before = inForce.parameters ?? parametersOf(core.contract);
      const changes = action.changes.map(({ name, value }) => ({ code: name, before: before[name], after: value }));
      return { kind: "parameters", changes };
    }
    case "pardon": {
      const row = state.get("member", key(action.member));
      const barred = row?.barred ?? null;
      const barredSince = barred === null ? null : timeOf(core, barred);
      return { kind: "pardon", name: nameOfMember(core, action.member), strikes: row?.strikes ?? 0, barredSince };
    }
    case "leave": {
      const { member } = action;
      return { kind: "leave", name: nameOfMember(core, member), me: member === core.me, own: member === by };
    }
  }
};

const proposalView = (core: Core, id: string, row: ProposalRow, effects: Effects, now: number): ProposalView => {
  const { contract, chain } = core;
  const { state } = chain;
  const mine = ownBallot(core, id);
  const inForce = { parameters: null, rule: ruleInForce(core, now) ?? null };
  return {
    id,
    by: nameOfMember(core, row.by),
    what: whatOf(core, row.by, row.action, inForce),
    effect: row.from === null ? effects.of(core, id, row.action, now) : null,
    ...countBallots(state, row),
    needed: ballotsNeeded(state, row),
    mine: mine === null ? null : mine.yes ? "yes" : "no",
    fromStep: row.from ?? Math.max(stepAt(contract, now), chain.head.header.step + 1) + contract.adoptionDelay,
    untilStep: row.opened + contract.ballotWindow,
    state: row.from === null ? "open" : "adopted",
  };
};

/** The oldest first: where a card stands, it stays when another comes. */
export const proposalViews = (core: Core, effects: Effects, now: number): ProposalView[] =>
  core.chain.state
    .scan("proposal")
    .toSorted(([a, one], [b, other]) => one.opened - other.opened || (a < b ? -1 : 1))
    .map(([id, row]) => proposalView(core, id, row, effects, now));

const MAX_DECISIONS_SHOWN = 50;

/** The newest first. */
export const decisionViews = (core: Core, decisions: readonly Decision[]): DecisionView[] =>
  decisions
    .slice(-MAX_DECISIONS_SHOWN)
    .toReversed()
    .map(({ id, step, outcome, row, yes, no, needed, parameters, rule }) => ({
      id,
      by: nameOfMember(core, row.by),
      what: whatOf(core, row.by, row.action, { parameters, rule }),
      outcome,
      yes,
      no,
      needed,
      step,
      fromStep: row.from,
    }));

const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const wrongTerm = (field: string): Result<never> =>
  refuse("terms-invalid", "This term is a whole number from 0; correct it.", "ignore", { field });
const unchanged = (): Result<never> =>
  refuse("nothing-changes", "This is what is in force already; change something first.", "ignore");

const parametersFrom = (core: Core, changes: Readonly<Record<string, number>>): Result<Action> => {
  for (const [field, value] of Object.entries(changes)) {
    if (!PARAMETERS.includes(field as Parameter))
      return refuse("term-fixed", "This term of the contract cannot be changed by ballot.", "ignore", { field });
    if (!isWhole(value)) return wrongTerm(field);
  }
  const amendment = amendmentOf(core.contract, changes);
  return amendment.length === 0 ? unchanged() : ok({ kind: "parameters", changes: amendment });
};

const ruleFrom = (core: Core, ask: Extract<ActionAsk, { kind: "rule" }>, now: number): Result<Action> => {
  const numbers = [...ask.iterations.map((i) => i.portionPpm), ...ask.weights.flatMap((w) => [w.member, w.weight])];
  if (!numbers.every(isWhole))
    return refuse("rule-weights", "Weights are whole numbers from 0 to 1,000,000.", "ignore");
  const weights = ask.weights
    .map(({ member, weight }) => ({ member: member as MemberIndex, weight }))
    .toSorted((a, b) => a.member - b.member);
  const action = { kind: "rule", iterations: ask.iterations, weights } as const;
  const before = ruleInForce(core, now);
  return before !== undefined && isSameRule(before, { ...before, ...action }) ? unchanged() : ok(action);
};

/** The ledger's action of what a member asks; whether the community may take it up, the ledger says. */
export const actionFrom = (core: Core, ask: ActionAsk, now: number): Result<Action> => {
  switch (ask.kind) {
    case "rule":
      return ruleFrom(core, ask, now);
    case "parameters":
      return parametersFrom(core, ask.changes);
    default:
      return isWhole(ask.member)
        ? ok({ kind: ask.kind, member: ask.member as MemberIndex })
        : refuse("member-unknown", "This is not a member of the community.", "ignore");
  }
};

/** Whether the community could take it up now. A wrong term is the asker's to correct, so it has a code of its own. */
export const checked = (core: Core, action: Action): Result<Action> => {
  const result = checkAction(scratch(core), action);
  if (result.ok || result.error.code !== "contract-invalid") return result;
  return { ok: false, error: { ...result.error, code: "terms-invalid" } };
};
