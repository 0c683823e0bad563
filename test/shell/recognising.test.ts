/**
 * Listening before pairing (issue 4: "tries to recognise the protocol by listening, progress shown"): every virtual
 * meter on a port whose setting nobody knows is found, shown live, and the port is free again afterwards.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { VirtualPort, VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import type { VirtualMeter } from "../../worker/metering/virtual/meter.ts";
import { VIRTUAL_METERS } from "../../worker/metering/virtual/meters.ts";
import type { HeardKind, ListenAsk, MeterProtocol } from "../../worker/port-meter.ts";
import { Recogniser } from "../../worker/shell/recognising.ts";
import { millis } from "../../worker/base/units.ts";
import { line8n1 } from "../../worker/metering/line.ts";

const START = 1_782_000_000_000;
const IDS = { usbVendorId: 0x0403, usbProductId: 0x6001 };
const ASK: ListenAsk = { via: "serial", port: IDS, only: null, as: null };
const PROFILE = { power: [{ at: millis(START - 60_000), watts: 3_000 }], exportMwh: 7_000_000 };

class Bench {
  readonly time = new VirtualTime(START, "bench");
  readonly serial = new VirtualSerial();
  readonly port: VirtualPort;
  readonly recogniser: Recogniser;
  changes = 0;
  constructor(meter: VirtualMeter | null) {
    const { clock } = this.time;
    this.port = new VirtualPort(IDS, meter === null ? null : { meter, clock });
    this.serial.plug(this.port);
    vi.stubGlobal("navigator", { serial: this.serial });
    this.recogniser = new Recogniser({ clock, onChange: () => (this.changes += 1) });
  }
  async pass(ms: number): Promise<void> {
    const end = this.time.now + ms;
    while (this.time.now < end) {
      await this.time.runUntil(Math.min(end, this.time.now + 10));
      // Closing a port and opening it again takes no virtual time, but several turns.
      for (let turn = 0; turn < 2; turn++) await new Promise((done) => setImmediate(done));
    }
  }
  /** Until it is known, at most so long. */
  async settled(ms: number): Promise<number> {
    const begin = this.time.now;
    while (this.recogniser.view?.state === "probing" && this.time.now - begin < ms) await this.pass(500);
    return this.time.now - begin;
  }
  get isFree(): boolean {
    return this.port.readable === null;
  }
}

const protocolOf = (name: string): MeterProtocol =>
  name === "pulse" || name === "s0" || name === "sml"
    ? name
    : name.startsWith("tic")
      ? "tic"
      : name.startsWith("p1")
        ? "p1"
        : name.startsWith("iec")
          ? "iec"
          : "dlms";

afterEach(() => void vi.unstubAllGlobals());

describe("an unknown meter is found by listening", () => {
  it.each(VIRTUAL_METERS)("$title", async ({ name, play }) => {
    const bench = new Bench(play(PROFILE));
    await bench.recogniser.start(ASK);
    await bench.settled(120_000);
    const { view } = bench.recogniser;
    const historique = name === "tic-historique";
    expect(view?.found).toMatchObject({
      kind: name === "pulse" ? "pulses" : "meter",
      protocol: protocolOf(name),
      refusal: null,
      registers: name === "pulse" || name === "s0" ? null : { export: !historique, import: true },
    });
    await bench.pass(name.startsWith("iec") ? 40_000 : 12_000);
    const live = bench.recogniser.view?.live;
    const counts = name === "pulse" || name === "s0";
    expect(counts ? (live?.pulses ?? 0) > 5 : (live?.telegrams ?? 0) > 0, name).toBe(true);
    const registers = historique ? [null, 0] : [live?.exportMwh ?? null, live?.importMwh ?? null];
    expect(counts ? registers : [live?.exportMwh, live?.importMwh], name).toEqual(registers);
    expect(counts || historique || (live?.exportMwh ?? 0) >= 7_000_000, name).toBe(true);
    await bench.recogniser.stop();
    expect([bench.isFree, bench.recogniser.view]).toEqual([true, null]);
  });

  it("a pulse counter that was told its constant names it", async () => {
    const bench = new Bench(VIRTUAL_METERS.find(({ name }) => name === "s0")?.play(PROFILE) ?? null);
    await bench.recogniser.start({ ...ASK, only: ["s0"] });
    await bench.settled(30_000);
    expect(bench.recogniser.view?.found).toMatchObject({ protocol: "s0", impPerKwh: 10_000, refusal: null });
    await bench.recogniser.stop();
  });
});

