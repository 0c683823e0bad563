/** The memory store: the acceptance suite, and the faults that tests order. */
import { describe, expect, it } from "vitest";
import { createMemoryDisk, openMemory } from "../../worker/storage/memory.ts";
import { StoreError, type StoreErrorCode } from "../../worker/storage/store.ts";
import { describeStore } from "../contracts/store.ts";

const codeOf = (cause: unknown): StoreErrorCode | undefined => (cause instanceof StoreError ? cause.code : undefined);

describeStore("memory", async () => {
  const disk = createMemoryDisk();
  return {
    open: () => openMemory({ disk }),
    fill: async () => {
      const store = await openMemory({ disk });
      disk.quotaBytes = (await store.usage()).usedBytes + 200_000;
      return { restore: async () => void (disk.quotaBytes = Number.MAX_SAFE_INTEGER) };
    },
    deny: async () => disk.failNext("denied"),
  };
});

describe("a memory disk fails when it is told to", () => {
  it("fails the next commits with the code and writes nothing, then works again", async () => {
    const disk = createMemoryDisk();
    const store = await openMemory({ disk });
    const op = { table: "own", key: "k", value: Uint8Array.of(1) } as const;
    disk.failNext("full", 2);
    disk.failNext("failed");
    expect(await store.commit([op]).catch(codeOf)).toBe("full");
    expect(await store.commit([op]).catch(codeOf)).toBe("full");
    expect(await store.get("own", "k").catch(codeOf)).toBe("failed");
    expect(await store.get("own", "k")).toBeUndefined();
    await store.commit([op]);
    expect(await store.get("own", "k")).toEqual(Uint8Array.of(1));
  });

  it("keeps what was committed when every handle is gone: a restart is opening the disk again", async () => {
    const disk = createMemoryDisk();
    await (await openMemory({ disk })).commit([{ table: "own", key: "k", value: Uint8Array.of(1) }]);
    expect(await (await openMemory({ disk })).get("own", "k")).toEqual(Uint8Array.of(1));
    expect(await (await openMemory()).get("own", "k")).toBeUndefined();
  });
});
