/** Room on the device: said before it is gone. */
import { describe, expect, it } from "vitest";
import { isShort, roomIn, SHORT_BYTES } from "../../worker/shell/quota.ts";
import { createMemoryDisk, openMemory } from "../../worker/storage/memory.ts";
import { found, Street } from "./street.ts";

const usage = (usedBytes: number, quotaBytes: number) => ({ usedBytes, quotaBytes, persisted: null });

describe("room on a device", () => {
  it("is short below a bound, or below a tenth where the quota is small; an unknown quota is none", () => {
    expect(isShort(usage(10, 0))).toBe(false);
    expect(isShort(usage(10, Number.MAX_SAFE_INTEGER))).toBe(false);
    expect(isShort(usage(0, 1_000_000_000))).toBe(false);
    expect(isShort(usage(1_000_000_000 - SHORT_BYTES, 1_000_000_000))).toBe(false);
    expect(isShort(usage(1_000_000_001 - SHORT_BYTES, 1_000_000_000))).toBe(true);
    expect(isShort(usage(6_000_000, 8_000_000))).toBe(false);
    expect(isShort(usage(7_500_000, 8_000_000))).toBe(true);
    expect(roomIn(usage(9, 8))).toBe(0);
  });

  it("is told while every commit still succeeds, and what can be freed is freed once", async () => {
    const street = new Street();
    const disk = createMemoryDisk();
    const store = await openMemory({ disk });
    const house = await street.open(disk, store);
    await found(house, "Rue du Soleil", "Ana");
    let freed = 0;
    house.device.care.freeSpace = async () => (freed += 1);
    await store.commit([{ table: "fetched", key: "chunk", value: new Uint8Array(2_000_000) }]);
    const { usedBytes } = await store.usage();
    disk.quotaBytes = Math.round(usedBytes * 1.05);
    await street.pass(6_000);
    expect(house.view.problem).toMatchObject({ code: "storage-short", severity: "task" });
    expect(house.view.care.space).toMatchObject({ freeableBytes: 0 });
    expect(freed).toBe(1);
    await street.pass(6_000);
    expect(freed).toBe(1);
    disk.quotaBytes = 1_000_000_000;
    await street.pass(6_000);
    expect(house.view.problem).toBeNull();
  });
});
