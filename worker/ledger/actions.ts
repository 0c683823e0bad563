/**
 * What a ballot may decide, when it may be proposed and what it does (§II.C; PROTOCOL.md §5.4). Everything is checked
 * again when it comes into force: what has become impossible meanwhile does nothing. Knows nothing of ballots.
 */
import { blsVerifyPossession } from "../base/bls.ts";
import { verify } from "../base/ed25519.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import { mwh, type BlsKey, type PublicKey, type StepIndex } from "../base/units.ts";
import { endorsementMessage, hasBounds, type Contract, type GeneratorTerms } from "../community/contract.ts";
import { amended, parametersOf } from "../community/parameters.ts";
import { allocationAt, isSharing, MAX_MEMBERS, PPM, type Iteration, type Weight } from "../community/repartition.ts";
import { allocationsOf, changeAllocation } from "./allocations.ts";
import type { Context } from "./context.ts";
import { isPresent, newMember, presentMembers } from "./members.ts";
import { key, type GeneratorRow, type MemberRow } from "./rows.ts";
import type { Action } from "./transaction.ts";

type Of<K extends Action["kind"]> = Extract<Action, { kind: K }>;
type Rule<K extends Action["kind"]> = {
  readonly check: (ctx: Context, action: Of<K>) => Result<unknown>;
  /** `from` may be earlier than the block's step, when no block was made in between: what was stated holds. */
  readonly enforce: (ctx: Context, action: Of<K>, from: StepIndex) => void;
};

const areKeysNew = (ctx: Context, memberKey: PublicKey, blsKey: BlsKey): boolean =>
  !ctx.draft.scan("member").some(([, m]) => m.key === memberKey || m.blsKey === blsKey || m.oldBlsKey === blsKey);

/** Refusal `member-unknown` for somebody who is not, or no longer, of the community. */
const presentRow = (ctx: Context, member: number): Result<MemberRow> => {
  const row = ctx.draft.get("member", key(member));
  return row !== undefined && isPresent(row, ctx.step)
    ? ok(row)
    : refuse("member-unknown", "This is not a member of the community.", "ignore");
};
const change = (ctx: Context, member: number, over: Partial<MemberRow>): void => {
  const row = ctx.draft.get("member", key(member));
  if (row !== undefined) ctx.draft.put("member", key(member), { ...row, ...over });
};

const member: Rule<"member"> = {
  check: (ctx, { terms }) => {
    if (!areKeysNew(ctx, terms.key, terms.blsKey))
      return refuse("member-known", "This neighbour is a member already.", "ignore");
    if (terms.weight > PPM) return refuse("weight-too-large", "A weight is at most 1,000,000.");
    if (ctx.draft.scan("member").length >= MAX_MEMBERS)
      return refuse("community-full", "The community is full.", "ignore");
    return blsVerifyPossession(terms.blsKey, terms.blsProof)
      ? ok(null)
      : refuse("voting-key-unproven", "The new member's voting key comes without proof of its secret.");
  },
  enforce: (ctx, { terms }, from) => {
    const index = ctx.draft.scan("member").length as Weight["member"];
    ctx.draft.put("member", key(index), newMember(terms, from, null));
    changeAllocation(ctx, from, (now) => ({
      ...now,
      weights: [...now.weights, { member: index, weight: terms.weight }],
    }));
  },
};

/** Of terms that name a cryptometer: its key stands once, and the DSO vouches for it where the contract names one. */
const checkMeter = (ctx: Context, contract: Contract, terms: GeneratorTerms): Result<unknown> => {
  if (ctx.draft.scan("generator").some(([, g]) => g.terms.key === terms.key))
    return refuse("generator-known", "This meter is registered already.", "ignore");
  const { endorsement } = terms;
  const endorsed =
    contract.dso === null
      ? endorsement === null
      : endorsement !== null &&
        verify({ key: contract.dso, message: endorsementMessage(terms), signature: endorsement });
  return endorsed
    ? ok(null)
    : refuse("endorsement", "The grid operator's endorsement of this meter is missing or false.");
};

const generator: Rule<"generator"> = {
  check: (ctx, { terms }) => {
    if (!presentRow(ctx, terms.owner).ok) return refuse("owner-unknown", "The meter's owner is not a member.");
    if (!hasBounds(terms))
      return refuse("generator-terms", "A generator needs a peak power and a resolution, each within its bounds.");
    return checkMeter(ctx, ctx.contract, terms);
  },
  enforce: (ctx, { terms }, from) =>
    ctx.draft.put("generator", key(ctx.draft.scan("generator").length), { terms, joined: from, register: mwh(0) }),
};

const withMeter = (row: GeneratorRow, action: Of<"meter">): GeneratorTerms => ({
  ...row.terms,
  key: action.key,
  endorsement: action.endorsement,
});
const meter: Rule<"meter"> = {
  check: (ctx, action) => {
    const row = ctx.draft.get("generator", key(action.generator));
    if (row === undefined) return refuse("generator-unknown", "There is no such generator here.", "ignore");
    return checkMeter(ctx, ctx.contract, withMeter(row, action));
  },
  enforce: (ctx, action) => {
    const row = ctx.draft.get("generator", key(action.generator));
    if (row !== undefined) ctx.draft.put("generator", key(action.generator), { ...row, terms: withMeter(row, action) });
  },
};

const areIterations = (iterations: readonly Iteration[]): boolean =>
  iterations.length > 0 &&
  iterations.every((x) => x.portionPpm > 0 && x.portionPpm <= PPM) &&
  iterations.at(-1)?.portionPpm === PPM;

