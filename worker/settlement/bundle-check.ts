/**
 * Checks a proof bundle (PROTOCOL.md §12) with nothing but its own bytes: no chain, no disk, no network, no clock. Each
 * refusal names the place (`data.place`, a part of the file) and what is wrong there. What holds comes out as facts.
 */
import { blsVerify } from "../base/bls.ts";
import { equalBytes, fromHex } from "../base/bytes.ts";
import { encode } from "../base/codec.ts";
import { verify, verifyAll, type SignatureJob } from "../base/ed25519.ts";
import { verifyPlaces } from "../base/history-tree.ts";
import { leafHash, nodeHash, type PathStep } from "../base/merkle.ts";
import { ok, type Result } from "../base/result.ts";
import { spokenKey } from "../base/spoken-key.ts";
import type { Hash, PublicKey } from "../base/units.ts";
import { communityId, verifyContract, type Contract } from "../community/contract.ts";
import { endOf, startOf } from "../community/market-step.ts";
import { hashOf, txLeaf, type Header } from "../consensus/block.ts";
import { isAnybodys } from "../ledger/energy.ts";
import { codecOf, key, type MemberRow } from "../ledger/rows.ts";
import { rowLeaf } from "../ledger/state.ts";
import { idOf } from "../ledger/transaction.ts";
import type { ProofFileView } from "../port-proof.ts";
import { openBundle, refuseAt, type Bundle, type MemberProof } from "./bundle.ts";
import { checkTrust, firstVoters, type Trusted } from "./bundle-trust.ts";

const fold = (leaf: Uint8Array, path: readonly PathStep[]): Uint8Array =>
  path.reduce((hash, step) => (step.side === "left" ? nodeHash(step.hash, hash) : nodeHash(hash, step.hash)), leaf);
const ascends = (numbers: readonly number[]): boolean => numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n));

/** Rows of members in the state after the final block: the member's, and those of who signed distributions. */
const checkMembers = ({ members, claim, blocks }: Bundle, final: Header): Result<ReadonlyMap<number, MemberRow>> => {
  const wrong = (why: string, member: number): Result<never> => refuseAt("members", "bundle-member", why, { member });
  const needed = new Set<number>([claim.member]);
  for (const { credits } of blocks) for (const { tx } of credits) needed.add(tx.signer);
  const rows = new Map<number, MemberRow>();
  for (const { member, row, path } of members) {
    const leaf = rowLeaf(`member/${key(member)}`, encode(codecOf("member"), row));
    if (!equalBytes(fold(leaf, path), fromHex(final.stateRoot)))
      return wrong(`The row of member ${member} is not in the state that the final block commits to.`, member);
    rows.set(member, row);
  }
  if (!ascends(members.map((m: MemberProof) => m.member)) || members.some((m) => !needed.has(m.member)))
    return wrong("The rows of members are not those that a proof has, in order.", -1);
  for (const member of needed) if (!rows.has(member)) return wrong(`The row of member ${member} is missing.`, member);
  return ok(rows);
};

const checkHistory = ({ blocks, history }: Bundle, community: Hash, final: Header): Result<null> => {
  const heights = blocks.map(({ header }) => header.height);
  if (!ascends(heights) || blocks.length === 0)
    return refuseAt("blocks", "bundle-block", "The blocks of this proof do not stand in order.");
  const other = blocks.find(({ header }) => header.community !== community);
  if (other !== undefined)
    return refuseAt("blocks", "bundle-block", "A block of this proof is of another community.", {
      height: other.header.height,
    });
  const leaves = blocks.map(({ header }) => leafHash(fromHex(hashOf(header))));
  return verifyPlaces(leaves, heights, final.height, history, fromHex(final.historyRoot))
    ? ok(null)
    : refuseAt(
        "history",
        "bundle-history",
        "A block of this proof is not among those before the final one: a header or the hashes beside them were changed.",
      );
};

