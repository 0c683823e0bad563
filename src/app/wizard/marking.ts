/**
 * What a meter's front says, read out of whatever a person types of it: "3x230/400 V 0,25-5(60) A 1000 imp/kWh Cl. B".
 * Knows nothing of what is made of it.
 */

export type Marking = {
  /** The first current, I_min, as marked. */
  readonly currents: string | null;
  readonly impPerKwh: number | null;
  readonly phases: 1 | 3 | null;
  readonly accuracyClass: "A" | "B" | "C" | null;
};

/** With a decimal comma or point, any dash, the largest current in brackets. */
const CURRENTS = /\d{1,3}(?:[.,]\d{1,3})?\s*[-\u2013\u2014]\s*\d{1,3}(?:[.,]\d)?\s*\(\s*\d{1,3}\s*\)\s*A?/;
/** "1000 imp/kWh", "10.000 Imp/kWh", "rA = 10 000 pulses/kWh"; an LED's Wh per pulse the other way round. */
const PER_KWH = /(\d[\d .\u00a0\u202f]{0,8}\d|\d)\s*(?:imp(?:ulse)?s?\.?|pulses?|p)\s*\/\s*kWh/i;
const WH_EACH = /(\d+(?:[.,]\d+)?)\s*Wh\s*\/\s*(?:imp|pulse)/i;
const CLASS = /\b(?:cl(?:ass|asse|\.)?|klasse)\s*[.:]?\s*([ABC])\b/i;
/** The older classes of IEC 62053: 2 is A, 1 is B, 0.5 S is C. */
const OLD_CLASS = /\b(?:cl(?:ass|asse|\.)?|klasse)\s*[.:]?\s*(2|1|0[.,]5)\b/i;
const THREE = /3\s*[x\u00d7]\s*\d{3}|\d{3}\s*\/\s*\d{3}\s*V/i;
const ONE = /(?:^|[^\d/.,])(?:220|230|240)\s*V/i;

const constantOf = (text: string): number | null => {
  const each = WH_EACH.exec(text)?.[1];
  if (each !== undefined) {
    const perKwh = 1_000 / Number(each.replace(",", "."));
    return Number.isInteger(perKwh) && perKwh > 0 ? perKwh : null;
  }
  const digits = PER_KWH.exec(text)?.[1]?.replace(/\D/g, "");
  const perKwh = digits === undefined ? 0 : Number(digits);
  return perKwh > 0 && perKwh <= 100_000 ? perKwh : null;
};

const classOf = (text: string): Marking["accuracyClass"] => {
  const letter = CLASS.exec(text)?.[1]?.toUpperCase();
  if (letter === "A" || letter === "B" || letter === "C") return letter;
  const old = OLD_CLASS.exec(text)?.[1];
  return old === undefined ? null : old === "2" ? "A" : old === "1" ? "B" : "C";
};

/** Each part that is there; null for what is not. */
export const readMarking = (text: string): Marking => ({
  currents: CURRENTS.exec(text)?.[0].trim() ?? null,
  impPerKwh: constantOf(text),
  phases: THREE.test(text) ? 3 : ONE.test(text) ? 1 : null,
  accuracyClass: classOf(text),
});
