/** What a household's meters counted, on its own disk: over restarts once, from a whole step on, and not of a forgotten meter. */
import { describe, expect, test } from "vitest";
import { millis, mwh } from "../../worker/base/units.ts";
import { Household } from "../../worker/shell/household.ts";
import { createMemoryDisk, openMemory } from "../../worker/storage/memory.ts";

const STEP = 900_000;
const MINUTE = 60_000;
/** 1 kW from the beginning: 250 Wh a step. */
const registerAt = (ms: number): number => 1_000_000 + Math.round(ms / 3.6);

const home = async () => {
  const disk = createMemoryDisk();
  const open = async (): Promise<Household> => {
    const store = await openMemory({ disk });
    const onStoreError = (error: Error): void => {
      throw error;
    };
    const household = new Household({ store, contract: { t0: millis(0), stepMs: STEP }, onStoreError });
    await household.load();
    return household;
  };
  const read = async (household: Household, meter: string, from: number, to: number): Promise<void> => {
    for (let ms = from; ms <= to; ms += 10_000) household.reading(meter, mwh(registerAt(ms)), millis(ms), null);
    await household.idle();
  };
  return { open, read };
};

describe("the household's own book (§IV.B.3)", () => {
  test("a restart in the middle of a step neither loses nor repeats energy", async () => {
    const { open, read } = await home();
    await read(await open(), "a", 0, 20 * MINUTE);
    const again = await open();
    await read(again, "a", 20 * MINUTE + 25_000, 46 * MINUTE);
    expect([1, 2, 3].map((step) => again.use(step)?.mwh)).toEqual([250_000, 250_000, 250_000]);
  });

  test("the step in which counting began is not whole, so it is estimated; the next one is not", async () => {
    const { open, read } = await home();
    const household = await open();
    await read(household, "a", 8 * MINUTE, 31 * MINUTE);
    expect(household.use(1)?.estimated).toBe(true);
    expect(household.use(2)).toEqual({ mwh: 250_000, estimated: false });
  });

  test("a roof's meter that never drew anything says nothing of the use; one that does is counted from where it stood", async () => {
    const { open } = await home();
    const household = await open();
    for (let at = 0; at <= 31 * MINUTE; at += 10_000) household.besides("roof", mwh(5_000), millis(at));
    expect(household.isKnown).toBe(false);
    household.besides("roof", mwh(7_000), millis(31 * MINUTE + 10_000));
    household.besides("roof", mwh(7_000), millis(46 * MINUTE));
    expect(household.isKnown).toBe(true);
    expect(household.use(2)).toBeNull();
    expect(household.use(3)?.mwh).toBe(2_000);
    await household.idle();
  });

  test("a reading that was on its way when its meter was forgotten does not bring it back", async () => {
    const { open, read } = await home();
    const household = await open();
    await read(household, "a", 0, 31 * MINUTE);
    await household.forget("a");
    await read(household, "a", 32 * MINUTE, 32 * MINUTE);
    await read(household, "b", 60 * MINUTE, 106 * MINUTE);
    expect(household.countedTo).toBe(7);
    expect(household.use(6)?.mwh).toBe(250_000);
    expect((await open()).countedTo).toBe(7);
  });
});
