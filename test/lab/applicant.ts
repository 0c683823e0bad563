/** Somebody who opens an invitation: a new neighbour, or a member with a new device. */
import { sign } from "../../worker/base/ed25519.ts";
import type { Millis } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { makeInvitation } from "../../worker/community/invitation.ts";
import { createMemoryNetwork } from "../../worker/network/memory.ts";
import { applicationMessage, type Application } from "../../worker/node/messages.ts";
import { openNode, type OpenNode } from "../../worker/shell/open-node.ts";
import { createVerifier, engineOn, VerdictMemory } from "../../worker/shell/verifier.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { REAL, type Trial } from "./trial.ts";

/** The node of somebody who holds an invitation of member 0; `inviter` may be another. */
export const openApplicant = async (trial: Trial, who: number, inviter = 0): Promise<OpenNode> => {
  const { keys, disk, address } = trial.lab.inhabitant(who);
  const by = trial.lab.inhabitant(inviter).keys;
  const addresses = [trial.address(0)];
  const expires = (trial.time.now + 3_600_000) as Millis;
  const invitation = makeInvitation(
    { signed: trial.signed, inviterName: "Ana", expires, addresses },
    by.memberKey,
    by.memberSecret,
  );
  const node = await openNode({
    store: await openMemory({ disk }),
    keys,
    signed: trial.signed,
    invitation,
    addresses,
    clock: trial.time.clock,
    bls: REAL,
    verify: createVerifier(new VerdictMemory(), engineOn(REAL)),
    network: (self) =>
      createMemoryNetwork({ hub: trial.lab.hub, address, self, surroundings: trial.time.surroundings }),
    onChange: () => {},
    onStoreError: () => {},
    onRestart: () => {},
    onCrash: (error) => (trial.lab.crash ??= error),
  });
  trial.time.watch(() => (node.runner.isIdle ? null : node.runner.idle()));
  const unsigned = {
    key: keys.memberKey,
    blsKey: keys.blsKey,
    blsProof: keys.blsProof,
    name: "Nora",
    at: trial.time.now,
  };
  const signature = sign(applicationMessage(communityId(trial.contract), unsigned), keys.memberSecret);
  const application: Application = { ...unsigned, signature };
  node.runner.machine.introduce("Nora", application, trial.time.now);
  node.runner.post({ kind: "time" });
  return node;
};
