/** Asking, changing the rate, counting breaks and polled lines: the serial source with virtual meters in virtual time. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import { iecDecoder } from "../../../worker/metering/decoders/iec62056.ts";
import { iecDialogue, SIGN_ON_LINE } from "../../../worker/metering/decoders/iec62056-dialogue.ts";
import { pulseDecoder } from "../../../worker/metering/decoders/pulse.ts";
import { line8n1 } from "../../../worker/metering/line.ts";
import { identityOf, type DecodeEvent } from "../../../worker/metering/reading.ts";
import { converse } from "../../../worker/metering/sources/conversation.ts";
import { readMeter } from "../../../worker/metering/sources/read-meter.ts";
import { findPort, readSerial, type SerialEvent, type SerialSource } from "../../../worker/metering/sources/serial.ts";
import { VirtualPort, VirtualSerial, type LineClock } from "../../../worker/metering/sources/virtual-port.ts";
import type { MeterProfile, VirtualMeter } from "../../../worker/metering/virtual/meter.ts";
import { VIRTUAL_METERS } from "../../../worker/metering/virtual/meters.ts";
import { readings, refusals } from "../decoders/events.ts";

const CABLE = { usbVendorId: 0x0403, usbProductId: 0x6001 };
const START = millis(1_600_000_000_000);

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const clock: LineClock = {
  now: () => Date.now(),
  at: (time, run) => {
    const timer = setTimeout(run, time - Date.now());
    return () => clearTimeout(timer);
  },
};
const delay = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const bauds = (port: VirtualPort): number[] => port.opened.map((options) => options.baudRate);

/** 1 kW, fed in. */
const profile: MeterProfile = { power: [{ at: START, watts: 1_000 }], exportMwh: 5_000_000 };

const playing = (name: string, of: MeterProfile): VirtualMeter => {
  const kind = VIRTUAL_METERS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`no virtual meter ${name}`);
  return kind.play(of);
};

const ask = (serial: VirtualSerial) => {
  const events: SerialEvent[] = [];
  const decoded: DecodeEvent[] = [];
  const stop = new AbortController();
  const done = converse(
    {
      serial,
      port: CABLE,
      delay,
      dialogue: iecDialogue({ salt: null, pauseMs: 10_000 }),
      onEvent: (event) => events.push(event),
      onDecoded: (more) => decoded.push(...more),
    },
    stop.signal,
  );
  const states = (): string[] => events.flatMap((event) => (event.kind === "state" ? [event.state] : []));
  return { events, decoded, states, end: async () => (stop.abort(), await pass(10), await done) };
};

describe("a meter that has to be asked", () => {
  test("says who it is under the device's salt, as one that is only listened to does", async () => {
    const serial = new VirtualSerial();
    serial.plug(new VirtualPort(CABLE, { meter: playing("iec", profile), clock }));
    const stop = new AbortController();
    const decoded: DecodeEvent[] = [];
    const salt = Uint8Array.of(7);
    const done = readMeter(
      {
        serial,
        port: CABLE,
        delay,
        protocol: "iec",
        line: SIGN_ON_LINE,
        pulseInput: "rx",
        needs: "export",
        salt,
        decoder: iecDecoder({ salt: null }),
        now: () => Date.now(),
        onDecoded: (events) => decoded.push(...events),
        onState: () => undefined,
        onTrouble: () => undefined,
      },
      stop.signal,
    );
    await pass(60_000);
    stop.abort();
    await pass(10);
    await done;
    const said = readings(decoded).map((reading) => reading.identity);
    expect(said.length).toBeGreaterThan(0);
    expect(new Set(said)).toEqual(new Set([identityOf("12345678", salt)]));
  });

  test("signed on at 300 baud, read at 9600 by reopening the port, asked again; the register grows as its power says", async () => {
    const serial = new VirtualSerial();
    const port = new VirtualPort(CABLE, { meter: playing("iec", profile), clock });
    serial.plug(port);
    const talk = ask(serial);
    await pass(60_000);
    expect(bauds(port).slice(0, 4)).toEqual([300, 9_600, 300, 9_600]);
    expect(port.opened.every((options) => options.dataBits === 7 && options.parity === "even")).toBe(true);
    expect(refusals(talk.decoded)).toEqual([]);
    const registers = readings(talk.decoded).map((reading) => reading.exportMwh ?? Number.NaN);
    expect(registers.length).toBeGreaterThanOrEqual(4);
    expect(registers.every((register, i) => i === 0 || register > (registers[i - 1] ?? 0))).toBe(true);
    expect(talk.states()).toEqual(["listening"]);
    await talk.end();
    expect(talk.states()).toEqual(["listening", "closed"]);
    expect(port.readable).toBeNull();
  });

  test("unplugged while it answers: refused, found again on another port object, asked from the beginning", async () => {
    const serial = new VirtualSerial();
    const port = new VirtualPort(CABLE, { meter: playing("iec", profile), clock });
    serial.plug(port);
    const talk = ask(serial);
    await pass(1_900);
    serial.pull(port);
    await pass(60_000);
    const before = readings(talk.decoded).length;
    expect(talk.states()).toEqual(["listening", "unplugged"]);
    const again = new VirtualPort(CABLE, { meter: playing("iec", profile), clock });
    serial.plug(again);
    await pass(20_000);
    expect(bauds(again)[0]).toBe(300);
    expect(readings(talk.decoded).length).toBeGreaterThan(before);
    await talk.end();
  });

  test("nothing on the port: asked ever more slowly, and each time said", async () => {
    const serial = new VirtualSerial();
    const port = new VirtualPort(CABLE);
    serial.plug(port);
    const talk = ask(serial);
    await pass(60_000);
    expect(new Set(refusals(talk.decoded))).toEqual(new Set(["no-answer"]));
    expect(port.written.length).toBeLessThan(12);
    await talk.end();
  });
});

