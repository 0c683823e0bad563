/** What was counted is on disk when the page goes: an update, or a page that is closed while hidden, loses no pulse. */
import { afterEach, expect, test, vi } from "vitest";
import { VirtualPort, VirtualSerial } from "../../worker/metering/sources/virtual-port.ts";
import type { MeterSettings } from "../../worker/port-meter.ts";
import { createMemoryDisk } from "../../worker/storage/memory.ts";
import { found, METER, Street, type House } from "./street.ts";

const PULSES: MeterSettings = { ...METER, protocol: "pulse", baudRate: 300, impPerKwh: 1_000 };
const WH = 1_000;

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A pulse each 700 ms: several between two writes of the journal. */
const pulse = async (street: Street, port: VirtualPort, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    await street.pass(700);
    port.send(Uint8Array.of(0));
  }
  await street.pass(100);
};

const countOf = (house: House): number | undefined =>
  [...(house.device.node?.core.desk.meters.values() ?? [])][0]?.cryptometer?.count?.register;

const paired = async (role: "generation" | "consumption") => {
  const serial = new VirtualSerial();
  const port = new VirtualPort();
  serial.plug(port);
  vi.stubGlobal("navigator", { serial });
  const street = new Street();
  const disk = createMemoryDisk();
  const house = await street.open(disk);
  await found(house, "Rue du Soleil", "Ana");
  await street.until(2, 3_000);
  await house.get("pair-meter", { ...PULSES, role });
  await street.until(6, 3_000);
  // The first one begins the count.
  await pulse(street, port, 1);
  return { street, port, disk, house };
};

test("a generation meter's pulses since the journal was last written survive the end of reading", async () => {
  const { street, port, disk, house } = await paired("generation");
  await pulse(street, port, 4);
  expect(countOf(house)).toBe(4 * WH);
  await house.get("rest", {});
  port.send(Uint8Array.of(0));
  await street.pass(1_000);
  expect(countOf(house)).toBe(4 * WH);
  const again = await street.open(disk);
  await street.pass(1_000);
  expect(countOf(again)).toBe(4 * WH);
});

test("so they do when the page is hidden and then closed without a word", async () => {
  const { street, port, disk, house } = await paired("generation");
  await pulse(street, port, 3);
  house.device.presence(false, true);
  await street.pass(100);
  const again = await street.open(disk);
  expect(countOf(again)).toBe(3 * WH);
});

test("a consumption meter's too", async () => {
  const { street, port, disk, house } = await paired("consumption");
  await pulse(street, port, 4);
  const total = house.view.meters[0]?.registerMwh;
  await house.get("rest", {});
  const again = await street.open(disk);
  await street.pass(1_000);
  expect(again.device.household?.counterOf([...again.view.meters][0]?.id ?? "")?.total).toBe((total ?? 0) / WH);
});

test.each(["generation", "consumption"] as const)("a %s meter's survive a node that begins anew", async (role) => {
  const { street, port, house } = await paired(role);
  await pulse(street, port, 4);
  const total = house.view.meters[0]?.registerMwh;
  await house.device.reopen([]);
  await street.pass(1_000);
  const [id = ""] = house.view.meters.map((meter) => meter.id);
  if (role === "generation") expect(countOf(house)).toBe(4 * WH);
  else expect(house.device.household?.counterOf(id)?.total).toBe((total ?? 0) / WH);
  await pulse(street, port, 2);
  expect(house.view.meters[0]?.registerMwh).toBe((total ?? 0) + 2 * WH);
});
