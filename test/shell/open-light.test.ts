/** A light node put together from its disk: it looks for neighbours where they answered last, as a full one does. */
import { describe, expect, it } from "vitest";
import { bookOp } from "../../worker/shell/address-book.ts";
import { openLight, type LightOptions } from "../../worker/shell/open-light.ts";
import { createVerifier, engineOn, VerdictMemory } from "../../worker/shell/verifier.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { REAL, Trial } from "../lab/trial.ts";

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

describe("a light node's address book", () => {
  it("is read from the disk, so that who answered under a name of its own choice is called first", async () => {
    const trial = await Trial.begin({ members: 2, owners: [0] });
    const kept = "abcdefabcdefabcdefabcdefabcdefab-0";
    const store = await openMemory({});
    await store.commit([bookOp([{ address: kept, key: null, lastSuccess: 1, failures: 0 }])]);
    const dialled: string[] = [];
    const network = {
      start: (on: (event: unknown) => void) => queueMicrotask(() => on({ kind: "signalling", state: "open" })),
      dial: (address: string) => void dialled.push(address),
      send: () => {},
      disconnect: () => {},
      addresses: () => [],
      stop: () => {},
    };
    const opened = await openLight({
      store,
      keys: trial.lab.inhabitant(1).keys,
      signed: trial.signed,
      addresses: [],
      clock: {
        now: () => trial.time.now,
        at: (time: number, due: () => void) => {
          if (time <= trial.time.now) setImmediate(due);
          return () => {};
        },
      },
      verify: createVerifier(new VerdictMemory(), engineOn(REAL)),
      network: () => network,
      onChange: () => {},
      onStoreError: () => {},
      onRestart: () => {},
      onCrash: () => {},
    } as unknown as LightOptions);
    for (let i = 0; i < 20; i++) await turn();
    await opened.close();
    expect(dialled).toContain(kept);
  });
});
