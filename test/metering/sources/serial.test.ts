/** The serial source against a port played by hand. */
import { describe, expect, test, vi } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import { p1Decoder } from "../../../worker/metering/decoders/p1.ts";
import {
  BACK_OFF_MS,
  findPort,
  MIN_BUFFER_BYTES,
  readSerial,
  serialFor,
  SerialError,
  type SerialEvent,
} from "../../../worker/metering/sources/serial.ts";
import { encodeP1 } from "../../../worker/metering/virtual/p1.ts";
import { VirtualPort, VirtualSerial } from "../../../worker/metering/sources/virtual-port.ts";

const CABLE = { usbVendorId: 0x0403, usbProductId: 0x6001 };
const telegram = encodeP1({
  style: "be",
  exportMwh: 5_000_000,
  importMwh: 0,
  powerExportW: 100,
  powerImportW: 0,
  at: millis(0),
});

/** Lets everything that is ready happen; timers are the test's own. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

const listen = (serial: VirtualSerial, port: { usbVendorId: number | null; usbProductId: number | null } = CABLE) => {
  const events: SerialEvent[] = [];
  const waits: { ms: number; fire: () => void }[] = [];
  const stop = new AbortController();
  const delay = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      waits.push({ ms, fire: resolve });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  const done = readSerial(
    { serial, port, settings: { baudRate: 115_200 }, delay, onEvent: (e) => events.push(e) },
    stop.signal,
  );
  const states = (): string[] => events.flatMap((event) => (event.kind === "state" ? [event.state] : []));
  const errors = (): string[] => events.flatMap((event) => (event.kind === "error" ? [event.error.code] : []));
  const bytes = (): number[] => events.flatMap((event) => (event.kind === "bytes" ? [...event.bytes] : []));
  const tick = async (): Promise<void> => {
    waits.pop()?.fire();
    await settle();
  };
  return { events, waits, stop, done, states, errors, bytes, tick };
};

describe("one port", () => {
  test("is opened with the meter's settings and a buffer that survives a busy worker, and its bytes come in order", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(CABLE)];
    serial.plug(port);
    const heard = listen(serial);
    await settle();
    expect(port.opened).toMatchObject([
      { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1, bufferSize: MIN_BUFFER_BYTES },
    ]);
    port.send(Uint8Array.of(1, 2));
    port.send(Uint8Array.of(3));
    await settle();
    expect(heard.bytes()).toEqual([1, 2, 3]);
    heard.stop.abort();
    await heard.done;
    expect(heard.states()).toEqual(["listening", "closed"]);
    expect(port.readable).toBeNull();
    expect(serial.listening).toBe(0);
  });

  test.each(["BreakError", "FramingError", "ParityError", "BufferOverrunError"])(
    "goes on after a %s, which is said",
    async (name) => {
      const [serial, port] = [new VirtualSerial(), new VirtualPort(CABLE)];
      serial.plug(port);
      const heard = listen(serial);
      await settle();
      port.fail(name);
      await settle();
      port.send(Uint8Array.of(7));
      await settle();
      expect([heard.errors(), heard.bytes(), heard.states()]).toEqual([["line-noise"], [7], ["listening"]]);
      heard.stop.abort();
      await heard.done;
    },
  );

  test("a line that only breaks is not read at full speed", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(CABLE)];
    serial.plug(port);
    const heard = listen(serial);
    await settle();
    for (let i = 0; i < 4; i++) {
      port.fail("BreakError");
      await settle();
    }
    expect(heard.waits.map((wait) => wait.ms)).toEqual([BACK_OFF_MS[0]]);
    await heard.tick();
    port.send(Uint8Array.of(9));
    await settle();
    expect(heard.bytes()).toEqual([9]);
    heard.stop.abort();
    await heard.done;
  });

  test("in use elsewhere: said, tried again ever more slowly, and opened when it is free", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(CABLE)];
    port.refuseOpen = "NetworkError";
    serial.plug(port);
    const heard = listen(serial);
    await settle();
    for (let i = 0; i < 6; i++) await heard.tick();
    expect(heard.errors()).toEqual(Array.from({ length: 7 }, () => "port-busy"));
    port.refuseOpen = null;
    await heard.tick();
    expect(heard.states()).toEqual(["listening"]);
    heard.stop.abort();
    await heard.done;
  });

  test("permission taken back is said as such", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(CABLE)];
    port.refuseOpen = "SecurityError";
    serial.plug(port);
    const heard = listen(serial);
    await settle();
    expect(heard.errors()).toEqual(["port-denied"]);
    heard.stop.abort();
    await heard.done;
  });

  test("open already in this worker: read all the same", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(CABLE)];
    await port.open({ baudRate: 115_200 });
    serial.plug(port);
    const heard = listen(serial);
    await settle();
    port.send(Uint8Array.of(4));
    await settle();
    expect([heard.bytes(), heard.errors()]).toEqual([[4], []]);
    heard.stop.abort();
    await heard.done;
  });
});

describe("the cable", () => {
  test("pulled in the middle of a telegram: unplugged, the half is refused, and a new port is read by itself", async () => {
    const [serial, port] = [new VirtualSerial(), new VirtualPort(CABLE)];
    serial.plug(port);
    const heard = listen(serial);
    await settle();
    port.send(telegram.subarray(0, 60));
    await settle();
    serial.pull(port);
    await settle();
    expect(heard.states()).toEqual(["listening", "unplugged"]);
    const again = new VirtualPort(CABLE);
    serial.plug(again);
    await settle();
    again.send(telegram);
    await settle();
    expect(heard.states()).toEqual(["listening", "unplugged", "listening"]);
    const decoder = p1Decoder({ salt: null });
    const decoded = heard.events.flatMap((event) => {
      if (event.kind === "bytes") return decoder.push(event.bytes);
      return event.kind === "state" && event.state === "unplugged" ? decoder.end() : [];
    });
    expect(decoded.map((event) => (event.kind === "refused" ? event.refusal.code : event.reading.exportMwh))).toEqual([
      "cut-short",
      5_000_000,
    ]);
    heard.stop.abort();
    await heard.done;
  });

  test("not there yet: waited for with growing patience where no event announces it (WebUSB polyfill)", async () => {
    const serial = new VirtualSerial();
    const quiet = { getPorts: () => serial.getPorts() };
    const heard = listen(quiet as VirtualSerial);
    await settle();
    for (let i = 0; i < 6; i++) await heard.tick();
    expect(heard.states()).toEqual(["waiting-port"]);
    serial.plug(new VirtualPort(CABLE));
    await heard.tick();
    expect(heard.states()).toEqual(["waiting-port", "listening"]);
    heard.stop.abort();
    await heard.done;
  });

  test("the waits grow to the last one", async () => {
    const heard = listen(new VirtualSerial());
    const seen: number[] = [];
    await settle();
    for (let i = 0; i < 7; i++) {
      seen.push(heard.waits.at(-1)?.ms ?? -1);
      await heard.tick();
    }
    expect(seen).toEqual([...BACK_OFF_MS, 5_000, 5_000]);
    heard.stop.abort();
    await heard.done;
    expect(heard.states()).toEqual(["waiting-port", "closed"]);
  });
});

describe("finding the port that the page was granted", () => {
  const [ftdi, arduino, bluetooth] = [
    new VirtualPort(CABLE),
    new VirtualPort({ usbVendorId: 0x2341, usbProductId: 1 }),
    new VirtualPort(),
  ];

  test("by vendor and product; a port without them is found by having none; else the only one", () => {
    expect(findPort([arduino, ftdi], CABLE)).toBe(ftdi);
    expect(findPort([ftdi, bluetooth], { usbVendorId: null, usbProductId: null })).toBe(bluetooth);
    expect(findPort([ftdi], { usbVendorId: null, usbProductId: null })).toBe(ftdi);
    expect(findPort([arduino], CABLE)).toBeNull();
    expect(findPort([ftdi, arduino], { usbVendorId: null, usbProductId: null })).toBeNull();
  });
});

describe("which serial", () => {
  test("a browser without either is told which one has it", async () => {
    vi.stubGlobal("navigator", {});
    await expect(serialFor("serial")).rejects.toMatchObject({ name: "SerialError", code: "no-web-serial" });
    await expect(serialFor("usb")).rejects.toBeInstanceOf(SerialError);
    vi.unstubAllGlobals();
  });

  test("Web Serial where it is, and the polyfill only where the user chose USB", async () => {
    const own = new VirtualSerial();
    vi.stubGlobal("navigator", { serial: own, usb: { getDevices: async () => [] } });
    expect(await serialFor("serial")).toBe(own);
    const usb = await serialFor("usb");
    expect(usb).not.toBe(own);
    expect(await usb.getPorts()).toEqual([]);
    vi.unstubAllGlobals();
  });
});
