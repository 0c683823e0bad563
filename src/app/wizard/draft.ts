/**
 * What a member has said so far while pairing a meter: kept for the tab, so that Back, a refresh and a look at another
 * screen lose nothing. Knows no screen and no worker.
 */
import { PAIR_STEPS, type PairStep } from "../route.ts";
import type { MeterRole } from "../../../worker/port-home.ts";
import type { LineView, MeterProtocol, PulseInput } from "../../../worker/port-meter.ts";

/** What a person recognises on the wall; `unknown` listens to everything. */
export const KINDS = ["p1", "tic", "optical", "han", "counter", "direct", "unknown"] as const;
export type Kind = (typeof KINDS)[number];

/** What may speak at each of them. */
export const PROTOCOLS_OF: Readonly<Record<Kind, readonly MeterProtocol[] | null>> = {
  p1: ["p1"],
  tic: ["tic"],
  optical: ["sml", "iec"],
  han: ["dlms", "sml"],
  counter: ["s0"],
  direct: ["pulse"],
  unknown: null,
};

export type Draft = {
  readonly kind: Kind;
  readonly role: MeterRole;
  readonly via: "serial" | "usb" | null;
  readonly port: { readonly usbVendorId: number | null; readonly usbProductId: number | null } | null;
  /** As recognised, or as chosen by hand. */
  readonly protocol: MeterProtocol | null;
  readonly line: LineView | null;
  readonly pulseInput: PulseInput;
  /** Of the register as it was seen; null for pulses. */
  readonly resolutionMwh: number | null;
  readonly impPerKwh: string;
  readonly marking: string;
  readonly accuracyClass: "A" | "B" | "C";
  readonly phases: "1" | "3";
  readonly pMaxKw: string;
  readonly label: string;
  /** Null until the meter is paired. */
  readonly paired: string | null;
};

export const newDraft: Draft = {
  kind: "unknown",
  role: "generation",
  via: null,
  port: null,
  protocol: null,
  line: null,
  pulseInput: "rx",
  resolutionMwh: null,
  impPerKwh: "",
  marking: "",
  accuracyClass: "B",
  phases: "1",
  pMaxKw: "",
  label: "",
  paired: null,
};

/** The furthest step that makes sense with what is known; the one asked for when it comes before that. */
export const reachable = (step: PairStep, draft: Draft): PairStep => {
  const furthest: PairStep =
    draft.paired !== null
      ? "done"
      : draft.port === null || draft.via === null
        ? "port"
        : draft.protocol === null
          ? "listen"
          : "plate";
  return PAIR_STEPS.indexOf(step) <= PAIR_STEPS.indexOf(furthest) ? step : furthest;
};

const KEY = "commonwatt-pairing";

/** What only this version writes is read back; anything else begins anew. */
export const loadDraft = (): Draft => {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    const whole = typeof read === "object" && read !== null && Object.keys(newDraft).every((key) => key in read);
    return whole ? (read as Draft) : newDraft;
  } catch {
    return newDraft;
  }
};

export const keepDraft = (draft: Draft): void => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // Storage is denied: the draft lives as long as the page.
  }
};

export const dropDraft = (): void => {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There was none.
  }
};
