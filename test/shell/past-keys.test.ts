/** The key of then of a cryptometer that was exchanged since (§II.C), on the ledger's own blocks: each decided, in force, changed again. */
import { beforeAll, describe, expect, it } from "vitest";
import { publicKeyOf } from "../../worker/base/ed25519.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import type { GeneratorIndex, PublicKey } from "../../worker/base/units.ts";
import type { Action } from "../../worker/ledger/transaction.ts";
import { encodeDelta } from "../../worker/ledger/state.ts";
import type { Core } from "../../worker/node/core.ts";
import { deltaKey } from "../../worker/node/disk.ts";
import type { Decision } from "../../worker/shell/decisions.ts";
import { keyAt, type KeyThen } from "../../worker/shell/past-keys.ts";
import { ChainMaker } from "../consensus/chain-maker.ts";
import { adopt, rotate } from "../ledger/decisions.ts";
import { keysOf, worldOf } from "../ledger/worlds.ts";

const ROOF = { role: "generator", index: 0 } as const;
const OTHER = { role: "generator", index: 1 } as const;
const [second, third] = [7, 8].map((n) => publicKeyOf(cryptometerSecret(keysOf(n).seed, 0))) as [PublicKey, PublicKey];
const exchange = (key: PublicKey): Action => ({
  kind: "meter",
  generator: 0 as GeneratorIndex,
  key,
  endorsement: null,
});
const hashAt = (height: number): string => String(height).padStart(64, "0");

let chain: ChainMaker;
let first: PublicKey | undefined;
let decisions: Decision[];
beforeAll(() => {
  const world = worldOf({ members: 3, owners: [0, 1], weights: [1, 1, 1] });
  chain = new ChainMaker(world);
  first = world.contract.generators[0]?.key;
  // Adopted in steps 1 and 3, in force in 2 and 4.
  adopt(chain, 1, exchange(second));
  chain.grow(2);
  adopt(chain, 3, exchange(third));
  for (const step of [4, 5]) chain.grow(step);
  decisions = [
    { from: 2, action: exchange(second) },
    { from: 4, action: exchange(third) },
  ].map((row) => ({ outcome: "adopted", row }) as unknown as Decision);
});

/** Asks a device that has the chain from a height on, without what the blocks of some heights changed. */
const keyIn = (step: number, o: { first?: number; without?: readonly number[]; known?: Decision[] } = {}) => {
  const rows = new Map(chain.made.map(({ delta }, i) => [deltaKey(i + 1, hashAt(i + 1) as never), encodeDelta(delta)]));
  for (const height of o.without ?? []) rows.delete(deltaKey(height, hashAt(height) as never));
  const core = {
    signed: { contract: chain.world.contract },
    chain: { state: chain.state, head: { header: { step: 5 } }, tree: { get: () => undefined } },
    summaries: {
      first: o.first ?? 0,
      length: chain.made.length + 1,
      stepOf: (height: number) => height,
      get: (height: number) => ({ height, step: height, hash: hashAt(height) }),
    },
  } as unknown as Core;
  const store = { get: async (_: string, k: string) => rows.get(k) };
  return (who: typeof ROOF | typeof OTHER = ROOF): Promise<KeyThen> =>
    keyAt(core, store, o.known ?? decisions, who, step);
};

describe("the key of a cryptometer", () => {
  it("is the one of then, however often it was exchanged since", async () => {
    const found = await Promise.all([1, 2, 3, 4, 5].map(async (step) => (await keyIn(step)()).key));
    expect(new Set([first, second, third]).size).toBe(3);
    expect(found).toEqual([first, second, second, third, third]);
    expect((await keyIn(1)()).isSure).toBe(true);
  });
  it("is another roof's own all along", async () => {
    expect((await keyIn(1)(OTHER)).key).toBe(chain.world.contract.generators[1]?.key);
  });
  it("is what was adopted before, or the contract's, where the exchanging block's changes are gone, and is not sure", async () => {
    expect(await keyIn(3, { without: [4] })()).toEqual({ key: second, isSure: false });
    expect(await keyIn(1, { without: [2, 4] })()).toEqual({ key: first, isSure: false });
  });
  it("is not sure where one of two exchanges cannot be read: it may have been the first", async () => {
    expect((await keyIn(1, { without: [2] })()).isSure).toBe(false);
  });
  it("is not sure on a device that began later and may not know of an exchange", async () => {
    expect(await keyIn(3, { first: 3, known: [] })()).toEqual({ key: third, isSure: false });
    expect(await keyIn(3, { known: [] })()).toEqual({ key: third, isSure: true });
  });
  it("a member's exchange is none of a roof with the same number", async () => {
    const known = [{ outcome: "adopted", row: { from: 4, action: rotate(0, 7) } }] as unknown as Decision[];
    expect((await keyIn(3, { known })()).key).toBe(third);
  });
});
