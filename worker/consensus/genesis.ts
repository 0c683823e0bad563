/** The genesis: state and header that follow from the contract alone (PROTOCOL.md §2). Block 0 at T_0. */
import { fromHex, toHex } from "../base/bytes.ts";
import { BLS_SIGNATURE_BYTES } from "../base/bls.ts";
import { EMPTY_FRONTIER, frontierRoot } from "../base/merkle.ts";
import { taggedHex } from "../base/hash.ts";
import { memberIndex, mwh, stepIndex } from "../base/units.ts";
import { communityId, quorumOf, type Contract } from "../community/contract.ts";
import { parametersOf } from "../community/parameters.ts";
import { newMember } from "../ledger/members.ts";
import { key } from "../ledger/rows.ts";
import { Draft, State, stateRoot } from "../ledger/state.ts";
import { BLOCK_VERSION, NO_HASH, txRootOf, votesRootOf, type Block } from "./block.ts";
import { votersRootOf } from "./transition.ts";

export const genesisState = (contract: Contract): State => {
  const state = new State();
  const draft = new Draft(state);
  const start = stepIndex(0);
  contract.members.forEach((m, i) => {
    draft.put("member", key(i), newMember(m, start, start));
  });
  contract.generators.forEach((terms, i) => draft.put("generator", key(i), { terms, joined: start, register: mwh(0) }));
  const members = contract.members.map((_, i) => memberIndex(i));
  draft.put("allocation", key(0), {
    from: start,
    iterations: contract.iterations,
    weights: contract.members.map((m, i) => ({ member: memberIndex(i), weight: m.weight })),
    feePpm: contract.feePpm,
    lossPpm: contract.lossPpm,
  });
  draft.put("parameters", "", parametersOf(contract));
  draft.put("voters", "", { set: 0, since: start, members, quorum: quorumOf(contract, members.length) });
  draft.put("history", "", { size: EMPTY_FRONTIER.size, peaks: EMPTY_FRONTIER.peaks });
  draft.put("totals", "", { generated: mwh(0), distributed: mwh(0), lost: mwh(0) });
  state.apply(draft.delta());
  return state;
};

/** Unsigned: the contract's own signature vouches for it. The founder counts as its miner. */
export const genesisBlock = (contract: Contract, state: State): Block => {
  const community = communityId(contract);
  return {
    header: {
      version: BLOCK_VERSION,
      community,
      step: stepIndex(0),
      height: 0,
      parent: NO_HASH,
      rank: 0,
      miner: memberIndex(0),
      txRoot: txRootOf([]),
      stateRoot: toHex(stateRoot(state)),
      historyRoot: toHex(frontierRoot(EMPTY_FRONTIER)),
      votersRoot: votersRootOf(state),
      beacon: taggedHex("first-beacon", fromHex(community)),
      votesRoot: votesRootOf([]),
    },
    signature: new Uint8Array(64),
    draw: new Uint8Array(BLS_SIGNATURE_BYTES),
    votes: [],
    txs: [],
  };
};
