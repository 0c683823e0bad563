/** A day at 10 kW through each virtual meter: chain against meter, with a pulled cable, a reload and a clock off. */
import { describe, expect, test } from "vitest";
import { MPE_PPM } from "../../worker/metering/accuracy.ts";
import { dlmsDecoder } from "../../worker/metering/decoders/dlms.ts";
import { iecDialogue } from "../../worker/metering/decoders/iec62056-dialogue.ts";
import { iecDecoder } from "../../worker/metering/decoders/iec62056.ts";
import { p1Decoder } from "../../worker/metering/decoders/p1.ts";
import { pulseDecoder } from "../../worker/metering/decoders/pulse.ts";
import { s0Decoder } from "../../worker/metering/decoders/s0.ts";
import { smlDecoder } from "../../worker/metering/decoders/sml.ts";
import { ticDecoder } from "../../worker/metering/decoders/tic.ts";
import type { Decoder, PulseCounter } from "../../worker/metering/reading.ts";
import { VIRTUAL_METERS, type VirtualMeterKind } from "../../worker/metering/virtual/meters.ts";
import { CLOCK_OFF_MS, dayThrough, JOURNAL_MS, POWER_W, STEP_MS, type DayResult, type Reader } from "./day.ts";

const salt = Uint8Array.of(1);
const bytes = (decoder: Decoder): Reader => ({ kind: "decoder", decoder });

/** How each is read; a meter without an entry has no export register to count. */
const READERS: Readonly<Record<string, (counter: PulseCounter | null) => Reader>> = {
  p1: () => bytes(p1Decoder({ salt })),
  s0: (resume) => bytes(s0Decoder({ impPerKwh: 10_000, resume })),
  pulse: (resume) => ({ kind: "pulses", decoder: pulseDecoder({ impPerKwh: 1_000, resume }) }),
  tic: () => bytes(ticDecoder({ salt })),
  iec: () => ({ kind: "dialogue", dialogue: iecDialogue({ salt, pauseMs: 10_000 }) }),
  "iec-d": () => bytes(iecDecoder({ salt, confirm: true })),
  sml: () => bytes(smlDecoder({ salt })),
  dlms: () => bytes(dlmsDecoder({ salt })),
  "dlms-iskra": () => bytes(dlmsDecoder({ salt })),
  "dlms-aidon": () => bytes(dlmsDecoder({ salt })),
  "dlms-kamstrup": () => bytes(dlmsDecoder({ salt })),
  "dlms-kaifa": () => bytes(dlmsDecoder({ salt })),
};

/** Those whose pulses are gone when nobody listens. */
const FORGETFUL = new Set(["pulse"]);
/** From measuring to the last byte heard. */
const LATENCY_MS: Readonly<Record<string, number>> = { iec: 4_000 };
const USUAL_LATENCY_MS = 2_500;

const kinds = VIRTUAL_METERS.filter(({ name }) => Object.hasOwn(READERS, name));

const day = (kind: VirtualMeterKind): Promise<DayResult> =>
  dayThrough(kind, (counter) => READERS[kind.name]?.(counter) ?? bytes(p1Decoder({ salt })));

describe("A day at 10 kW", () => {
  test.each(kinds)("through a virtual meter: $title", { timeout: 120_000 }, async (kind) => {
    const result = await day(kind);
    expect(result.refusal).toBeNull();
    expect(result.ticks).toBeGreaterThan(1_000);

    // The sum on chain is what the meter's register grew by, to one quantum. Raw pulses that nobody saw, or that were
    // not in the journal yet when the page went, are not claimed.
    const forgets = FORGETFUL.has(kind.name);
    const deaf = forgets ? result.deafMwh : 0;
    const unseen = forgets ? result.deafMwh + Math.ceil((POWER_W * JOURNAL_MS) / 3_600) : 0;
    expect(result.sumMwh).toBeLessThanOrEqual(result.meterMwh);
    expect(result.sumMwh).toBeGreaterThanOrEqual(result.meterMwh - unseen - 2 * kind.resolutionMwh);
    expect(forgets || result.meterMwh - result.sumMwh < kind.resolutionMwh).toBe(true);

    // Each step is within the budget of resolution, clock and line, and that within the MPE of class B.
    const off = CLOCK_OFF_MS + (LATENCY_MS[kind.name] ?? USUAL_LATENCY_MS);
    const budget = kind.resolutionMwh + Math.ceil((POWER_W * off) / 3_600);
    // What raw pulses lose when the page is loaded anew is missing in that step.
    const lost = ({ errorMwh }: { readonly errorMwh: number }): number => (errorMwh < 0 ? unseen - deaf : 0);
    const mpe = ({ trueMwh }: { readonly trueMwh: number }): number => (trueMwh * MPE_PPM.B.low) / 1_000_000;
    const outside = result.steps.filter((step) => Math.abs(step.errorMwh) > Math.min(budget + lost(step), mpe(step)));
    expect(outside).toEqual([]);

    // Of the day's 96 steps only those that the pulled cable touched are estimated or left out.
    expect(result.steps.length).toBeGreaterThanOrEqual((24 * 3_600_000) / STEP_MS - 3);
  });
});