type Credit = ProofFileView["credits"][number];
const checkCredits = ({ blocks, claim }: Bundle, community: Hash): Result<Credit[]> => {
  const credits: Credit[] = [];
  const seen = new Set<string>();
  for (const { header, credits: own } of blocks) {
    const wrong = (why: string): Result<never> =>
      refuseAt("blocks", "bundle-credit", `In block ${header.height}, ${why}`, { height: header.height });
    let last = "";
    for (const { tx, path } of own) {
      const { body } = tx;
      const id = idOf(body, community);
      if (!equalBytes(fold(txLeaf(tx), path), fromHex(header.txRoot)))
        return wrong("a distribution is not in the block: it or its path was changed.");
      if (body.kind !== "distribution") return wrong("a transaction is no distribution.");
      if (body.step < claim.from || body.step > claim.to)
        return wrong("a distribution is of a step outside the claimed period.");
      if (id <= last || seen.has(id)) return wrong("a distribution stands twice or out of order.");
      if (!ascends(body.shares.map((s) => s.member)))
        return wrong("a distribution names a member twice or out of order.");
      const share = body.shares.find((s) => s.member === claim.member);
      if (share === undefined) return wrong("a distribution gives the member nothing.");
      credits.push({ step: body.step, height: header.height, transaction: id, mwh: share.mwh });
      seen.add((last = id));
    }
    if (own.length === 0) return wrong("there is no distribution for the member.");
  }
  return ok(credits);
};

const checkPeriod = ({ claim, contract: { contract } }: Bundle, final: Header): Result<null> => {
  // The last: a step whose time no clock can tell.
  const isTold = Number.isSafeInteger(contract.t0 + final.step * contract.stepMs);
  return claim.from >= 1 && claim.from <= claim.to && claim.to < final.step && isTold
    ? ok(null)
    : refuseAt("claim", "bundle-period", "The claimed period is none, or is not over before the final block.");
};
const checkSum = ({ claim }: Bundle, credits: readonly Credit[], meter: MemberRow): Result<null> => {
  const sum = credits.reduce((total, c) => total + c.mwh, 0);
  if (sum !== claim.mwh)
    return refuseAt(
      "claim",
      "bundle-sum",
      `The distributions shown credit ${sum} mWh, but the file claims ${claim.mwh} mWh.`,
    );
  return sum <= meter.meter
    ? ok(null)
    : refuseAt("claim", "bundle-register", "The credits shown are more than the member's register has counted in all.");
};

/** By the key that the signer has in the final state; what holds for another is looked at when that does not. */
const jobsOf = ({ blocks }: Bundle, community: Hash, rows: ReadonlyMap<number, MemberRow>): SignatureJob[] =>
  blocks.flatMap(({ credits }) =>
    credits.map(({ tx }) => ({
      key: rows.get(tx.signer)?.key ?? ("" as PublicKey),
      message: fromHex(idOf(tx.body, community)),
      signature: tx.signature,
    })),
  );
/** Whether a signature that does not hold for the signer's key may be one of a key that was exchanged since: checked, or vouched for. */
const isEarlier = (
  job: SignatureJob,
  signer: number,
  contract: Contract,
  row: MemberRow,
): "checked" | "vouched" | null => {
  if (row.votesSince === 0) return null;
  const founded = contract.members[signer];
  return founded !== undefined && verify({ ...job, key: founded.key }) ? "checked" : "vouched";
};
const checkSigners = (
  { blocks, contract: { contract } }: Bundle,
  rows: ReadonlyMap<number, MemberRow>,
  jobs: readonly SignatureJob[],
  verdicts: readonly boolean[],
): Result<ProofFileView["signatures"]> => {
  const count = { checked: 0, vouched: 0 };
  const all = blocks.flatMap(({ header, credits }) =>
    credits.map(({ tx }) => ({
      height: header.height,
      by: tx.signer,
      isFree: tx.body.kind === "distribution" && isAnybodys(contract, tx.body.step, header.step),
    })),
  );
  for (const [i, { height, by, isFree }] of all.entries()) {
    const [row, job] = [rows.get(by), jobs[i]];
    if (row === undefined || job === undefined || !(row.vpp || row.left !== null || isFree))
      return refuseAt("blocks", "bundle-signer", `In block ${height}, member ${by} may not distribute.`, { height });
    const how = verdicts[i] === true ? "checked" : isEarlier(job, by, contract, row);
    if (how === null)
      return refuseAt("blocks", "bundle-signature", `In block ${height}, a distribution's signature is false.`, {
        height,
      });
    count[how] += 1;
  }
  return ok(count);
};

const checkVotes = ({ jobs }: Trusted): Result<null> => {
  const bad = jobs.find(({ job }) => !blsVerify(job));
  if (bad === undefined) return ok(null);
  return bad.place === "hops"
    ? refuseAt("hops", "bundle-hop", `Hand-over ${bad.hop} of the voters: a signature is false.`, { hop: bad.hop })
    : refuseAt("final", "bundle-final", "A signature under the final block is false.");
};

