/**
 * What a full block costs: 1,000 transactions checked, validated, recorded and committed by a node that receives it, as
 * the machine does it. The same in Node and in a browser's worker; the disk comes from the caller.
 */
import { publicKeyOf } from "../../worker/base/ed25519.ts";
import { cryptometerSecret, keysFromSeed, type MemberKeys } from "../../worker/base/keys.ts";
import { mwh, stepIndex, type GeneratorIndex, type MemberIndex, type Millis } from "../../worker/base/units.ts";
import { communityId, signContract, validateContract, type SignedContract } from "../../worker/community/contract.ts";
import { endOf } from "../../worker/community/market-step.ts";
import { contractFrom } from "../../worker/community/presets.ts";
import type { Block } from "../../worker/consensus/block.ts";
import { allTrue } from "../../worker/consensus/checks.ts";
import { idOf, signTx } from "../../worker/ledger/transaction.ts";
import { assembleBlock, ranksOf } from "../../worker/node/assemble.ts";
import type { Core } from "../../worker/node/core.ts";
import { beginCore } from "../../worker/node/load.ts";
import { encodeItem, itemIdOf } from "../../worker/node/messages.ts";
import { Out } from "../../worker/node/events.ts";
import { Recorder } from "../../worker/node/recorder.ts";
import { createVerifier, VerdictMemory } from "../../worker/shell/verifier.ts";
import type { Store } from "../../worker/storage/store.ts";
import type { Bench } from "./base.ts";

const GENERATORS = 250;
const STEPS = 2;
const ROUNDS = 5;
const T0 = 1_700_000_000_000 as Millis;

type World = { readonly keys: MemberKeys; readonly signed: SignedContract; readonly secrets: readonly Uint8Array[] };

const world = (): World => {
  const keys = keysFromSeed(new Uint8Array(32).fill(5));
  const secrets = Array.from({ length: GENERATORS }, (_, n) => cryptometerSecret(keys.seed, n));
  const { memberKey, blsKey, blsProof } = keys;
  const contract = contractFrom({
    name: "Bench",
    preset: "fast",
    quorum: "majority",
    t0: T0,
    members: [{ key: memberKey, blsKey, blsProof, weight: 1, vpp: true }],
    generators: secrets.map((secret) => ({
      key: publicKeyOf(secret),
      owner: 0 as MemberIndex,
      resolutionMwh: 1_000,
      pMinW: 57,
      mpePpm: 20_000,
      pMaxW: 10_000,
      endorsement: null,
    })),
  });
  const valid = validateContract(contract);
  if (!valid.ok) throw new Error(valid.error.message);
  return { keys, secrets, signed: signContract(contract, keys.memberSecret) };
};

const begin = ({ keys, signed }: World): Core => {
  const { memberKey, memberSecret, blsSecret } = keys;
  return beginCore({ memberKey, memberSecret, blsSecret }, signed);
};

/** A generation and its transfer of every generator for each of the steps, and their distributions. */
const fullBlock = (made: World): Block => {
  const core = begin(made);
  const { contract } = made.signed;
  const community = communityId(contract);
  for (const [n, secret] of made.secrets.entries()) {
    const generator = n as GeneratorIndex;
    for (let i = 1; i <= STEPS; i++) {
      const body = {
        generator,
        step: stepIndex(i),
        from: mwh((i - 1) * 1_000),
        to: mwh(i * 1_000),
        at: endOf(contract, i),
        estimated: false,
      };
      const generation = signTx({ kind: "generation", ...body }, generator, community, secret);
      const input = idOf(generation.body, community);
      const transfer = signTx({ kind: "transfer", generator, input }, generator, community, secret);
      const item = itemIdOf(encodeItem({ kind: "tick", generation, transfer }));
      core.pool.addTick({ item, generation, transfer, body, heard: T0 });
    }
  }
  const step = stepIndex(STEPS);
  const me = 0 as MemberIndex;
  const block = assembleBlock(core, me, step, ranksOf(core, me, step)[0] ?? -1);
  if (block === undefined) throw new Error("the founder has no turn");
  return block;
};

/** @param disk a fresh disk for each round; `name` says which kind. */
export const blockBench = (name: string, disk: () => Promise<Store>): Bench => ({
  name: `A full block, ${name}`,
  run: async () => {
    const made = world();
    const block = fullBlock(made);
    const parts: Record<"signatures" | "state" | "disk" | "all", number[]> = {
      signatures: [],
      state: [],
      disk: [],
      all: [],
    };
    for (let round = 0; round <= ROUNDS; round++) {
      const core = begin(made);
      const store = await disk();
      core.out = new Out();
      const received = structuredClone(block);
      const verify = createVerifier(new VerdictMemory());
      const from = performance.now();
      const checks = core.chain.checks(received);
      if (!checks.ok || !allTrue(await verify(checks.value))) throw new Error("the block's signatures are good");
      const checked = performance.now();
      if (!core.chain.add(received).ok) throw new Error("the block is good");
      new Recorder(core).record(core.chain.settle());
      const executed = performance.now();
      await store.commit(core.out.effects().flatMap((e) => (e.kind === "commit" ? e.ops : [])));
      const done = performance.now();
      await store.close();
      // The first round warms up.
      if (round === 0) continue;
      parts.signatures.push(checked - from);
      parts.state.push(executed - checked);
      parts.disk.push(done - executed);
      parts.all.push(done - from);
    }
    const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
    const all = median(parts.all);
    return [
      { name: `block of ${block.txs.length} transactions`, value: all, unit: "ms" },
      { name: "its signatures", value: median(parts.signatures), unit: "ms" },
      { name: "its transactions, roots and delta", value: median(parts.state), unit: "ms" },
      { name: "its commit", value: median(parts.disk), unit: "ms" },
      { name: "the block to its signatures alone", value: all / median(parts.signatures), unit: "times as long" },
    ];
  },
});
