/**
 * Proof files of a community of 50 after a year of quarter-hours: how long they are, what making and checking them costs,
 * and what the same number of signature checks costs alone. The chain is made up: real headers, distributions, votes and
 * state rows, but no block executed.
 */
import { blsPublicKey, blsSecretFrom, blsSign, nobleBls } from "../../worker/base/bls.ts";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { publicKeyOf, verify } from "../../worker/base/ed25519.ts";
import { taggedHash, taggedHex } from "../../worker/base/hash.ts";
import { HistoryTree } from "../../worker/base/history-tree.ts";
import { leafHash } from "../../worker/base/merkle.ts";
import { memberIndex, mwh, stepIndex, type Hash, type Millis, type TxId } from "../../worker/base/units.ts";
import { communityId, signContract } from "../../worker/community/contract.ts";
import { contractFrom } from "../../worker/community/presets.ts";
import { hashOf, NO_HASH, txRootOf, type Block, type Header } from "../../worker/consensus/block.ts";
import type { Certificate } from "../../worker/consensus/certificate.ts";
import { genesisState } from "../../worker/consensus/genesis.ts";
import { bitfieldOf, voteMessage, type Target } from "../../worker/consensus/vote.ts";
import { key } from "../../worker/ledger/rows.ts";
import { Draft, stateRoot } from "../../worker/ledger/state.ts";
import { signTx, type Tx } from "../../worker/ledger/transaction.ts";
import { checkBundle, checkBundleSoon } from "../../worker/settlement/bundle-check.ts";
import { makeBundle, type Materials } from "../../worker/settlement/bundle-maker.ts";
import type { Bench, Figure } from "./base.ts";

const MEMBERS = 50;
const GENERATORS = 10;
const YEAR = 35_040;
const T0 = 1_700_000_100_000 as Millis;
/** A month of 31 days at the end of the year; the sun is up for half of each. */
const MONTH = { from: YEAR - 31 * 96, to: YEAR - 1 };
const DAY = { from: YEAR - 96, to: YEAR - 1 };
const isLight = (step: number): boolean => step % 96 >= 24 && step % 96 < 72;

const id = (...parts: readonly number[]): TxId =>
  taggedHex<TxId>("bench", Uint8Array.from(parts.flatMap((n) => [n >> 16, n >> 8, n])));
const seed = (n: number): Uint8Array => taggedHash("bench-member", Uint8Array.of(n));

