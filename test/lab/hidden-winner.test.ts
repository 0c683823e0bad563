/** A current miner that shows its auction to friends only: whoever ranks first cannot know that it is its turn (PROTOCOL.md §7.4). */
import { describe, expect, it } from "vitest";
import { key } from "../../worker/ledger/rows.ts";
import { decodeItem, decodeMessage, encodeMessage } from "../../worker/node/messages.ts";
import type { Network } from "../../worker/network/network.ts";
import { Trial } from "./trial.ts";

const isAuction = (raw: Uint8Array): boolean => {
  const item = decodeItem(raw);
  return item.ok && item.value.kind === "auction";
};

/** Tells auctions to members with these keys only. */
const hiding = (network: Network, friends: () => readonly string[]): Network => {
  const keyOf = new Map<unknown, string>();
  return {
    ...network,
    start: (on) =>
      network.start((event) => {
        if (event.kind === "up") keyOf.set(event.peer, event.identity.key);
        on(event);
      }),
    send: (peer, bytes) => {
      const message = decodeMessage(bytes);
      const isFriend = friends().includes(keyOf.get(peer) ?? "");
      if (isFriend || !message.ok || message.value.kind !== "items") return network.send(peer, bytes);
      const items = message.value.items.filter((raw) => !isAuction(raw));
      if (items.length > 0) network.send(peer, encodeMessage({ kind: "items", items }));
    },
  };
};

describe("a winner transaction shown to friends only", () => {
  it("does not have those struck to whom it was not shown: the others pass over the friend's block", async () => {
    const bad = [4, 5, 6];
    const box: { trial?: Trial } = {};
    const friends = (): string[] => bad.map((i) => box.trial?.keys[i]?.memberKey ?? "");
    const trial = await Trial.begin({
      members: 7,
      owners: [0, 5],
      seed: "hidden",
      between: (i, network) => (bad.includes(i) ? hiding(network, friends) : network),
    });
    box.trial = trial;
    await trial.until(30);
    const { state, head } = trial.core(0).chain;
    // The friend's block of the very last step may still be passed over.
    expect(head.header.step).toBeGreaterThanOrEqual(29);
    expect(trial.witness.faults).toEqual([]);
    expect([0, 1, 2, 3].map((m) => state.get("member", key(m))?.strikes)).toEqual([0, 0, 0, 0]);
  }, 120_000);
});
