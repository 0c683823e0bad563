/**
 * What a person reads off a meter's front, made into MeterSettings. Each field that cannot be right is named;
 * the words are in text/. Knows nothing of ports: the cable is chosen in bridge/serial.ts.
 */
import { nameFits } from "./name-form.ts";
import type { MeterProtocol, MeterSettings } from "../../worker/port-meter.ts";
import type { MeterRole } from "../../worker/port-home.ts";

export type MeterForm = {
  readonly label: string;
  /** A meter for consumption has no accuracy to prove: neither its marking nor a largest power is asked for. */
  readonly role?: MeterRole;
  readonly protocol: MeterProtocol;
  /** As marked: "0.25-5(60) A". */
  readonly marking: string;
  readonly accuracyClass: "A" | "B" | "C";
  readonly phases: 1 | 3;
  readonly impPerKwh: string;
  readonly pMaxKw: string;
  readonly baudRate: number;
};

export type MeterField = "label" | "marking" | "impPerKwh" | "pMaxKw";

/** The first current of a marking, I_min, in mA; null when it cannot be one. Accepts a decimal comma. */
export const minimumCurrentMa = (marking: string): number | null => {
  const found = /^\s*(\d{1,3}(?:[.,]\d{1,3})?)\s*(?:A\s*)?(?:[-\u2013\u2014]|\(|A?\s*$)/i.exec(marking);
  if (found === null) return null;
  const amps = Number((found[1] ?? "").replace(",", "."));
  const ma = Math.round(amps * 1000);
  return ma >= 1 && ma <= 100_000 ? ma : null;
};

const decimalOf = (text: string): number | null => {
  const clean = text.trim().replace(",", ".");
  return /^\d{1,6}(\.\d{1,3})?$/.test(clean) ? Number(clean) : null;
};

/** The settings without the cable, or the fields to correct. */
export const meterSettings = (
  form: MeterForm,
):
  | { readonly ok: true; readonly value: Omit<MeterSettings, "port" | "via"> }
  | { readonly ok: false; readonly wrong: readonly MeterField[] } => {
  const wrong: MeterField[] = [];
  const label = form.label.trim();
  if (!nameFits(label, 40)) wrong.push("label");
  const isUse = form.role === "consumption";
  const iMinMa = isUse ? 0 : minimumCurrentMa(form.marking);
  if (iMinMa === null) wrong.push("marking");
  const counts = form.protocol === "s0" || form.protocol === "pulse";
  const imp = counts ? decimalOf(form.impPerKwh) : null;
  if (counts && (imp === null || !Number.isInteger(imp) || imp < 1 || imp > 100_000)) wrong.push("impPerKwh");
  const kw = isUse ? null : decimalOf(form.pMaxKw);
  const pMaxW = kw === null ? 0 : Math.round(kw * 1000);
  if (!isUse && (pMaxW < 10 || pMaxW > 10_000_000)) wrong.push("pMaxKw");
  if (wrong.length > 0 || iMinMa === null) return { ok: false, wrong };
  const { protocol, phases, accuracyClass, baudRate, role = "generation" } = form;
  return { ok: true, value: { label, role, protocol, baudRate, impPerKwh: imp, phases, iMinMa, accuracyClass, pMaxW } };
};