describe("what is not a meter is named too", () => {
  it("silence: only what has to be asked, and pulses, are tried after the first setting", async () => {
    const bench = new Bench(null);
    await bench.recogniser.start(ASK);
    const ms = await bench.settled(200_000);
    const { state, found, probes } = bench.recogniser.view ?? {};
    expect([state, found?.kind]).toEqual(["done", "nothing"]);
    expect(probes?.filter((probe) => probe.state !== "skipped").map(({ line }) => line.baudRate)).toEqual([
      115_200, 300, 300,
    ]);
    expect(ms).toBeLessThan(60_000);
    expect(bench.isFree).toBe(true);
  });

  it("bytes that no protocol makes anything of are wrong settings at every one", async () => {
    const noise: VirtualMeter = {
      line: { ...line8n1(4_800), parity: "odd" },
      next: (after) => ({ at: millis(after + 100), kind: "bytes", bytes: Uint8Array.from([1, 200, 77, 31, 190, 6]) }),
    };
    const bench = new Bench(noise);
    await bench.recogniser.start(ASK);
    await bench.settled(300_000);
    const { state, found, probes } = bench.recogniser.view ?? {};
    expect(state).toBe("done");
    expect(["wrong-settings", "almost"] satisfies HeardKind[]).toContain(found?.kind);
    expect(probes?.some((probe) => probe.state === "skipped")).toBe(false);
    expect(bench.isFree).toBe(true);
  });

  it("a port that is not there, and one that another program has, say what to do", async () => {
    const gone = new Bench(null);
    gone.serial.pull(gone.port);
    await gone.recogniser.start(ASK);
    await gone.settled(30_000);
    expect(gone.recogniser.view).toMatchObject({ state: "done", trouble: "port-missing", found: null });
    const busy = new Bench(null);
    busy.port.refuseOpen = "NetworkError";
    await busy.recogniser.start(ASK);
    await busy.settled(30_000);
    expect(busy.recogniser.view).toMatchObject({ state: "done", trouble: "port-busy", found: null });
  });

  it("a browser without serial ports", async () => {
    const bench = new Bench(null);
    vi.stubGlobal("navigator", {});
    await bench.recogniser.start(ASK);
    await bench.settled(1_000);
    expect(bench.recogniser.view).toMatchObject({ state: "done", trouble: "no-web-serial" });
  });
});

describe("the port is never left locked", () => {
  it("cancelled at any moment, it is free at once and can be listened to again", async () => {
    const bench = new Bench(VIRTUAL_METERS.find(({ name }) => name === "tic")?.play(PROFILE) ?? null);
    for (const ms of [0, 50, 900, 13_000, 26_000, 40_000]) {
      await bench.recogniser.start(ASK);
      await bench.pass(ms);
      await bench.recogniser.stop();
      expect(bench.isFree, `after ${ms} ms`).toBe(true);
    }
    await bench.recogniser.start(ASK);
    await bench.settled(120_000);
    expect(bench.recogniser.view?.found?.protocol).toBe("tic");
    await bench.recogniser.stop();
  });

  it("beginning anew closes what was listened to before", async () => {
    const bench = new Bench(VIRTUAL_METERS.find(({ name }) => name === "p1")?.play(PROFILE) ?? null);
    await bench.recogniser.start(ASK);
    await bench.settled(30_000);
    await bench.recogniser.start({
      ...ASK,
      as: { protocol: "p1", pulseInput: "rx", baudRate: 115_200, dataBits: 8, parity: "none" },
    });
    await bench.pass(3_000);
    expect(bench.recogniser.view).toMatchObject({ state: "live", trouble: null, found: { protocol: "p1" } });
    expect(bench.recogniser.view?.live?.telegrams).toBeGreaterThan(1);
    await bench.recogniser.stop();
    expect(bench.isFree).toBe(true);
  });

  it("a tab that is closed while it looks does not keep the port for ever", async () => {
    const bench = new Bench(VIRTUAL_METERS.find(({ name }) => name === "p1")?.play(PROFILE) ?? null);
    await bench.recogniser.start({ ...ASK, only: ["p1"] });
    await bench.settled(30_000);
    await bench.pass(16 * 60_000);
    expect([bench.recogniser.view?.state, bench.isFree]).toEqual(["done", true]);
  });
});