/** What is left to do when everything but the signatures under blocks and distributions holds. */
type Examined = {
  readonly jobs: readonly SignatureJob[];
  /** With what was found of each job. */
  readonly conclude: (verdicts: readonly boolean[]) => Result<ProofFileView>;
};
type Parts = {
  readonly bundle: Bundle;
  readonly community: Hash;
  readonly trusted: Trusted;
  readonly row: MemberRow;
  readonly credits: readonly Credit[];
};
const factsOf = (parts: Parts, signatures: ProofFileView["signatures"]): ProofFileView => {
  const { bundle, community, row, credits } = parts;
  const { voters, signers } = parts.trusted;
  const {
    claim,
    contract: { contract },
  } = bundle;
  const final = bundle.final.certificate.header;
  return {
    community: { id: community, name: contract.name, founders: contract.members.length },
    handOvers: bundle.hops.length,
    final: {
      hash: hashOf(final),
      height: final.height,
      step: final.step,
      time: endOf(contract, final.step),
      confirmed: signers.length,
      quorum: voters.quorum,
      voters: voters.voters.length,
    },
    member: { index: claim.member, key: row.key, digits: spokenKey(row.key), registerMwh: row.meter },
    claim: {
      from: claim.from,
      to: claim.to,
      begin: startOf(contract, claim.from),
      end: endOf(contract, claim.to),
      mwh: claim.mwh,
      closed: final.step >= claim.to + contract.lateWindow,
    },
    credits,
    blocks: bundle.blocks.length,
    signatures,
  };
};

/** All but the seal. Hashes and counts first, which cost little; the signatures under blocks and distributions last. */
const examine = (bundle: Bundle): Result<Examined> => {
  const signed = verifyContract(bundle.contract);
  if (!signed.ok)
    return refuseAt("contract", "bundle-contract", `The contract does not hold: ${signed.error.message}`, {
      field: String(signed.error.data?.["field"] ?? "signature"),
    });
  const { contract } = signed.value;
  const community = communityId(contract);
  const trusted = checkTrust(firstVoters(contract), community, bundle.hops, bundle.final);
  if (!trusted.ok) return trusted;
  const final = bundle.final.certificate.header;
  const period = checkPeriod(bundle, final);
  if (!period.ok) return period;
  const rows = checkMembers(bundle, final);
  if (!rows.ok) return rows;
  const history = checkHistory(bundle, community, final);
  if (!history.ok) return history;
  const credits = checkCredits(bundle, community);
  if (!credits.ok) return credits;
  const row = rows.value.get(bundle.claim.member);
  if (row === undefined) return refuseAt("members", "bundle-member", "The member's row is missing.");
  const sound = checkSum(bundle, credits.value, row);
  if (!sound.ok) return sound;
  const jobs = jobsOf(bundle, community, rows.value);
  const parts = { bundle, community, trusted: trusted.value, row, credits: credits.value };
  return ok({
    jobs,
    conclude: (verdicts) => {
      const votes = checkVotes(trusted.value);
      if (!votes.ok) return votes;
      const signatures = checkSigners(bundle, rows.value, jobs, verdicts);
      return signatures.ok ? ok(factsOf(parts, signatures.value)) : signatures;
    },
  });
};

const begin = (raw: Uint8Array): Result<Examined> => {
  const opened = openBundle(raw);
  if (!opened.ok) return opened;
  const found = examine(opened.value.bundle);
  if (!found.ok || opened.value.sealFits) return found;
  // A signature may have been changed, which says more than that the seal does not fit.
  const conclude: Examined["conclude"] = (verdicts) => {
    const concluded = found.value.conclude(verdicts);
    return concluded.ok
      ? refuseAt(
          "seal",
          "bundle-seal",
          "The seal at the end does not fit: the claimed period, or the seal itself, was changed after the file was made.",
        )
      : concluded;
  };
  return ok({ jobs: found.value.jobs, conclude });
};

/**
 * The whole check, pure. Refusals have `data.place`: the part of the file in which something does not hold. Never throws,
 * whatever the bytes.
 */
export const checkBundle = (raw: Uint8Array): Result<ProofFileView> => {
  const begun = begin(raw);
  return begun.ok ? begun.value.conclude(begun.value.jobs.map(verify)) : begun;
};

/** The same answer, the distributions' signatures checked by the engine's WebCrypto: of a month, ten times as fast. */
export const checkBundleSoon = async (raw: Uint8Array): Promise<Result<ProofFileView>> => {
  const begun = begin(raw);
  return begun.ok ? begun.value.conclude(await verifyAll(begun.value.jobs)) : begun;
};
