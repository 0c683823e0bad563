/** Which meter answers (§IV.B.1): another one than the paired is not counted until its owner says that it was exchanged. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { meterSalt } from "../../worker/base/keys.ts";
import { toHex } from "../../worker/base/bytes.ts";
import { VirtualPort, VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import { encodeP1 } from "../../worker/metering/virtual/p1.ts";
import type { MeterSettings } from "../../worker/port-meter.ts";
import { createMemoryDisk } from "../../worker/storage/memory.ts";
import { found, METER, Street, type House } from "./street.ts";

const WH = 1_000;
const PORT = { usbVendorId: 1, usbProductId: 1 };
const ROOF: MeterSettings = { ...METER, port: PORT };
const HOUSE: MeterSettings = { ...ROOF, role: "consumption", iMinMa: 0, pMaxW: 0 };

/** A founder with one meter, whose cable can be put into any other. */
class Cable {
  readonly street = new Street();
  readonly disk = createMemoryDisk();
  #port = new VirtualPort(PORT);
  house!: House;
  id = "";
  async begin(settings: MeterSettings): Promise<void> {
    this.#plug();
    this.house = await this.street.open(this.disk);
    await found(this.house, "Rue du Soleil", "Ana");
    await this.street.until(2, 3_000);
    this.id = (await this.house.get("pair-meter", settings)).id;
    await this.street.until(5, 3_000);
  }
  #plug(): void {
    const serial = new VirtualSerial();
    this.#port = new VirtualPort(PORT);
    serial.plug(this.#port);
    vi.stubGlobal("navigator", { serial });
  }
  async restart(): Promise<void> {
    await this.house.device.close();
    this.#plug();
    this.house = await this.street.open(this.disk);
    await this.street.pass(500);
  }
  /** A second apart, 1 Wh more each time, from the register `fromWh`. */
  async says(serial: string, fromWh: number, seconds: number): Promise<void> {
    for (let s = 0; s < seconds; s++) {
      const registers = { exportMwh: (fromWh + s) * WH, importMwh: (fromWh + s) * WH };
      const powers = { powerExportW: 3_600, powerImportW: 0 };
      this.#port.send(encodeP1({ style: "be", at: this.street.time.now, serial, ...registers, ...powers }));
      await this.street.pass(1_000);
    }
  }
  get meter(): unknown {
    return this.house.view.meters[0];
  }
  /** The cryptometer's own register and what it believes of the meter's. */
  get count(): { meterMwh: number; register: number } | null {
    const count = this.house.device.node?.core.desk.meters.get(this.id)?.cryptometer?.count;
    return count ? { meterMwh: count.meterMwh, register: count.register } : null;
  }
}