const rule: Rule<"rule"> = {
  check: (ctx, { iterations, weights }) => {
    if (!areIterations(iterations))
      return refuse(
        "rule-iterations",
        "Each part of the sharing rule shares up to all, the last one all that is left.",
      );
    const present = presentMembers(ctx.draft, ctx.step);
    if (weights.length !== present.length || weights.some((w, i) => w.member !== present[i]?.index))
      return refuse("rule-members", "The sharing rule names every member once; make the proposal again.", "ignore");
    return isSharing(weights)
      ? ok(null)
      : refuse("rule-weights", "Weights are from 0 to 1,000,000, and one at least is above 0.");
  },
  // Who came in meanwhile keeps its weight; who left is no longer in what it is made of.
  enforce: (ctx, { iterations, weights }, from) => {
    const named = new Map(weights.map((w) => [w.member, w.weight]));
    changeAllocation(ctx, from, (now) => ({
      ...now,
      iterations,
      weights: now.weights.map((w) => ({ member: w.member, weight: named.get(w.member) ?? w.weight })),
    }));
    for (const w of weights) if (presentRow(ctx, w.member).ok) change(ctx, w.member, { weight: w.weight });
  },
};

const rotate: Rule<"rotate"> = {
  check: (ctx, action) => {
    const row = presentRow(ctx, action.member);
    if (!row.ok) return row;
    if (!areKeysNew(ctx, action.key, action.blsKey))
      return refuse("member-known", "This device belongs to a member already.", "ignore");
    return blsVerifyPossession(action.blsKey, action.blsProof)
      ? ok(null)
      : refuse("voting-key-unproven", "The new voting key comes without proof of its secret.");
  },
  // The voters of a set must be the same for everybody: a new voting key makes a new set, and votes from there on.
  enforce: (ctx, action) => {
    const set = ctx.draft.get("voters", "")?.set ?? 0;
    const row = ctx.draft.get("member", key(action.member));
    if (row === undefined) return;
    // A key that is exchanged before its first set begins has never voted: the one before it still does.
    const old = row.votesSince > set ? {} : { oldBlsKey: row.blsKey, oldSince: row.votesSince };
    change(ctx, action.member, { key: action.key, blsKey: action.blsKey, votesSince: set + 1, ...old });
  },
};

const parameters: Rule<"parameters"> = {
  check: (ctx, { changes }) => amended(ctx.contract, changes),
  // The block's contract holds all that is due in it already: this one is laid on what was in force before it.
  enforce: (ctx, { changes }, from) => {
    const next = amended({ ...ctx.contract, ...ctx.draft.get("parameters", "") }, changes);
    if (!next.ok) return;
    const { feePpm, lossPpm } = next.value;
    ctx.draft.put("parameters", "", parametersOf(next.value));
    // Fee and loss are of the energy's step, as the rule is: so they stand in its version.
    const now = allocationAt(allocationsOf(ctx.draft), from);
    if (now !== undefined && (now.feePpm !== feePpm || now.lossPpm !== lossPpm))
      changeAllocation(ctx, from, (version) => ({ ...version, feePpm, lossPpm }));
  },
};

const pardon: Rule<"pardon"> = {
  check: (ctx, action) => {
    const row = presentRow(ctx, action.member);
    if (!row.ok) return row;
    return row.value.barred !== null || row.value.strikes > 0
      ? ok(null)
      : refuse("nothing-to-pardon", "This member has no strikes and may stand.", "ignore");
  },
  enforce: (ctx, action, from) =>
    change(ctx, action.member, { barred: null, convicted: false, strikes: 0, pardoned: from }),
};

const leave: Rule<"leave"> = {
  check: (ctx, action) => {
    const row = presentRow(ctx, action.member);
    if (!row.ok) return row;
    return presentMembers(ctx.draft, ctx.step).length > 1
      ? ok(null)
      : refuse("last-member", "The last member cannot leave; it may stop its device.", "ignore");
  },
  enforce: (ctx, action, from) => {
    change(ctx, action.member, { left: from, vpp: false, weight: 0 });
    changeAllocation(ctx, from, (now) => ({ ...now, weights: now.weights.filter((w) => w.member !== action.member) }));
    const rest = presentMembers(ctx.draft, ctx.step);
    // Somebody must be able to distribute: the rule says what, so it does not matter who.
    if (!rest.some((m) => m.row.vpp)) for (const m of rest) change(ctx, m.index, { vpp: true });
  },
};

const RULES: { readonly [K in Action["kind"]]: Rule<K> } = {
  member,
  generator,
  rule,
  rotate,
  meter,
  parameters,
  pardon,
  leave,
};
const ruleOf = (action: Action): Rule<Action["kind"]> => RULES[action.kind] as Rule<Action["kind"]>;

/** Refusals name what is wrong, and what to do where something can be done. */
export const checkAction = (ctx: Context, action: Action): Result<Action> => {
  const checked = ruleOf(action).check(ctx, action);
  return checked.ok ? ok(action) : checked;
};

/** Kinds that see for themselves what has become of them: a rule takes newcomers as they are. */
const LASTING: ReadonlySet<string> = new Set<Action["kind"]>(["rule", "parameters"]);

export const enforce = (ctx: Context, action: Action, from: StepIndex): void => {
  // Two proposals for the same key may both have been adopted: the second finds it known and does nothing.
  if (LASTING.has(action.kind) || checkAction(ctx, action).ok) ruleOf(action).enforce(ctx, action, from);
};
