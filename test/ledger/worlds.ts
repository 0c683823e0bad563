/** Small communities for the tests of the pure rooms: keys are made once a file, terms are changed freely. */
import type { MemberKeys } from "../../worker/base/keys.ts";
import type { Refusal, Result } from "../../worker/base/result.ts";
import { millis, stepIndex, type Hash, type TxId } from "../../worker/base/units.ts";
import { communityId, type Contract } from "../../worker/community/contract.ts";
import { genesisState } from "../../worker/consensus/genesis.ts";
import { labContract, memberKeys } from "../../worker/lab/community.ts";
import type { Context } from "../../worker/ledger/context.ts";
import { contractAt } from "../../worker/ledger/parameters.ts";
import { Draft, type State, type View } from "../../worker/ledger/state.ts";

export const T0 = millis(1_767_225_600_000);
export const STEP = 900_000;
/** 4 kW for a quarter of an hour is 1 kWh. */
export const METER = { resolutionMwh: 1_000, pMinW: 20, mpePpm: 20_000, pMaxW: 4_000 };
/** What a generator of METER can book to one step: P_max·Δ, 2 % and one resolution step. */
export const MOST = 1_021_000;

const made = new Map<number, MemberKeys>();
export const keysOf = (i: number): MemberKeys => {
  const keys = made.get(i) ?? memberKeys("pure-rooms", i);
  made.set(i, keys);
  return keys;
};

export type World = { readonly contract: Contract; readonly community: Hash; readonly keys: readonly MemberKeys[] };

const bases = new Map<string, Contract>();
const baseOf = (members: number, owners: readonly number[]): Contract => {
  const at = `${members}/${owners.join()}`;
  const known = bases.get(at);
  if (known !== undefined) return known;
  const keys = Array.from({ length: members }, (_, i) => keysOf(i));
  const ask = { name: "Rue du Soleil", preset: "paper", quorum: "majority", t0: T0 } as const;
  const generators = owners.map((owner) => ({ owner, terms: METER }));
  const { contract } = labContract(keys, ask, generators);
  bases.set(at, contract);
  return contract;
};

type Ask = {
  readonly members?: number;
  readonly owners?: readonly number[];
  readonly weights?: readonly number[];
  readonly change?: Partial<Contract>;
};
/** Preset `paper`; one generator a name in `owners`; weight 1 each unless told. */
export const worldOf = ({ members = 3, owners = [0], weights = [], change = {} }: Ask = {}): World => {
  const base = baseOf(members, owners);
  const contract: Contract = {
    ...base,
    members: base.members.map((m, i) => ({ ...m, weight: weights[i] ?? m.weight })),
    ...change,
  };
  return {
    contract,
    community: communityId(contract),
    keys: Array.from({ length: members }, (_, i) => keysOf(i)),
  };
};

export const contextOn = (world: World, view: View, step: number): Context => ({
  contract: contractAt(view, world.contract, stepIndex(step)),
  community: world.community,
  step: stepIndex(step),
  draft: new Draft(view),
});
export const genesisOf = (world: World): State => genesisState(world.contract);

/** A name for a transaction whose content does not matter. */
export const idFrom = (n: number): TxId => n.toString(16).padStart(64, "0") as TxId;

/** The refusal itself: it must be one plain sentence. @throws when there is none. */
export const refusal = (result: Result<unknown>): Refusal => {
  if (result.ok) throw new Error("nothing was refused");
  if (!/^[A-Z].*\.$/u.test(result.error.message)) throw new Error(`no sentence: ${result.error.message}`);
  return result.error;
};
export const codeOf = (result: Result<unknown>): string => refusal(result).code;
/** @throws when it was refused. */
export const valueOf = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${result.error.code}`);
  return result.value;
};
