/** The SerialPort look-alike: a virtual meter on a clock, at the right settings and at wrong ones. */
import { describe, expect, test } from "vitest";
import { millis } from "../../../worker/base/units.ts";
import { line7e1, line8n1, type LineSettings } from "../../../worker/metering/line.ts";
import { withEvenParity } from "../../../worker/metering/seven-bits.ts";
import { VirtualPort, VirtualSerial } from "../../../worker/metering/sources/virtual-port.ts";
import type { VirtualMeter } from "../../../worker/metering/virtual/meter.ts";

const ask = Uint8Array.of(0x3f);
const said = Uint8Array.of(0x41, 0x43, 0x7e, 0x31);

/** Says the same every second, and answers a question at once at another rate. */
const meterOn = (line: LineSettings, kind: "bytes" | "break" = "bytes"): VirtualMeter => ({
  line,
  next: (after) => ({ at: millis((Math.floor(after / 1_000) + 1) * 1_000), kind, bytes: said }),
  hear: (bytes, at) => [{ at: millis(at + 10), kind: "bytes", bytes, line: line8n1(4_800) }],
});

/** A clock whose next event is fired by hand. */
const handClock = () => {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    clock: {
      now: () => now,
      at: (time: number, run: () => void) => {
        const timer = { at: time, run };
        timers = [...timers, timer].sort((a, b) => a.at - b.at);
        return () => (timers = timers.filter((other) => other !== timer));
      },
    },
    waiting: () => timers.length,
    fire: () => {
      const [timer, ...rest] = timers;
      timers = rest;
      now = timer?.at ?? now;
      timer?.run();
    },
  };
};

const heard = async (port: VirtualPort): Promise<number[] | string> => {
  const reader = port.readable?.getReader();
  const result = await reader?.read().then(
    ({ value }) => [...(value ?? [])],
    (error: DOMException) => error.name,
  );
  reader?.releaseLock();
  return result ?? "closed";
};

const openAs = (line: LineSettings): SerialOptions => ({ ...line });

const playAt = async (sent: LineSettings, opened: LineSettings): Promise<number[] | string> => {
  const { clock, fire } = handClock();
  const port = new VirtualPort({}, { meter: meterOn(sent), clock });
  await port.open(openAs(opened));
  const reading = heard(port);
  fire();
  return reading;
};

describe("a meter on its line", () => {
  test("opened as it sends, its bytes come as they are", async () => {
    expect(await playAt(line8n1(9_600), line8n1(9_600))).toEqual([...said]);
    expect(await playAt(line7e1(300), line7e1(300))).toEqual([...said]);
  });

  test("at another speed there is rubbish, more of it at a higher one", async () => {
    const slow = await playAt(line8n1(9_600), line8n1(2_400));
    const fast = await playAt(line8n1(9_600), line8n1(19_200));
    expect(slow).toHaveLength(1);
    expect(fast).toHaveLength(8);
    for (const byte of said) expect([slow, fast].flat()).not.toContain(byte);
  });

  test("seven bits and even parity heard with eight: the parity is bit 7", async () => {
    expect(await playAt(line7e1(9_600), line8n1(9_600))).toEqual([...withEvenParity(said)]);
  });

  test("parity where none is sent, and none where it is: a line error, as in a browser", async () => {
    const even8: LineSettings = { baudRate: 2_400, dataBits: 8, parity: "even" };
    expect(await playAt(line8n1(2_400), even8)).toBe("ParityError");
    expect(await playAt(even8, line8n1(2_400))).toBe("FramingError");
  });

  test("a break ends the stream, and the next one is there at once", async () => {
    const { clock, fire } = handClock();
    const port = new VirtualPort({}, { meter: meterOn(line8n1(300), "break"), clock });
    await port.open(openAs(line8n1(300)));
    const reading = heard(port);
    fire();
    expect(await reading).toBe("BreakError");
    const after = heard(port);
    port.send(ask);
    expect(await after).toEqual([...ask]);
  });

  test("what is written is heard by the meter, and its answer comes at the rate of the answer", async () => {
    const { clock, fire } = handClock();
    const port = new VirtualPort({}, { meter: meterOn(line8n1(300)), clock });
    await port.open(openAs(line8n1(4_800)));
    const writer = port.writable?.getWriter();
    await writer?.write(ask);
    writer?.releaseLock();
    const reading = heard(port);
    fire();
    expect(await reading).toEqual([...ask]);
    expect(port.written).toEqual([ask]);
  });

  test("closed, it hears nothing more; opened again, it goes on", async () => {
    const { clock, fire, waiting } = handClock();
    const port = new VirtualPort({}, { meter: meterOn(line8n1(300)), clock });
    await port.open(openAs(line8n1(300)));
    expect(waiting()).toBe(1);
    await port.close();
    expect([waiting(), port.readable, port.writable]).toEqual([0, null, null]);
    await port.open(openAs(line8n1(300)));
    const reading = heard(port);
    fire();
    expect(await reading).toEqual([...said]);
  });
});

describe("as the specification says", () => {
  test("a locked port does not close, an open one does not open, a lost one is a NetworkError", async () => {
    const port = new VirtualPort({ usbVendorId: 1 });
    await port.open(openAs(line8n1(300)));
    await expect(port.open(openAs(line8n1(300)))).rejects.toThrow("open already");
    const reading = heard(port);
    await expect(port.close()).rejects.toThrow("locked");
    port.lose();
    expect(await reading).toBe("NetworkError");
    expect([port.readable, port.getInfo()]).toEqual([null, { usbVendorId: 1 }]);
    await expect(port.getSignals()).rejects.toThrow("closed");
  });

  test("plugging and pulling are announced", async () => {
    const serial = new VirtualSerial();
    const [port, seen]: [VirtualPort, string[]] = [new VirtualPort(), []];
    const listeners = { connect: () => seen.push("connect"), disconnect: () => seen.push("disconnect") };
    for (const type of ["connect", "disconnect"] as const) serial.addEventListener(type, listeners[type]);
    serial.plug(port);
    expect(await serial.getPorts()).toEqual([port]);
    serial.pull(port);
    for (const type of ["connect", "disconnect"] as const) serial.removeEventListener(type, listeners[type]);
    serial.plug(port);
    expect([seen, serial.listening]).toEqual([["connect", "disconnect"], 0]);
  });
});