describe("another meter on the cable", () => {
  let cable: Cable;
  beforeEach(() => {
    cable = new Cable();
  });
  afterEach(async () => {
    await cable.house.device.close();
    vi.unstubAllGlobals();
  });

  it("is not counted although its register is only slightly higher, and its owner is told", async () => {
    await cable.begin(ROOF);
    await cable.says("A", 5_000, 10);
    expect(cable.count).toEqual({ meterMwh: 5_009 * WH, register: 9 * WH });
    await cable.says("B", 5_012, 5);
    expect(cable.count).toEqual({ meterMwh: 5_009 * WH, register: 9 * WH });
    expect(cable.meter).toMatchObject({ state: "other-meter", registerMwh: null, liveW: null });
    expect(cable.house.view.problem).toMatchObject({ code: "meter-other", severity: "trouble" });
  });

  it("is still another one after a restart: the identity is on disk", async () => {
    await cable.begin(ROOF);
    await cable.says("A", 5_000, 10);
    await cable.restart();
    await cable.says("B", 5_012, 3);
    expect(cable.meter).toMatchObject({ state: "other-meter" });
    expect(cable.count?.meterMwh).toBe(5_009 * WH);
  });

  it("needs no confirmation once the own one is back, which goes on with all that it counted meanwhile", async () => {
    await cable.begin(ROOF);
    await cable.says("A", 5_000, 10);
    await cable.says("B", 700, 3);
    expect(cable.meter).toMatchObject({ state: "other-meter" });
    await cable.says("A", 5_013, 3);
    expect(cable.meter).toMatchObject({ state: "counting" });
    expect(cable.count).toEqual({ meterMwh: 5_015 * WH, register: 15 * WH });
    expect(await cable.house.code("confirm-meter", { id: cable.id })).toBe("meter-not-stopped");
  });

  it("is counted from its own register once it is confirmed, and nothing between is claimed", async () => {
    await cable.begin(ROOF);
    await cable.says("A", 5_000, 10);
    await cable.says("B", 5_012, 5);
    await cable.house.get("confirm-meter", { id: cable.id });
    expect(cable.count).toEqual({ meterMwh: 5_016 * WH, register: 9 * WH });
    await cable.says("B", 5_017, 3);
    expect(cable.meter).toMatchObject({ state: "counting", registerMwh: 5_019 * WH });
    expect(cable.count).toEqual({ meterMwh: 5_019 * WH, register: 12 * WH });
    await cable.restart();
    await cable.says("B", 5_020, 2);
    expect(cable.count).toEqual({ meterMwh: 5_021 * WH, register: 14 * WH });
    await cable.says("A", 5_030, 2);
    expect(cable.meter).toMatchObject({ state: "other-meter" });
  });

  it("is taken when nothing is known of the one before, as on the disk of an earlier version", async () => {
    await cable.begin(ROOF);
    await cable.says("A", 5_000, 10);
    await cable.house.device.store.commit([{ table: "own", key: `meter-identity/${cable.id}`, value: null }]);
    await cable.restart();
    await cable.says("B", 5_012, 3);
    expect(cable.meter).toMatchObject({ state: "counting" });
    await cable.says("A", 5_020, 3);
    expect(cable.meter).toMatchObject({ state: "other-meter" });
  });

  it("is told apart for a household's own use too, and kept in `home` until the meter is forgotten", async () => {
    await cable.begin(HOUSE);
    await cable.says("A", 5_000, 25);
    const use = (): number => {
      const to = cable.house.device.household?.countedTo ?? 0;
      return Array.from({ length: 12 }, (_, i) => cable.house.device.household?.use(to - i)?.mwh ?? 0).reduce(
        (sum, mwh) => sum + mwh,
      );
    };
    const before = use();
    await cable.says("B", 6_000, 15);
    expect(cable.meter).toMatchObject({ state: "other-meter" });
    expect(use()).toBe(before);
    await cable.house.get("confirm-meter", { id: cable.id });
    await cable.says("B", 6_015, 25);
    expect(cable.meter).toMatchObject({ state: "counting", registerMwh: 6_039 * WH });
    // 25 Wh of each at most: the thousand between their registers are nobody's.
    expect(use()).toBeGreaterThan(before);
    expect(use()).toBeLessThanOrEqual(50 * WH);
    const { store } = cable.house.device;
    const rows = async (): Promise<string[]> =>
      [...(await store.entries("home")), ...(await store.entries("own"))].map(([key]) => key.split("/")[0] ?? "");
    expect(await rows()).toContain("meter-identity");
    await cable.house.get("forget-meter", { id: cable.id });
    expect(await rows()).not.toContain("meter-identity");
  });

  it("is known by a hash under a salt of this device: neither the serial number nor the salt is on disk", async () => {
    await cable.begin(ROOF);
    await cable.says("SERIAL7788", 5_000, 2);
    const { device } = cable.house;
    const row = await device.store.get("own", `meter-identity/${cable.id}`);
    const salt = toHex(meterSalt(device.keys?.seed ?? new Uint8Array()));
    const text = new TextDecoder().decode(row);
    expect(text).toMatch(/[0-9a-f]{64}$/);
    expect(text).not.toContain("SERIAL7788");
    expect(text).not.toContain(salt);
  });
});
