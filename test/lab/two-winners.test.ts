/**
 * A current miner that signs two winner transactions, one for everybody and another for whoever ranks first, who cannot
 * know that it is its turn (PROTOCOL.md §5.5, §7.4).
 */
import { describe, expect, it } from "vitest";
import { communityId } from "../../worker/community/contract.ts";
import { key } from "../../worker/ledger/rows.ts";
import { signTx } from "../../worker/ledger/transaction.ts";
import { decodeItem, decodeMessage, encodeItem, encodeMessage } from "../../worker/node/messages.ts";
import type { Network } from "../../worker/network/network.ts";
import { Trial } from "./trial.ts";

const LIAR = 3;

/** The liar's auction as the one who ranks first hears it: the same candidacies, the ranking reversed. */
const reversed = (trial: Trial, raw: Uint8Array, to: string | undefined): Uint8Array => {
  const item = decodeItem(raw);
  if (!item.ok || item.value.kind !== "auction") return raw;
  const { winner, candidacies } = item.value;
  const { body } = winner;
  const liar = trial.keys[LIAR];
  if (body.kind !== "winner" || body.member !== LIAR || liar === undefined) return raw;
  const [first] = body.ranking;
  if (first === undefined || first === LIAR || to !== trial.keys[first]?.memberKey) return raw;
  const other = { ...body, ranking: body.ranking.toReversed() };
  const signed = signTx(other, LIAR, communityId(trial.signed.contract), liar.memberSecret);
  return encodeItem({ kind: "auction", winner: signed, candidacies });
};

const lying = (network: Network, box: { trial?: Trial }): Network => {
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
      const { trial } = box;
      if (trial === undefined || !message.ok || message.value.kind !== "items") return network.send(peer, bytes);
      const items = message.value.items.map((raw) => reversed(trial, raw, keyOf.get(peer)));
      return network.send(peer, encodeMessage({ kind: "items", items }));
    },
  };
};

describe("two winner transactions of one current miner", () => {
  it.each([false, true])(
    "have nobody struck, and bar who signed them; without them nobody is barred (lying: %s)",
    async (isLying) => {
      const box: { trial?: Trial } = {};
      const trial = await Trial.begin({
        members: 4,
        owners: [0],
        seed: "two-winners",
        between: (i, network) => (i === LIAR && isLying ? lying(network, box) : network),
      });
      box.trial = trial;
      await trial.until(12);
      const { state, head, final } = trial.core(0).chain;
      const incidents = state.scan("incident").map(([, row]) => row);
      const faults = trial.witness.faults.filter(({ text }) => !isLying || !text.startsWith(`winner of ${LIAR} `));
      expect([head.header.step, new Set(trial.heads).size, faults]).toEqual([12, 1, []]);
      expect(final.header.step).toBeGreaterThanOrEqual(11);
      expect(incidents.flatMap(({ owed }) => owed)).toEqual([]);
      const told = incidents.flatMap(({ evidence }) => evidence);
      expect(told.map(({ offender, fault }) => [offender, fault])).toEqual(isLying ? [[LIAR, "two-winners"]] : []);
      const barred = [0, 1, 2, 3].filter((m) => state.get("member", key(m))?.barred !== null);
      expect(barred).toEqual(isLying ? [LIAR] : []);
    },
    120_000,
  );
});
