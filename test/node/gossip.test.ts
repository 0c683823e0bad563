/** Inventory gossip (PROTOCOL.md §9): announced once, sent once to whoever wants it, bounded whatever comes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { MAX_BLOCK_BYTES } from "../../worker/consensus/block.ts";
import { MESSAGE_LIMIT } from "../../worker/network/network.ts";
import { Gossip } from "../../worker/node/gossip.ts";
import {
  encodeItem,
  encodeMessage,
  MAX_ANSWER_BYTES,
  MAX_IDS,
  MAX_ITEMS,
  type ItemId,
} from "../../worker/node/messages.ts";

const id = (n: number): ItemId =>
  toHex(new Uint8Array(16).fill(0)).slice(8).concat(n.toString(16).padStart(8, "0")) as ItemId;
const bytes = (n: number): Uint8Array => Uint8Array.of(n & 255, n >> 8);

describe("gossip", () => {
  it("announces an item once to each peer that does not have it", () => {
    const gossip = new Gossip();
    gossip.up(1);
    gossip.up(2);
    gossip.hold(id(1), bytes(1));
    gossip.knows(2, id(1));
    expect(gossip.flush()).toEqual([{ peer: 1, ids: [id(1)] }]);
    expect(gossip.hasNews).toBe(false);
    expect(gossip.flush()).toEqual([]);
  });

  it("tells a peer that comes later of what it holds, not of what was released", () => {
    const gossip = new Gossip();
    gossip.hold(id(1), bytes(1));
    gossip.hold(id(2), bytes(2));
    gossip.release(id(1));
    gossip.up(7);
    expect(gossip.flush()).toEqual([{ peer: 7, ids: [id(2)] }]);
    gossip.down(7);
    gossip.hold(id(3), bytes(3));
    expect(gossip.hasNews).toBe(false);
  });

  it("asks for an item once, and again of somebody else when it did not come", () => {
    const gossip = new Gossip();
    gossip.up(1);
    gossip.up(2);
    expect(gossip.heard(1, [id(1)], 1_000)).toEqual([id(1)]);
    expect(gossip.heard(2, [id(1)], 2_000)).toEqual([]);
    expect(gossip.heard(2, [id(1)], 4_000)).toEqual([id(1)]);
    gossip.hold(id(1), bytes(1));
    expect(gossip.heard(1, [id(1)], 90_000)).toEqual([]);
    expect(gossip.flush()).toEqual([]);
  });

  it("asks whoever else offered it when the first does not send it, each once", () => {
    const gossip = new Gossip();
    for (const peer of [1, 2, 3]) gossip.up(peer);
    expect(gossip.heard(1, [id(1)], 0)).toEqual([id(1)]);
    for (const peer of [2, 3]) expect(gossip.heard(peer, [id(1)], 100)).toEqual([]);
    expect([...gossip.overdue(2_000)]).toEqual([]);
    expect([...gossip.overdue(3_000)]).toEqual([[2, [id(1)]]]);
    expect([...gossip.overdue(3_100)]).toEqual([]);
    expect([...gossip.overdue(6_000)]).toEqual([[3, [id(1)]]]);
    expect([...gossip.overdue(9_000)]).toEqual([]);
  });

  it("never asks again for what was turned down", () => {
    const gossip = new Gossip();
    gossip.up(1);
    gossip.shun(id(5));
    expect(gossip.hasSeen(id(5))).toBe(true);
    expect(gossip.heard(1, [id(5)], 1)).toEqual([]);
    expect(gossip.answer(1, [id(5)])).toEqual([]);
  });

  it("reminds everyone of what is still held, also those who were told", () => {
    const gossip = new Gossip();
    gossip.up(1);
    gossip.hold(id(1), bytes(1));
    gossip.flush();
    gossip.remind([id(1), id(2)]);
    expect(gossip.flush()).toEqual([{ peer: 1, ids: [id(1)] }]);
  });

  it("answers within one message: so many items, so many bytes", () => {
    const gossip = new Gossip();
    const ids = Array.from({ length: MAX_ITEMS + 5 }, (_, n) => id(n));
    for (const i of ids) gossip.hold(i, bytes(1));
    expect(gossip.answer(1, ids)).toHaveLength(MAX_ITEMS);
    const big = new Uint8Array(MAX_ANSWER_BYTES / 2);
    for (const n of [900, 901, 902]) gossip.hold(id(n), big);
    expect(gossip.answer(1, [id(900), id(901), id(902)])).toHaveLength(2);
  });

  it("announces at most one message at a time and loses none", () => {
    const gossip = new Gossip();
    gossip.up(1);
    for (let n = 0; n < MAX_IDS + 10; n++) gossip.hold(id(n), bytes(n));
    const [first] = gossip.flush();
    expect(first?.ids).toHaveLength(MAX_IDS);
    expect(gossip.hasNews).toBe(true);
    expect(gossip.flush()[0]?.ids).toHaveLength(10);
  });

  it("is bounded: the oldest held items are forgotten, whatever is heard", () => {
    const gossip = new Gossip();
    for (let n = 0; n < 9_000; n++) gossip.hold(id(n), bytes(n));
    gossip.up(1);
    expect(gossip.answer(1, [id(0)])).toEqual([]);
    expect(gossip.answer(1, [id(8_999)])).toHaveLength(1);
    let told = 0;
    while (gossip.hasNews) told += gossip.flush()[0]?.ids.length ?? 0;
    expect(told).toBeLessThanOrEqual(8_000);
  });

  it("an item that fills a message alone goes alone: one that is announced can be had", () => {
    const gossip = new Gossip();
    gossip.up(1);
    const large = new Uint8Array(MAX_BLOCK_BYTES);
    gossip.hold(id(0), large);
    gossip.hold(id(1), bytes(1));
    const [first, ...more] = gossip.answer(1, [id(0), id(1)]);
    expect(first).toBe(large);
    expect(more).toEqual([]);
    expect(gossip.answer(1, [id(1), id(0)])).toEqual([bytes(1)]);
    const item = encodeItem({ kind: "block", block: large });
    expect(encodeMessage({ kind: "items", items: [item] }).length).toBeLessThanOrEqual(MESSAGE_LIMIT);
  });

  it("whatever the order, a peer is never told of an item that it told us of", () => {
    const act = fc.record({ what: fc.constantFrom("hold", "heard", "release", "remind", "shun"), n: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const gossip = new Gossip();
        gossip.up(1);
        const theirs = new Set<ItemId>();
        for (const { what, n } of acts) {
          if (what === "hold") gossip.hold(id(n), bytes(n));
          else if (what === "heard") {
            gossip.heard(1, [id(n)], 0);
            theirs.add(id(n));
          } else if (what === "release") gossip.release(id(n));
          else if (what === "shun") gossip.shun(id(n));
          for (const { ids } of gossip.flush()) expect(ids.filter((i) => theirs.has(i))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
