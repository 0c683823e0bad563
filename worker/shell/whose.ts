/**
 * Whose a disk is that lost its keys (PROTOCOL.md §10.2): told by what was signed on it, since nothing else on it says so.
 * Votes and candidacies of one member, offered by another, would cost that one its neighbours.
 */
import { blsVerify } from "../base/bls.ts";
import { fromHex } from "../base/bytes.ts";
import { decode } from "../base/codec.ts";
import { verify } from "../base/ed25519.ts";
import type { MemberKeys } from "../base/keys.ts";
import type { Hash } from "../base/units.ts";
import { targetOf, voteMessage } from "../consensus/vote.ts";
import { idOf } from "../ledger/transaction.ts";
import { ownTx, ownVote } from "../node/disk.ts";
import type { Store } from "../storage/store.ts";

/** The last ones say enough: a voting key takes milliseconds a signature. */
const ENOUGH = 8;

/** True where something was signed here in this community with these keys, or nothing that can be read was signed at all. */
export const isOwnDisk = async (
  store: Pick<Store, "entries">,
  community: Hash,
  { memberKey, blsKey }: Pick<MemberKeys, "memberKey" | "blsKey">,
): Promise<boolean> => {
  const under = async (prefix: string): Promise<Uint8Array[]> => {
    const rows = await store.entries("own", { from: `${prefix}/`, to: `${prefix}0`, reverse: true, limit: ENOUGH });
    return rows.map(([, raw]) => raw);
  };
  const [candidacies, winners, votes] = [await under("candidacy"), await under("winner"), await under("vote")];
  const txs = [...candidacies, ...winners].flatMap((raw) => {
    const read = decode(ownTx, raw, "own transaction");
    return read.ok ? [read.value] : [];
  });
  const cast = votes.flatMap((raw) => {
    const read = decode(ownVote, raw, "own vote");
    return read.ok ? [read.value] : [];
  });
  return (
    (txs.length === 0 && cast.length === 0) ||
    txs.some(({ body, signature }) => verify({ key: memberKey, message: fromHex(idOf(body, community)), signature })) ||
    cast.some((vote) =>
      blsVerify({ keys: [blsKey], message: voteMessage(community, targetOf(vote)), signature: vote.signature }),
    )
  );
};
