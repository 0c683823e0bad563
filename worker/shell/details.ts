/**
 * One step and one transaction in full, with the proof of membership recomputed at the moment of asking (§IV.B.2b,
 * figure 1). Reads blocks from the tree or the disk.
 */
import { fromHex, toHex } from "../base/bytes.ts";
import { verify } from "../base/ed25519.ts";
import { inclusionProof, pathOf, verifyInclusion } from "../base/merkle.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import { endOf, startOf } from "../community/market-step.ts";
import { hashOf, txLeaf, txRootOf, type Block } from "../consensus/block.ts";
import { wealthOf, type Candidate } from "../consensus/selection.ts";
import { key } from "../ledger/rows.ts";
import { idOf, signerOf, type Tx } from "../ledger/transaction.ts";
import type { Core } from "../node/core.ts";
import type { Summary } from "../node/lines.ts";
import type { CandidateView, StepDetail, TransactionView } from "../port-step.ts";
import type { ProofView, SignatureState } from "../port-proof.ts";
import type { Store } from "../storage/store.ts";
import type { Books } from "./books.ts";
import type { Decisions } from "./decisions.ts";
import { blockFor, blockOf, isClosed, nameOfGenerator, nameOfMember, ownMember, stageOf } from "./lookup.ts";
import { keyAt, type KeyThen, type Signer } from "./past-keys.ts";
import { blockView } from "./view.ts";
import { incidentOf, missingOf, standInsOf, voterViews, votesFor } from "./votes.ts";

const byOf = (core: Core, tx: Tx): string => {
  const who = signerOf(tx.body);
  return who.role === "generator" ? nameOfGenerator(core, who.index) : nameOfMember(core, tx.signer);
};

const detailOf = (core: Core, tx: Tx): TransactionView["detail"] => {
  const { body } = tx;
  switch (body.kind) {
    case "generation":
      return { from: body.from, to: body.to, at: body.at, estimated: body.estimated ? 1 : 0 };
    case "transfer":
      return { input: body.input };
    case "distribution":
      return { inputs: body.inputs.length, members: body.shares.length };
    case "candidacy":
      return { at: body.at, tokens: body.tokens.length };
    case "winner":
      return { winner: nameOfMember(core, body.ranking[0] ?? 0), candidates: body.candidacies.length };
    case "refund":
      return { candidates: body.candidacies.length };
    case "proposal":
      return { action: body.action.kind };
    case "ballot":
      return { proposal: body.proposal, yes: body.yes ? 1 : 0 };
    case "evidence":
      return { offender: nameOfMember(core, body.offender), fault: body.fault };
  }
};

const mwhOf = (tx: Tx, block: Block, community: string): number | null => {
  const { body } = tx;
  if (body.kind === "generation") return body.to - body.from;
  if (body.kind === "distribution") return body.shares.reduce((sum, s) => sum + s.mwh, 0);
  if (body.kind !== "transfer") return null;
  const source = block.txs.find(
    (t) => t.body.kind === "generation" && idOf(t.body, community as never) === body.input,
  )?.body;
  return source?.kind === "generation" ? source.to - source.from : null;
};

export const txView = (core: Core, block: Block, tx: Tx): TransactionView => {
  const { community } = core.chain;
  const { body } = tx;
  const step = "step" in body ? body.step : block.header.step;
  return {
    id: idOf(body, community),
    kind: body.kind,
    by: byOf(core, tx),
    step,
    mwh: mwhOf(tx, block, community),
    detail: detailOf(core, tx),
  };
};

/** Exact integers become decimals here, for reading only. */
const ratio = (a: bigint, b: bigint): number => (b === 0n ? 0 : Number((a * 1_000_000n) / b) / 1_000_000);
const LUCK = 1n << 256n;

const candidatesOf = (core: Core, block: Block): CandidateView[] => {
  const row = core.chain.state.get("auction", key(block.header.step));
  if (row === undefined) return [];
  const candidates: Candidate[] = row.candidates.map(({ luck, ...c }) => ({ ...c, luck: BigInt(`0x${luck}`) + 1n }));
  const wealth = wealthOf(candidates, core.contract);
  return candidates.map((c, rank) => {
    const w = wealth[rank];
    const of = (n: bigint | undefined): number => ratio(n ?? 0n, w?.denominator ?? 1n);
    return {
      name: nameOfMember(core, c.member),
      tokensMwh: c.energy,
      ageSteps: c.age,
      reputation: c.reputation,
      w: of(w?.total),
      wEnergy: of(w?.energy),
      wAge: of(w?.age),
      wReputation: of(w?.reputation),
      u: ratio(c.luck, LUCK),
      rank,
      delivered: rank === block.header.rank,
    };
  });
};

type VotingPart = Pick<StepDetail, "voters" | "missing" | "standIns">;
/** Of a step that no block closes yet. */
const NO_VOTES: VotingPart = { voters: [], missing: null, standIns: [] };

