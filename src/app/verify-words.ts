/**
 * The words around a proof file: its steps in order, each with its sentence; the steps of a day or a month. The sentences
 * are the texts' own. Pure.
 */
import type { PortRefusal } from "../../worker/port.ts";
import type { ProofFileView } from "../../worker/port-proof.ts";
import { count, date, dateTime, exactEnergy, sureClock } from "./format.ts";
import type { Language } from "./language.ts";
import type { Place } from "./calendar.ts";
import { periodOf } from "./period.ts";
import type { VerifyTexts } from "./text/en-verify.ts";

/** Each language is loaded on its own, with the screen. */
export const loadVerifyWords = async (language: Language): Promise<VerifyTexts> => {
  switch (language) {
    case "fr":
      return (await import("./text/fr-verify.ts")).verify;
    case "nl":
      return (await import("./text/nl-verify.ts")).verify;
    default:
      return (await import("./text/en-verify.ts")).verify;
  }
};

/** A date with its time: a proof may be of any year. */
export const longMoment = (time: number, locale: string, seconds = false): string => dateTime(time, locale, seconds);

/** Length of a step of the file's community; below a minute its times are told to the second. */
export const stepMsOf = ({ claim }: ProofFileView): number => (claim.end - claim.begin) / (claim.to - claim.from + 1);
export const isQuick = (found: ProofFileView): boolean => stepMsOf(found) < 60_000;

/** From when to when; the day stands once where it is the same. */
export const span = (begin: number, end: number, locale: string, seconds = false): string => {
  const [first, last] = [date(begin, locale), date(end, locale)];
  return first === last
    ? `${first}, ${sureClock(begin, locale, seconds)}\u2013${sureClock(end, locale, seconds)}`
    : `${dateTime(begin, locale, seconds)} \u2013 ${dateTime(end, locale, seconds)}`;
};

/** What holds, one sentence a step, in the order of the check. */
export const stepsOf = (words: VerifyTexts, found: ProofFileView, locale: string): string[] => {
  const { steps } = words;
  const { community, final, member, credits, claim, signatures } = found;
  const number = (n: number): string => count(n, locale);
  return [
    steps.contract(community.name, community.founders),
    steps.hops(found.handOvers),
    steps.final(
      longMoment(final.time, locale, isQuick(found)),
      number(final.confirmed),
      number(final.voters),
      number(final.quorum),
    ),
    steps.members(exactEnergy(member.registerMwh, locale)),
    steps.history(found.blocks, number(final.height)),
    steps.blocks(credits.length, number(signatures.checked)) +
      (signatures.vouched === 0 ? "" : ` ${steps.vouched(signatures.vouched)}`),
    steps.claim(exactEnergy(claim.mwh, locale)),
    steps.seal,
  ];
};

const isKey = <T extends object>(of: T, key: unknown): key is keyof T =>
  typeof key === "string" && Object.hasOwn(of, key);

/** Where a file does not hold, and why; `place` is null for a refusal that is not about the file. */
export const refusalOf = (words: VerifyTexts, refusal: PortRefusal): { place: string | null; why: string } => {
  const place = refusal.data?.["place"];
  return {
    place: isKey(words.places, place) ? words.places[place] : null,
    why: isKey(words.codes, refusal.code) ? words.codes[refusal.code] : refusal.message,
  };
};

/** The same refusal, its sentence in the language of `text`, where it is one of those of making a file. */
export const inWords = ({ refusals }: VerifyTexts["save"], refusal: PortRefusal): PortRefusal => ({
  ...refusal,
  message: isKey(refusals, refusal.code) ? refusals[refusal.code] : refusal.message,
});

export type Range = "step" | "day" | "month";
/** The steps that end within the local day or month in which `step` ends, both included. */
export const stepsWithin = (
  range: Range,
  step: number,
  { t0, stepMs }: { readonly t0: number; readonly stepMs: number },
  place?: Place,
): { from: number; to: number } => {
  if (range === "step") return { from: step, to: step };
  // The step belongs to the day in which it begins: the last one ends at midnight.
  const { from, to } = periodOf(range, t0 + (step - 1) * stepMs, 0, place);
  const stepsBefore = (time: number): number => Math.ceil((time - t0) / stepMs);
  return { from: Math.max(1, stepsBefore(from) + 1), to: stepsBefore(to) };
};
