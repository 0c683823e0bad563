/** Steps that close: no V without its transfer, everything distributed while the step is open, and nothing after it. */
import { beforeEach, describe, expect, it } from "vitest";
import { memberIndex } from "../../worker/base/units.ts";
import type { Tx } from "../../worker/ledger/transaction.ts";
import { ChainMaker } from "../consensus/chain-maker.ts";
import { rowOf } from "./decisions.ts";
import { codeOf, worldOf } from "./worlds.ts";

const WINDOW = 192;
let chain: ChainMaker;
beforeEach(() => {
  chain = new ChainMaker(worldOf({ members: 3, owners: [0], change: { lateWindow: WINDOW } }));
});
const meters = (): number[] => [0, 1, 2].map((m) => rowOf(chain, m).meter);
/** Booked to `step` in the block of `block`, not distributed. */
const leave = (step: number, block: number): Tx => {
  const [generation, transfer] = chain.supply(0, step, 900_000);
  chain.grow(block, [generation, transfer]);
  return transfer;
};

describe("a generation and its transfer travel together", () => {
  it("so a V that its cryptometer keeps is in no block, and none can be passed on years later", () => {
    const [generation, transfer] = chain.supply(0, 1, 900_000);
    expect(codeOf(chain.try(1, [generation]))).toBe("energy-kept");
    chain.grow(1, [generation, transfer]);
    expect(codeOf(chain.try(2, [transfer]))).toBe("input-unknown");
  });

  it("so a thousand V of 1 mWh stay in the state no longer than their step is open", () => {
    const pairs = Array.from({ length: 1_000 }, (_, n) => chain.supply(0, 1, 1, n));
    const [generations, transfers] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])];
    expect(codeOf(chain.try(1, [...generations, ...transfers.slice(1)]))).toBe("energy-kept");
    chain.grow(1, [...generations, ...transfers]);
    expect(codeOf(chain.try(1 + WINDOW))).toBe("step-left-open");
    chain.grow(1 + WINDOW, [chain.distribution(1, transfers, 1_000)]);
    expect(chain.state.scan("energy")).toEqual([]);
  });
});

describe("a closed step stays closed", () => {
  it("the first block at or after its late window's end leaves nothing of it undistributed, be it of that very block", () => {
    const kept = leave(1, 1);
    chain.grow(WINDOW);
    expect(codeOf(chain.try(WINDOW + 1))).toBe("step-left-open");
    const late = chain.supply(0, 1, 90_000);
    expect(codeOf(chain.try(WINDOW + 1, [...late, chain.distribution(1, [kept], 900_000)]))).toBe("step-left-open");
    chain.grow(WINDOW + 1, [...late, chain.distribution(1, [kept, late[1]], 990_000)]);
    expect(meters()).toEqual([330_000, 330_000, 330_000]);
    expect(codeOf(chain.try(WINDOW + 2, chain.supply(0, 1, 10)))).toBe("generation-late");
  });

  it("also where no block was made for long", () => {
    const kept = leave(1, 1);
    expect(codeOf(chain.try(600))).toBe("step-left-open");
    chain.grow(600, [chain.distribution(1, [kept], 900_000)]);
    expect(meters()).toEqual([300_000, 300_000, 300_000]);
    expect(chain.state.scan("energy")).toEqual([]);
  });

  it("without waiting for a holder of a VPP key: what is older than an eighth of the window any member distributes", () => {
    const { members } = chain.world.contract;
    chain = new ChainMaker(
      worldOf({ members: 3, owners: [0], change: { members: members.map((m, i) => ({ ...m, vpp: i === 0 })) } }),
    );
    const kept = leave(1, 1);
    const by = (signer: number): Tx => ({ ...chain.distribution(1, [kept], 900_000), signer: memberIndex(signer) });
    expect(chain.try(24, [by(0)]).ok).toBe(true);
    expect(codeOf(chain.try(24, [by(2)]))).toBe("not-vpp");
    expect(codeOf(chain.try(25, [by(3)]))).toBe("not-vpp");
    expect(chain.try(25, [by(2)]).ok).toBe(true);
  });
});