const votingPart = async (core: Core, store: Store, line: Summary, block: Block): Promise<VotingPart> => {
  const parentLine = core.summaries.get(line.height - 1);
  const parent = parentLine === undefined ? undefined : await blockOf(core, store, parentLine);
  const voters = voterViews(core, line, await votesFor(core, store, line));
  const candidates = core.chain.state.get("auction", key(line.step))?.candidates.length ?? 0;
  return { voters, missing: missingOf(core, line, voters), standIns: standInsOf(core, block, parent, candidates) };
};

export const stepDetail = async (
  core: Core,
  { store, books }: { readonly store: Store; readonly books: Books },
  step: number,
  now: number,
): Promise<Result<StepDetail>> => {
  const { contract } = core;
  if (!Number.isSafeInteger(step) || step < 1) return refuse("step-unknown", "There is no such market step.", "ignore");
  const line = blockFor(core, step);
  const block = line?.step === step ? await blockOf(core, store, line) : undefined;
  const book = await books.of(core, step);
  const own = ownMember(core);
  const isLine = line?.step === step;
  const isBefore = core.summaries.first > 0 && step <= (core.summaries.stepOf(core.summaries.first) ?? 0);
  const winner = block?.txs.find(({ body }) => body.kind === "winner")?.body;
  const voting = line === undefined || block === undefined ? NO_VOTES : await votingPart(core, store, line, block);
  const sums = new Map<number, { mwh: number; at: number }>();
  for (const g of book?.generated ?? []) {
    const known = sums.get(g.generator);
    sums.set(g.generator, { mwh: (known?.mwh ?? 0) + g.mwh, at: Math.max(known?.at ?? 0, g.at) });
  }
  return ok({
    step,
    start: startOf(contract, step),
    end: endOf(contract, step),
    stage: stageOf(core, step, now),
    closed: isClosed(core, step),
    block: line !== undefined && isLine ? blockView(core, line) : null,
    kept: isBefore && !isLine ? "nothing" : isLine && block === undefined ? "line" : "all",
    shares: (book?.shares ?? []).map((s) => ({
      member: nameOfMember(core, s.member),
      mwh: s.mwh,
      me: s.member === own?.index,
    })),
    generators: [...sums].map(([index, { mwh, at }]) => ({ name: nameOfGenerator(core, index), mwh, signedAt: at })),
    candidates: block === undefined ? [] : candidatesOf(core, block),
    ranking: winner?.kind === "winner" ? winner.ranking.map((member) => nameOfMember(core, member)) : [],
    ...voting,
    ...(block === undefined ? { owed: [], evidence: [] } : incidentOf(core, step)),
    transactions: block === undefined ? [] : block.txs.map((tx) => txView(core, block, tx)),
  });
};

/** Leaf, path, root and both signatures, checked on the spot against the block this node holds. */
export const checkProof = async (
  core: Core,
  { store, decisions }: { readonly store: Store; readonly decisions: Pick<Decisions, "all"> },
  step: number,
  id: string,
): Promise<Result<ProofView>> => {
  const { community } = core.chain;
  const line = blockFor(core, step);
  const block = line === undefined ? undefined : await blockOf(core, store, line);
  const index = block?.txs.findIndex((tx) => idOf(tx.body, community) === id) ?? -1;
  const tx = block?.txs[index];
  if (block === undefined || tx === undefined)
    return refuse("transaction-unknown", "This transaction is not in the block of that step.", "ignore");
  const leaves = block.txs.map(txLeaf);
  const leaf = txLeaf(tx);
  const proof = inclusionProof(leaves, index);
  const { txRoot, miner } = block.header;
  const who = signerOf(tx.body);
  const by = who.role === "generator" ? who : ({ role: "member", index: tx.signer } as const);
  // Of then: what a key signed that was exchanged since holds for that key.
  const keyOf = (one: Signer) => keyAt(core, store, decisions.all, one, block.header.step);
  const [signer, writer] = [await keyOf(by), await keyOf({ role: "member", index: miner })];
  const hash = hashOf(block.header);
  const isFinal = block.header.height <= core.chain.final.header.height;
  const judged = ({ key: of, isSure }: KeyThen, message: string, signature: Uint8Array): SignatureState => {
    if (of !== null && verify({ key: of, message: fromHex(message), signature })) return "valid";
    return isFinal && !isSure ? "vouched" : "invalid";
  };
  const member = verifyInclusion(leaf, index, leaves.length, proof, fromHex(txRoot)) && txRootOf(block.txs) === txRoot;
  return ok({
    transaction: txView(core, block, tx),
    ok: member,
    leaf: toHex(leaf),
    path: pathOf(index, leaves.length, proof).map(({ side, hash: h }) => ({ side, hash: toHex(h) })),
    txRoot,
    blockHash: hash,
    signature: judged(signer, id, tx.signature),
    headerSignature: judged(writer, hash, block.signature),
  });
};
