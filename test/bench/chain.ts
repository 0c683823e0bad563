/**
 * What a long chain costs: making it, keeping a block against writing the same bytes plainly, opening a node on it, and
 * beginning with a snapshot of it. In one process on virtual time, so seconds are those of computing, of server and
 * beginner together.
 */
import { decodeBlock, encodeBlock } from "../../worker/consensus/block.ts";
import { blockKey, readBlockRow } from "../../worker/node/disk.ts";
import { packBlock } from "../../worker/node/packed-block.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import type { Op, Store } from "../../worker/storage/store.ts";
import { settled, SMALL, writtenChain } from "../lab/synthetic.ts";
import type { Bench, Figure } from "./base.ts";

const MEMBERS = 50;
const STEPS = 600;
const seconds = (from: number): number => (performance.now() - from) / 1_000;

const written = () =>
  writtenChain({ ...SMALL, seed: "bench", members: MEMBERS, founders: MEMBERS, roofs: 10, steps: STEPS });
type Written = ReturnType<typeof written>;

/** A block a commit, as a node writes them: packed, and the bytes as they were sent. */
const storing = async ({ nodes }: Written, open: () => Promise<Store>): Promise<Figure[]> => {
  const blocks = nodes.map((n) => n.block);
  const sent = blocks.map(encodeBlock);
  const write = async (valueOf: (i: number) => Uint8Array): Promise<{ store: Store; took: number }> => {
    const store = await open();
    const from = performance.now();
    for (const [i, { hash, header }] of nodes.entries()) {
      const op: Op = { table: "chain", key: blockKey(header.height, hash), value: valueOf(i) };
      await store.commit([op]);
    }
    return { store, took: seconds(from) };
  };
  const plain = await write((i) => sent[i] ?? new Uint8Array());
  const packed = await write((i) => packBlock(blocks[i] as (typeof blocks)[number]));
  const read = async (store: Store, use: (raw: Uint8Array) => void): Promise<number> => {
    const from = performance.now();
    for (const { hash, header } of nodes)
      use((await store.get("chain", blockKey(header.height, hash))) ?? new Uint8Array());
    return seconds(from);
  };
  const plainRead = await read(plain.store, (raw) => void decodeBlock(raw));
  const packedRead = await read(packed.store, (raw) => void readBlockRow(raw));
  const perBlock = (took: number): number => (took * 1_000) / nodes.length;
  return [
    { name: "write, as sent", value: perBlock(plain.took), unit: "ms a block" },
    { name: "write, packed", value: perBlock(packed.took), unit: "ms a block" },
    { name: "read and decode, as sent", value: perBlock(plainRead), unit: "ms a block" },
    { name: "read and unpack", value: perBlock(packedRead), unit: "ms a block" },
    { name: "size, as sent", value: sent.reduce((n, b) => n + b.length, 0) / nodes.length, unit: "B a block" },
    {
      name: "size, packed",
      value: blocks.reduce((n, b) => n + packBlock(b).length, 0) / nodes.length,
      unit: "B a block",
    },
  ];
};

const beginning = async (made: Written): Promise<Figure[]> => {
  const { lab, time } = await settled(made, { holders: 3 });
  const from = performance.now();
  await lab.start(3);
  const { height } = made.chain.head.header;
  while (lab.node(3).core.chain.head.header.height < height) await time.runUntil(time.now + 100);
  const head = seconds(from);
  lab.check();
  return [{ name: "from nothing to the head", value: head, unit: "s" }];
};

/** `where` names the disk that `open` opens, an empty one each time. */
export const chainBench = (where: string, open: () => Promise<Store> = () => openMemory()): Bench => ({
  name: `a chain of ${MEMBERS} members, ${where}`,
  run: async () => {
    const from = performance.now();
    const made = written();
    const took = seconds(from);
    return [
      { name: "making it", value: (took * 1_000) / made.nodes.length, unit: "ms a block" },
      ...(await storing(made, open)),
      ...(await beginning(made)),
    ];
  },
});