const town = (): Materials => {
  const secrets = Array.from({ length: MEMBERS }, (_, i) => seed(i));
  const voting = secrets.map((s) => blsSecretFrom(s));
  const members = secrets.map((secret, i) => {
    const bls = voting[i] ?? secret;
    const blsKey = blsPublicKey(bls);
    return { key: publicKeyOf(secret), blsKey, blsProof: nobleBls.prove(blsKey, bls), weight: 1, vpp: true };
  });
  const contract = contractFrom({ name: "Bench", preset: "paper", quorum: "majority", t0: T0, members });
  const [founder] = secrets;
  if (founder === undefined) throw new Error("a town has a founder");
  const signed = signContract(contract, founder);
  const community = communityId(contract);
  const genesis = genesisState(contract);
  const state = new Draft(genesis);
  for (let i = 0; i < MEMBERS; i++) {
    const row = genesis.get("member", key(i));
    if (row !== undefined) state.put("member", key(i), { ...row, meter: mwh(10 ** 9) });
  }
  // As many more rows as such a community has: tokens, undistributed energy, what each step booked.
  for (let i = 0; i < 400; i++)
    state.put("token", `${id(9, i)}-${key(0)}`, {
      owner: memberIndex(i % MEMBERS),
      birth: stepIndex(1),
      amount: mwh(1),
    });
  const filler = (step: number, n: number): Tx => ({
    body: { kind: "transfer", generator: n as never, input: id(2, step, n) },
    signer: n,
    signature: new Uint8Array(64),
  });
  const history = new HistoryTree();
  const blocks: Block[] = [];
  let parent: Hash = NO_HASH;
  const headerOf = (height: number, txRoot: Hash, roots: Partial<Header> = {}): Header => ({
    version: 1,
    community,
    step: stepIndex(height),
    height,
    parent,
    rank: 0,
    miner: memberIndex(height % MEMBERS),
    txRoot,
    stateRoot: id(3, height) as string as Hash,
    historyRoot: id(4, height) as string as Hash,
    votersRoot: id(5) as string as Hash,
    beacon: id(6, height) as string as Hash,
    votesRoot: id(7, height) as string as Hash,
    ...roots,
  });
  for (let height = 0; height < YEAR; height++) {
    let txs: Tx[] = [];
    if (height >= MONTH.from && isLight(height)) {
      const step = stepIndex(height);
      const inputs = Array.from({ length: GENERATORS }, (_, g) => id(8, height, g)).toSorted();
      const shares = secrets.map((_, i) => ({
        member: memberIndex(i),
        mwh: mwh(20_000 + ((height * 31 + i) % 9_000)),
      }));
      const signer = height % MEMBERS;
      const body = { kind: "distribution", step, inputs, shares } as const;
      txs = [
        ...Array.from({ length: 2 * GENERATORS }, (_, n) => filler(height, n)),
        signTx(body, signer, community, secrets[signer] ?? founder),
        ...Array.from({ length: 6 }, (_, n) => filler(height, 50 + n)),
      ];
    }
    const header = headerOf(height, txRootOf(txs));
    parent = hashOf(header);
    history.append(leafHash(fromHex(parent)));
    if (txs.length > 0)
      blocks.push({ header, signature: new Uint8Array(64), draw: new Uint8Array(48), votes: [], txs });
  }
  const header = headerOf(YEAR, txRootOf([]), {
    stateRoot: toHex(stateRoot(state)),
    historyRoot: toHex(history.root()),
  });
  const target: Target = { set: 0, round: 9, kind: "confirmation", step: header.step, block: hashOf(header) };
  const signers = Array.from({ length: 26 }, (_, i) => memberIndex(i));
  const message = voteMessage(community, target);
  const sum = nobleBls.aggregate(signers.map((i) => blsSign(message, voting[i] ?? founder)));
  if (sum === null) throw new Error("26 members do not cancel out");
  const final: Certificate = { header, above: [], votes: [{ ...target, voters: bitfieldOf(signers), signature: sum }] };
  return { signed, hops: [], final, state, history, blocks };
};

const timed = <T>(work: () => T): { ms: number; value: T } => {
  const start = performance.now();
  const value = work();
  return { ms: performance.now() - start, value };
};

const figuresOf = async (name: string, materials: Materials, from: number, to: number): Promise<Figure[]> => {
  const ask = { member: memberIndex(7), from: stepIndex(from), to: stepIndex(to) };
  const made = timed(() => makeBundle(materials, ask));
  if (!made.value.ok) throw new Error(made.value.error.message);
  const raw = made.value.value;
  const checked = timed(() => checkBundle(raw));
  if (!checked.value.ok) throw new Error(checked.value.error.message);
  const start = performance.now();
  await checkBundleSoon(raw);
  const soon = performance.now() - start;
  const n = checked.value.value.credits.length;
  const [tx] = materials.blocks.flatMap((b) => b.txs.filter(({ body }) => body.kind === "distribution"));
  const job = {
    key: materials.signed.contract.members[0]?.key ?? ("" as never),
    message: seed(1),
    signature: tx?.signature ?? seed(2),
  };
  const bare = timed(() => Array.from({ length: n }, () => verify(job)));
  return [
    { name: `${name}, ${n} credits, length`, value: raw.length / 1_000, unit: "kB" },
    { name: `${name}, making`, value: made.ms, unit: "ms" },
    { name: `${name}, checking, pure`, value: checked.ms, unit: "ms" },
    { name: `${name}, checking with WebCrypto`, value: soon, unit: "ms" },
    { name: `${name}, its ${n} Ed25519 checks alone`, value: bare.ms, unit: "ms" },
    { name: `${name}, checking, pure, to those checks`, value: checked.ms / bare.ms, unit: "times as long" },
  ];
};

export const proofBench: Bench = {
  name: "proof files, 50 members, a year",
  run: async () => {
    const built = timed(town);
    const materials = built.value;
    const noon = YEAR - 48;
    return [
      { name: "history of a year in memory", value: materials.history.byteLength / 1e6, unit: "MB" },
      ...(await figuresOf("a step (contract checked for the first time)", materials, noon, noon)),
      ...(await figuresOf("a step", materials, noon, noon)),
      ...(await figuresOf("a day", materials, DAY.from, DAY.to)),
      ...(await figuresOf("a month", materials, MONTH.from, MONTH.to)),
    ];
  },
};
