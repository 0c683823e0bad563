/** What a device remembers between visits: that blocks it held were replaced, and whose request it was told to refuse. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Hash, PublicKey } from "../../worker/base/units.ts";
import type { Core } from "../../worker/node/core.ts";
import { Notices } from "../../worker/shell/notices.ts";
import { createMemoryDisk, openMemory, type MemoryDisk } from "../../worker/storage/memory.ts";
import type { Store } from "../../worker/storage/store.ts";

/** The main chain as a node lists it: one block a step, named by branch; final up to a height. */
const chain = (blocks: readonly string[], finalHeight = 0): Core => {
  const summaries = ["genesis", ...blocks].map((hash, height) => ({ hash: hash as Hash, height, step: height }));
  return {
    summaries: {
      slice: (from: number) => summaries.slice(from),
      heightOf: (hash: Hash) => summaries.find((s) => s.hash === hash)?.height,
    },
    chain: { final: { header: { height: finalHeight } } },
  } as unknown as Core;
};

let disk: MemoryDisk;
let store: Store;
let notices: Notices;
beforeEach(async () => {
  disk = createMemoryDisk();
  store = await openMemory({ disk });
  notices = new Notices(store);
});
const again = async (core: Core): Promise<Notices> => {
  const reopened = new Notices(await openMemory({ disk }));
  await reopened.load(core);
  return reopened;
};

describe("a device that was cut off", () => {
  it("is told when it is back how many blocks, and of which steps, were replaced", async () => {
    await notices.load(chain(["a1"]));
    await notices.look(chain(["a1", "a2", "a3", "a4"]), 40);
    await notices.look(chain(["a1", "b2", "b3", "b4", "b5"]), 50);
    expect(notices.healed).toEqual({ at: 50, blocks: 3, firstStep: 2, lastStep: 4 });
  });

  it("is told also when it comes back with a chain that its disk kept", async () => {
    await notices.load(chain(["a1", "a2", "a3"]));
    await notices.look(chain(["b1", "b2", "b3", "b4"]), 50);
    expect(notices.healed).toEqual({ at: 50, blocks: 3, firstStep: 1, lastStep: 3 });
  });

  it("is not told of the one newest block that a better one replaces: that is the take-over at work", async () => {
    await notices.load(chain(["a1", "a2"]));
    await notices.look(chain(["a1", "b2"]), 50);
    expect(notices.healed).toBeNull();
  });

  it("is not told of blocks that only became final", async () => {
    await notices.load(chain(["a1", "a2", "a3"]));
    await notices.look(chain(["a1", "a2", "a3", "a4"], 3), 50);
    await notices.look(chain(["a1", "a2", "a3", "a4", "a5"], 5), 60);
    expect(notices.healed).toBeNull();
  });

  it("is told of all that was replaced until it says that it has understood, and keeps that over a restart", async () => {
    await notices.load(chain(["a1", "a2"]));
    await notices.look(chain(["b1", "b2", "b3"]), 50);
    await notices.look(chain(["c1", "c2", "c3", "c4"]), 60);
    const told = { at: 60, blocks: 5, firstStep: 1, lastStep: 3 };
    expect(notices.healed).toEqual(told);
    expect((await again(chain(["c1"]))).healed).toEqual(told);
    await notices.dismiss();
    expect((await again(chain(["c1"]))).healed).toBeNull();
  });
});

describe("a request that was refused", () => {
  const lou = "ab".repeat(32) as PublicKey;
  it("stays refused on this device, also after a restart, until the device is cleared", async () => {
    expect(notices.isRefused(lou)).toBe(false);
    await notices.refuse(lou, true);
    expect(notices.isRefused(lou)).toBe(true);
    const reopened = await again(chain([]));
    expect([reopened.isRefused(lou), reopened.isRefused("cd".repeat(32) as PublicKey)]).toEqual([true, false]);
    reopened.forget();
    expect(reopened.isRefused(lou)).toBe(false);
  });
  it("comes back to the door when its member thinks better of it, and stays there after a restart", async () => {
    await notices.refuse(lou, true);
    await notices.refuse(lou, false);
    expect(notices.isRefused(lou)).toBe(false);
    expect((await again(chain([]))).isRefused(lou)).toBe(false);
  });
});
