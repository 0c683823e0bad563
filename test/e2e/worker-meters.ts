/**
 * Goes in front of the node worker's own code: the virtual meters of a test at ports of their own, by the wall clock. A
 * port that is opened at another speed than its meter's hears rubbish. Each pulse of the highest rate is there when its
 * time has come, however late a timer looks.
 */
import { millis } from "../../worker/base/units.ts";
import { VirtualPort, VirtualSerial, type LineClock } from "../../worker/metering/sources/virtual-port.ts";
import type { VirtualMeter } from "../../worker/metering/virtual/meter.ts";
import { VIRTUAL_METERS } from "../../worker/metering/virtual/meters.ts";
import { VENDOR, type MeterAtPort } from "./meter-plan.ts";
import { line8n1 } from "../../worker/metering/line.ts";

/** 16 a second: 32 ms on and 30.5 ms off. */
const FASTEST_MS = 62.5;
/** Of 10,000 a kWh, in watt-milliseconds. */
const PULSE_WMS = 360_000;

const clock: LineClock = {
  now: () => Date.now(),
  at: (time, run) => {
    const timer = setTimeout(run, Math.max(0, time - Date.now()));
    return () => clearTimeout(timer);
  },
};

const rxPulses = (since: number, watts: number): VirtualMeter => {
  const periodMs = watts === 0 ? FASTEST_MS : PULSE_WMS / watts;
  return {
    line: line8n1(300),
    next: (after) => {
      const at = since + Math.ceil((Math.floor((after - since) / periodMs) + 1) * periodMs);
      return { at: millis(Math.max(at, after + 1)), kind: "bytes", bytes: Uint8Array.of(0) };
    },
  };
};

const plan = (globalThis as unknown as { meterPlan: readonly MeterAtPort[] }).meterPlan;
const serial = new VirtualSerial();
for (const { name, watts, since, usbProductId } of plan) {
  const kind = VIRTUAL_METERS.find((one) => one.name === name);
  const profile = { power: [{ at: millis(since), watts }], exportMwh: 7_412_331_000 };
  const meter = kind === undefined ? rxPulses(since, watts) : kind.play(profile);
  serial.plug(new VirtualPort({ usbVendorId: VENDOR, usbProductId }, { meter, clock }));
}
Object.defineProperty(navigator, "serial", { configurable: true, get: () => serial });
