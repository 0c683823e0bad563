/**
 * A light node's rows on disk (PROTOCOL.md §8.1), all in `meta` under `light/`, beside a full node's and never in their
 * way: what it trusts, its own rows, the versions of the rule, its credits step by step. Enough to show everything at
 * once without anybody; what cannot be read is asked for again.
 */
import { branded, decode, encode, option, struct, uint, type Codec } from "../base/codec.ts";
import type { Hash, Millis } from "../base/units.ts";
import { hex } from "../base/codec.ts";
import type { Contract } from "../community/contract.ts";
import { communityId } from "../community/contract.ts";
import { codecOf } from "../ledger/rows.ts";
import { creditsCodec, type Credit } from "./light-credits.ts";
import { ruleSpanCodec, withSpans, type OwnRows, type RuleSpan } from "./light-rows.ts";
import { isProven, trustCodec, trustInContract, type Trust } from "./light-trust.ts";
import type { DiskOp } from "./events.ts";

/** Own rows as they were after the final block of `height`, and when this device proved it. */
export type Figures = Omit<OwnRows, "allocations"> & {
  readonly height: number;
  readonly step: number;
  readonly at: Hash;
  readonly verifiedAt: Millis;
};
/**
 * All distributions of steps from `from` on in blocks up to `height` were shown; `step` is that block's, `meter` what the
 * member's register was after it. From the step `sure` on what was shown adds up to the register: none was left out.
 */
export type Covered = {
  readonly from: number;
  readonly height: number;
  readonly step: number;
  readonly meter: number;
  readonly sure: number;
};

export type LightState = {
  readonly trust: Trust;
  readonly figures: Figures | null;
  readonly spans: readonly RuleSpan[];
  readonly credits: ReadonlyMap<number, readonly Credit[]>;
  readonly covered: Covered | null;
};

const DIGITS = 10;
/** Credits of so many steps are kept, two years of quarter-hours: older ones can be asked for again. */
export const KEPT_STEPS = 2 * 366 * 96;
const fixed = (n: number): string => String(n).padStart(DIGITS, "0");
export const LIGHT_PREFIX = "light/";
/** What it trusts, alone: enough for readLight to say how far this device had come. */
export const TRUST_ROW = "light/trust";
const FIGURES = "light/figures";
const COVERED = "light/covered";
const RULE = "light/rule/";
const CREDITS = "light/credits/";

const figuresCodec: Codec<Figures> = struct({
  height: uint,
  step: uint,
  at: hex<Hash>(32),
  verifiedAt: branded<Millis>(),
  member: option(struct({ index: uint, row: codecOf("member") })),
  parameters: codecOf("parameters"),
  totals: codecOf("totals"),
  voters: codecOf("voters"),
});
const coveredCodec: Codec<Covered> = struct({ from: uint, height: uint, step: uint, meter: uint, sure: uint });

export const trustOp = (trust: Trust): DiskOp => ({ table: "meta", key: TRUST_ROW, value: encode(trustCodec, trust) });
export const figuresOp = (figures: Figures): DiskOp => ({
  table: "meta",
  key: FIGURES,
  value: encode(figuresCodec, figures),
});
export const spanOp = (span: RuleSpan): DiskOp => ({
  table: "meta",
  key: RULE + fixed(span.rule.from),
  value: encode(ruleSpanCodec, span),
});
export const creditsOp = (step: number, credits: readonly Credit[]): DiskOp => ({
  table: "meta",
  key: CREDITS + fixed(step),
  value: credits.length === 0 ? null : encode(creditsCodec, credits),
});
export const coveredOp = (covered: Covered | null): DiskOp => ({
  table: "meta",
  key: COVERED,
  value: covered === null ? null : encode(coveredCodec, covered),
});

/** What has become too old, of rows as readLight takes them: so that what is kept does not grow for ever. */
export const dropsOf = ({ trust, covered }: LightState, rows: Entries): DiskOp[] => {
  const oldest = trust.header.step - KEPT_STEPS;
  const gone = rows.filter(([k]) => k.startsWith(CREDITS) && Number(k.slice(CREDITS.length)) < oldest);
  const ops = gone.map(([k]): DiskOp => ({ table: "meta", key: k, value: null }));
  return covered === null || covered.from >= oldest
    ? ops
    : [coveredOp({ ...covered, from: oldest, sure: Math.max(covered.sure, oldest) }), ...ops];
};

type Entries = readonly (readonly [string, Uint8Array])[];

const one = <T>(rows: Entries, key: string, codec: Codec<T>): T | null => {
  const raw = rows.find(([k]) => k === key)?.[1];
  const read = raw && decode(codec, raw, "row");
  return read?.ok === true ? read.value : null;
};
const all = <T>(rows: Entries, prefix: string, codec: Codec<T>): [string, T][] =>
  rows.flatMap(([k, raw]): [string, T][] => {
    const read = k.startsWith(prefix) ? decode(codec, raw, "row") : null;
    return read?.ok === true ? [[k.slice(prefix.length), read.value]] : [];
  });

const FORMS: readonly (readonly [prefix: string, codec: Codec<never>])[] = (
  [
    [FIGURES, figuresCodec],
    [COVERED, coveredCodec],
    [RULE, ruleSpanCodec],
    [CREDITS, creditsCodec],
  ] as const
).map(([prefix, codec]) => [prefix, codec as unknown as Codec<never>]);

/**
 * Of these rows of `meta` under LIGHT_PREFIX the keys of those that read well; none where the block that they rest on is
 * not the one that was proved any more, since nobody else would tell.
 */
export const soundRows = (rows: Entries): string[] => {
  const trust = one(rows, TRUST_ROW, trustCodec);
  if (trust === null || !isProven(trust)) return [];
  return rows.flatMap(([k, raw]) => {
    const codec = FORMS.find(([prefix]) => k.startsWith(prefix))?.[1];
    return k === TRUST_ROW || (codec !== undefined && decode(codec, raw, "row").ok) ? [k] : [];
  });
};

/** From the rows of `meta` under LIGHT_PREFIX; what was of another community counts as nothing. */
export const readLight = (contract: Contract, rows: Entries): LightState => {
  const trust = one(rows, TRUST_ROW, trustCodec);
  if (trust === null || trust.header.community !== communityId(contract))
    return { trust: trustInContract(contract), figures: null, spans: [], credits: new Map(), covered: null };
  return {
    trust,
    figures: one(rows, FIGURES, figuresCodec),
    spans: withSpans(
      [],
      all(rows, RULE, ruleSpanCodec).map(([, span]) => span),
    ),
    credits: new Map(all(rows, CREDITS, creditsCodec).map(([step, credits]) => [Number(step), credits])),
    covered: one(rows, COVERED, coveredCodec),
  };
};

/** What a step brought this member, proved so far. */
export const ownOf = (state: Pick<LightState, "credits">, step: number): number =>
  (state.credits.get(step) ?? []).reduce((sum, c) => sum + c.mwh, 0);
