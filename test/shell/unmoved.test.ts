/**
 * Reads of the book while the chain goes on: what a block that becomes final takes from the state to the disk is in each sum
 * once, and what an undone block brings back is not in it twice (PROTOCOL.md §8.5).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOf } from "../../worker/community/market-step.ts";
import type { BookRow } from "../../worker/ledger/rows.ts";
import type { Core } from "../../worker/node/core.ts";
import type { LabCommunity } from "../../worker/lab/community.ts";
import type { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { Books } from "../../worker/shell/books.ts";
import type { Device } from "../../worker/shell/device.ts";
import { myEnergy, myEnergyFile, myRegisters } from "../../worker/shell/my-energy.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Store } from "../../worker/storage/store.ts";
import { settled, SMALL, writtenChain } from "../lab/synthetic.ts";

/** A row of the book stays in the state for a week: that of the first day's noon leaves it with the head. */
const written = writtenChain({ ...SMALL, changes: 0, members: 3, founders: 3, auctionEvery: 90, steps: 672 + 50 });
const { contract } = written.chain.signed;
let lab: LabCommunity;
let time: VirtualTime;
let store: Store;

beforeAll(async () => {
  ({ lab, time } = await settled(written, { holders: 3 }));
  store = await openMemory({ disk: lab.inhabitant(0).disk });
}, 60_000);
afterAll(async () => {
  for (const i of [0, 1, 2]) await lab.stop(i);
});

const booked = async (): Promise<number> => (await store.keys("chain", { from: "book/", to: "book0" })).length;

describe("the sums of the day", () => {
  const generated = (rows: Iterable<BookRow>): number =>
    [...rows].flatMap((row) => row.generated).reduce((sum, { mwh }) => sum + mwh, 0);
  const shown = (books: Books, core: Core): number =>
    books.early(core, contract.t0).generated + generated(core.chain.state.scan("book").map(([, row]) => row));
  const inAll = async (books: Books, core: Core): Promise<number> =>
    generated((await books.between(core, 1, core.chain.head.header.step)).values());

  it("are those of the chain, also when a block is undone that had moved rows out of the state", async () => {
    const { core } = lab.node(0);
    const books = new Books(store);
    await books.look(core, contract.t0);
    expect(shown(books, core)).toBe(await inAll(books, core));
    const { tree, head, state, final } = core.chain;
    const moved = head.delta.filter(({ path, after }) => path.startsWith("book/") && after === null);
    expect(moved.length).toBeGreaterThan(0);
    const parent = tree.parentOf(head);
    if (parent === undefined) throw new Error("a head has a parent");
    const view = tree.viewAt(state, head, parent);
    // As it is when the block before the head is the head again.
    const before = new Map(head.delta.map(({ path, before: row }) => [path, row?.value]));
    const rows = state.scan("book").filter(([k]) => !before.has(`book/${k}`));
    const back = [...before].flatMap(([path, row]) =>
      path.startsWith("book/") && row !== undefined ? [[path.slice("book/".length), row as BookRow] as const] : [],
    );
    const scan = (table: string) => (table === "book" ? [...back, ...rows] : state.scan(table as never));
    const paths = (prefix: string) => view.paths(prefix);
    const undone = {
      contract: core.contract,
      keys: core.keys,
      chain: { tree, final, head: parent, state: { scan, paths, get: (t: never, k: string) => view.get(t, k) } },
    } as unknown as Core;
    expect(shown(books, undone)).toBe(await inAll(books, undone));
    await books.look(undone, contract.t0);
    expect(shown(books, undone)).toBe(await inAll(books, undone));
    expect(shown(books, core)).toBe(await inAll(books, core));
  });
});

describe("a member's energy, read while blocks become final", () => {
  /** The chain goes on by some steps once, right after the disk was read. */
  const device = (isBusy: boolean): Device => {
    let left = isBusy ? 1 : 0;
    const entries: Store["entries"] = async (...ask) => {
      const found = await store.entries(...ask);
      if (left-- > 0) await time.runUntil(time.now + 4 * contract.stepMs);
      return found;
    };
    const { node } = lab.inhabitant(0);
    const o = { clock: time.clock };
    return { light: null, node, household: null, identity: null, store: { ...store, entries }, o } as unknown as Device;
  };
  const [from, to] = [startOf(contract, 1), startOf(contract, 320)];
  const ask = { from, to, zone: "UTC", page: null, by: "month" } as const;
  const reads: readonly (readonly [string, (device: Device) => Promise<unknown>])[] = [
    [
      "sums",
      async (of) =>
        ((found) => found.ok && found.value.bars.map((b) => [b.generatedMwh, b.mineMwh]))(await myEnergy(of, ask)),
    ],
    [
      "a file",
      async (of) =>
        ((found) => found.ok && found.value.csv.replaceAll(/provisional|closed/g, ""))(
          await myEnergyFile(of, { ...ask, to: startOf(contract, 2_000) }),
        ),
    ],
    ["registers", (of) => myRegisters(of, { at: [from, startOf(contract, 100)] })],
  ];
  it.each(reads)("%s: nothing is taken from both sides", async (_, read) => {
    const before = await booked();
    const { final } = lab.node(0).core.chain;
    const amid = await read(device(true));
    expect(lab.node(0).core.chain.final).not.toBe(final);
    expect(await booked()).toBeGreaterThan(before);
    expect(amid).toEqual(await read(device(false)));
  });
});
