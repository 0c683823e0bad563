/**
 * A key that was given up and what it still signs (PROTOCOL.md §5.5, §7.2): it votes in no set after, and neither its votes
 * nor evidence of its statements that waits meanwhile stops anybody.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type { MemberIndex } from "../../worker/base/units.ts";
import { signHeader } from "../../worker/consensus/block.ts";
import { caseOfHeaders } from "../../worker/consensus/evidence.ts";
import { txItem, voteFor } from "../../worker/lab/sim/forge.ts";
import { itemsMessage, Puppet } from "../../worker/lab/sim/puppet.ts";
import { key } from "../../worker/ledger/rows.ts";
import { Trial } from "./trial.ts";

const LOST = 3 as MemberIndex;
const FRIEND = 4 as MemberIndex;
const NEW = 5;
let trial: Trial;
let lost: Puppet;
let friend: Puppet;

beforeEach(async () => {
  trial = await Trial.begin({ members: 5, others: 1, absent: [LOST, FRIEND], owners: [] });
  lost = new Puppet(trial.lab, trial.time, LOST);
  friend = new Puppet(trial.lab, trial.time, FRIEND);
  friend.stand();
  await trial.until(2);
  const { memberKey, blsKey, blsProof } = trial.lab.inhabitant(NEW).keys;
  const action = { kind: "rotate", member: LOST, key: memberKey, blsKey, blsProof } as const;
  const { value } = await trial.lab.node(0).runner.order({ kind: "propose", action });
  await trial.until(3);
  for (const i of [1, 2]) await trial.lab.node(i).runner.order({ kind: "vote", proposal: value ?? "", yes: true });
  await trial.until(4);
});

/** The block of step 5 has the new key. */
const rowsOf = () => trial.cores.map(({ chain }) => chain.voterKey(LOST, 1));

describe("after a member's keys were changed", () => {
  it("votes of the old key in the set to come are nobody's, and with those of the new one no evidence", async () => {
    const tell = async (by: Parameters<typeof voteFor>[0]): Promise<void> => {
      const { hash, header } = trial.core(0).chain.head;
      const vote = voteFor(by, { set: 1, round: 0, kind: "approval", block: hash, step: header.step });
      for (const i of [0, 1, 2]) await friend.tell(i, itemsMessage({ kind: "vote", vote }), 200);
    };
    await tell(lost);
    await trial.until(5);
    const fresh = trial.lab.inhabitant(NEW).keys;
    expect(rowsOf()).toEqual([0, 1, 2].map(() => fresh.blsKey));
    await tell({ me: LOST, keys: fresh, community: lost.community, bls: lost.bls });
    await trial.until(7);
    for (const { chain, pool } of trial.cores) {
      expect(chain.final.header.step).toBeGreaterThanOrEqual(6);
      expect([...pool.others.values()].filter(({ body }) => body.kind === "evidence")).toEqual([]);
      expect(chain.finality.ballots({ set: 1, round: 0 }, "approval").get(LOST)?.step).toBe(5);
    }
  });

  it("evidence of what the old key signed is left out, and the chain goes on", async () => {
    const { header } = trial.core(0).chain.head;
    const [a, b] = [1, 2].map((height) => {
      const forged = { ...header, miner: LOST, height };
      return { header: forged, signature: signHeader(forged, lost.keys.memberSecret) };
    });
    if (a === undefined || b === undefined) throw new Error("two headers");
    const item = txItem(friend, { kind: "evidence", member: FRIEND, ...caseOfHeaders(a, b) });
    expect(await friend.tell(0, itemsMessage(item), 500)).toBeUndefined();
    expect(trial.core(0).pool.others.size).toBe(1);
    await trial.until(7);
    for (const { chain } of trial.cores) {
      expect(chain.head.header.step).toBe(7);
      expect(chain.state.get("member", key(LOST))?.convicted).toBe(false);
    }
  });
});