const count = (serial: VirtualSerial, settings: Partial<SerialSource>) => {
  const decoder = pulseDecoder({ impPerKwh: 1_000 });
  const decoded: DecodeEvent[] = [];
  const events: SerialEvent[] = [];
  const stop = new AbortController();
  const onEvent = (event: SerialEvent): void => {
    events.push(event);
    if (event.kind === "bytes") decoded.push(...decoder.push(event.bytes, Date.now()));
    if (event.kind === "break") decoded.push(...decoder.broke(Date.now()));
    if (event.kind === "level") decoded.push(...decoder.polled(event.on, Date.now()));
  };
  const done = readSerial({ serial, port: CABLE, settings: line8n1(300), delay, onEvent, ...settings }, stop.signal);
  return { events, decoded, end: async () => (stop.abort(), await pass(10), await done) };
};
const errors = (events: readonly SerialEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "error" ? [event.error.code] : []));

describe("raw pulses", () => {
  test("every pulse at the highest rate, 16 a second, is a break and none is lost or slowed down", async () => {
    const serial = new VirtualSerial();
    // 1,000 imp/kWh at 57.6 kW.
    const fast = { power: [{ at: START, watts: 57_600 }] };
    serial.plug(new VirtualPort(CABLE, { meter: playing("pulse", fast), clock }));
    const heard = count(serial, { breaks: true });
    await pass(60_050);
    expect(readings(heard.decoded).at(-1)?.counter?.total).toBe(960);
    expect(errors(heard.events)).toEqual([]);
    await heard.end();
  });

  test("breaks that nobody asked for stay disturbances", async () => {
    const serial = new VirtualSerial();
    serial.plug(new VirtualPort(CABLE, { meter: playing("pulse", profile), clock }));
    const heard = count(serial, {});
    await pass(10_000);
    expect(new Set(errors(heard.events))).toEqual(new Set(["line-noise"]));
    expect(heard.decoded).toEqual([]);
    await heard.end();
  });

  test.each([
    ["cts", "clearToSend"],
    ["dsr", "dataSetReady"],
    ["dcd", "dataCarrierDetect"],
    ["ri", "ringIndicator"],
  ] as const)("on %s, polled every 8 ms", async (line, signal) => {
    const serial = new VirtualSerial();
    const port = new VirtualPort(CABLE);
    serial.plug(port);
    const heard = count(serial, { poll: { line, everyMs: 8 } });
    await pass(100);
    for (let i = 0; i < 50; i++) {
      port.signals[signal] = true;
      await pass(32);
      port.signals[signal] = false;
      await pass(31);
    }
    expect(readings(heard.decoded)).toHaveLength(50);
    await heard.end();
  });

  test("an adapter that does not show its modem lines (the WebUSB polyfill) is said", async () => {
    const serial = new VirtualSerial();
    const port = new VirtualPort(CABLE);
    Object.defineProperty(port, "getSignals", { value: undefined });
    serial.plug(port);
    const heard = count(serial, { poll: { line: "cts", everyMs: 8 } });
    await pass(100);
    expect(errors(heard.events)).toEqual(["no-signals"]);
    await heard.end();
  });
});

describe("two adapters of the same make", () => {
  test("each reader keeps its own port, and does not take one that another reads", async () => {
    const serial = new VirtualSerial();
    const [first, second] = [new VirtualPort(CABLE), new VirtualPort(CABLE)];
    serial.plug(first);
    serial.plug(second);
    const one = count(serial, {});
    await pass(10);
    const two = count(serial, {});
    await pass(10);
    expect([first.opened.length, second.opened.length]).toEqual([1, 1]);
    expect(findPort([first, second], CABLE, second)).toBe(second);
    await one.end();
    await two.end();
  });
});
