/**
 * A node that has another beginning on its disk wants to be opened again (PROTOCOL.md §8.3), whatever its device is amid:
 * nothing that is asked for while it opens is lost, or the node would stand still.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Machine } from "../../worker/node/machine.ts";
import { Notices } from "../../worker/shell/notices.ts";
import { openMemory, type MemoryDisk } from "../../worker/storage/memory.ts";
import { WatchedStreet } from "./watched.ts";

let street: WatchedStreet;
beforeEach(async () => {
  street = await WatchedStreet.of(3);
}, 60_000);
afterEach(() => void vi.restoreAllMocks());

/** The next node that is opened stops at its first event, as one does that has just written another beginning. */
const restartNext = (): void => {
  const step = Machine.prototype.step;
  const spy = vi.spyOn(Machine.prototype, "step");
  const known = new Set([0, 1, 2].map((i) => street.houses[i]?.device.node?.runner.machine));
  let done = false;
  spy.mockImplementation(function (this: Machine, event) {
    if (done || known.has(this)) return step.call(this, event);
    done = true;
    return [{ kind: "restart" }];
  });
};
const goesOn = async (i: number): Promise<void> => {
  const { height } = street.core(0).chain.head.header;
  await street.settle(street.core(0).chain.head.header.step + 4);
  expect(street.core(0).chain.head.header.height).toBeGreaterThan(height);
  expect(street.core(i).chain.head.hash).toBe(street.core(0).chain.head.hash);
  expect(street.house(i).view.phase).toBe("member");
  expect(street.faults).toEqual([]);
};

describe("a node that wants to be opened again", () => {
  it("is, where its device is just being started", async () => {
    await street.leave(1);
    restartNext();
    await street.move(1, street.disks[1]);
    await goesOn(1);
  });

  it("is, where its device is just being opened anew", async () => {
    restartNext();
    await street.house(1).device.reopen([]);
    await goesOn(1);
  });
});

describe("a device that is asked to open anew while it does", () => {
  it("writes what comes with each, in turn, and has one node in the end", async () => {
    const { device } = street.house(1);
    const opened = vi.spyOn(Notices.prototype, "load");
    const row = (key: string) => ({ table: "settings", key, value: Uint8Array.of(1) }) as const;
    await Promise.all(["one", "two"].map((name) => device.reopen([row(`test/${name}`)])));
    expect(opened).toHaveBeenCalledTimes(2);
    const store = await openMemory({ disk: street.disks[1] as MemoryDisk });
    for (const name of ["one", "two"]) expect(await store.get("settings", `test/${name}`)).toBeDefined();
    await goesOn(1);
  });
});
