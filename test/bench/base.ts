/**
 * What base costs, in Node and in a browser's worker alike: no import of either. Signatures are compared with bare
 * WebCrypto in the same run, round by round in turn, so that a busy machine slows both.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { BLS_SIGNATURE_BYTES, blsPublicKey, blsSecretFrom, nobleBls } from "../../worker/base/bls.ts";
import type { Bls, BlsJob } from "../../worker/base/bls-scheme.ts";
import { fromHex, toHex } from "../../worker/base/bytes.ts";
import { publicKeyOf, sign, verify, verifyAll, type SignatureJob } from "../../worker/base/ed25519.ts";
import { merkleRoot } from "../../worker/base/merkle.ts";

export type Figure = { readonly name: string; readonly value: number; readonly unit: string };
export type Bench = { readonly name: string; readonly run: () => Promise<Figure[]> };

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds that `work` takes; its answer must be true, so that nothing wrong is timed. */
const timed = async (work: () => boolean | Promise<boolean>): Promise<number> => {
  const from = performance.now();
  const right = await work();
  const took = performance.now() - from;
  if (!right) throw new Error("what was to be timed gave a wrong answer");
  return took;
};

const seedOf = (n: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (n * 31 + i * 7 + (n >> 8)) & 255);

const JOBS = 2000;
const SIGNERS = 50;
const ROUNDS = 7;

const signatureJobs = (): SignatureJob[] => {
  const signers = Array.from({ length: SIGNERS }, (_, i) => seedOf(i)).map((s) => ({ secret: s, key: publicKeyOf(s) }));
  return Array.from({ length: JOBS }, (_, i) => {
    const signer = signers[i % SIGNERS];
    if (signer === undefined) throw new Error("no signer");
    // About the size of a generation with its transfer.
    const message = new Uint8Array(180).fill(i & 255);
    message[0] = i >> 8;
    return { key: signer.key, message, signature: sign(message, signer.secret) };
  });
};

/** Bare WebCrypto with its keys imported already, or null where the engine lacks Ed25519. */
export const bareWebCrypto = async (jobs: readonly SignatureJob[]): Promise<(() => Promise<boolean>) | null> => {
  const plain = (raw: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(raw);
  try {
    const keys = new Map<string, Promise<CryptoKey>>();
    for (const { key } of jobs)
      if (!keys.has(key))
        keys.set(key, crypto.subtle.importKey("raw", plain(fromHex(key)), "Ed25519", false, ["verify"]));
    const calls: (() => Promise<boolean>)[] = [];
    for (const job of jobs) {
      const key = await keys.get(job.key);
      const [signature, message] = [plain(job.signature), plain(job.message)];
      if (key !== undefined) calls.push(() => crypto.subtle.verify("Ed25519", key, signature, message));
    }
    return async () => (await Promise.all(calls.map((call) => call()))).every(Boolean);
  } catch {
    return null;
  }
};

const signatures: Bench = {
  name: `Ed25519: ${JOBS} signatures of ${SIGNERS} keys`,
  run: async () => {
    const jobs = signatureJobs();
    const few = jobs.slice(0, 200);
    const noble = await timed(() => few.every(verify));
    const bare = await bareWebCrypto(jobs);
    const own = async (): Promise<boolean> => (await verifyAll(jobs)).every(Boolean);
    const perSecond = (ms: number, count = JOBS): number => Math.round((count * 1000) / ms);
    const figures: Figure[] = [{ name: "noble alone", value: perSecond(noble, few.length), unit: "per second" }];
    const [bareTimes, ownTimes]: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round++) {
      const times = [bare === null ? 0 : await timed(bare), await timed(own)] as const;
      // The first round warms up.
      if (round === 0) continue;
      bareTimes.push(times[0]);
      ownTimes.push(times[1]);
    }
    figures.push({ name: "verifyAll", value: perSecond(median(ownTimes)), unit: "per second" });
    if (bare !== null)
      figures.push(
        { name: "bare WebCrypto", value: perSecond(median(bareTimes)), unit: "per second" },
        { name: "verifyAll to bare WebCrypto", value: median(bareTimes) / median(ownTimes), unit: "times as fast" },
      );
    return figures;
  },
};

const LEAVES = 10_000;

const merkle: Bench = {
  name: `Merkle root of ${LEAVES} leaves of 200 bytes`,
  run: async () => {
    const leaves = Array.from({ length: LEAVES }, (_, i) => new Uint8Array(200).fill(i & 255));
    const times: number[] = [];
    for (let round = 0; round < 2 * ROUNDS; round++) times.push(await timed(() => merkleRoot(leaves).length === 32));
    return [{ name: "root", value: median(times.slice(ROUNDS)), unit: "ms" }];
  },
};

const VOTERS = 200;

/** Votes are made anew for each round, so that what a check remembers of the last one is not what is timed. */
export const votesOn = (library: string, bls: Bls): Bench => ({
  name: `BLS on ${library}: certificate of ${VOTERS} votes`,
  run: async () => {
    const secrets = Array.from({ length: VOTERS }, (_, i) => blsSecretFrom(seedOf(i)));
    const keys = secrets.map(blsPublicKey);
    const round = (n: number) => {
      const message = Uint8Array.of(n);
      return { message, shares: secrets.map((secret) => bls.sign(message, secret)) };
    };
    const [first, ...later] = [0, 1, 2, 3].map(round);
    if (first === undefined) throw new Error("no round");
    const check = ({ message, shares }: typeof first): Promise<number> => {
      const sum = bls.aggregate(shares);
      return timed(() => sum !== null && bls.verify({ keys, message, signature: sum }));
    };
    const unknown = await check(first);
    const batches: number[] = [];
    const sums: number[] = [];
    const known: number[] = [];
    for (const { message, shares } of later) {
      const jobs = keys.map((key, i) => ({ keys: [key], message, signature: shares[i] ?? new Uint8Array() }));
      batches.push(await timed(() => bls.verifyMany(jobs).every(Boolean)));
      sums.push(await timed(() => bls.aggregate(shares)?.length === BLS_SIGNATURE_BYTES));
    }
    for (const n of [10, 11, 12, 13, 14]) known.push(await check(round(n)));
    return [
      { name: "certificate checked, keys seen for the first time", value: unknown, unit: "ms" },
      { name: "certificate checked, keys known", value: median(known), unit: "ms" },
      { name: `${VOTERS} single votes checked at once`, value: median(batches), unit: "ms" },
      { name: `${VOTERS} checked votes added up`, value: median(sums), unit: "ms" },
    ];
  },
});

const CANDIDACIES = 17;
const ORDER = bls12_381.fields.Fr.ORDER;

/**
 * What a block rests on: its miner's draw and the candidacies', approvals and confirmations. Each round is of a block of
 * its own, the keys are known.
 */
export const blockVotesOn = (library: string, bls: Bls): Bench => ({
  name: `BLS on ${library}: a block of ${CANDIDACIES} candidacies and two groups of ${VOTERS} votes`,
  run: async () => {
    const secrets = Array.from({ length: VOTERS }, (_, i) => blsSecretFrom(seedOf(i)));
    const keys = secrets.map(blsPublicKey);
    // Who knows all secrets signs for all at once.
    const sum = secrets.reduce((n, secret) => (n + BigInt(`0x${toHex(secret)}`)) % ORDER, 0n);
    const everybody = fromHex(sum.toString(16).padStart(64, "0"));
    let messages = 0;
    const blockJobs = (): { draws: BlsJob[]; groups: BlsJob[] } => {
      const draw = Uint8Array.of(1, messages++);
      const draws = secrets.slice(0, 1 + CANDIDACIES).map((secret, i): BlsJob => {
        return { keys: keys.slice(i, i + 1), message: draw, signature: bls.sign(draw, secret) };
      });
      const groups = [2, 3].map((kind): BlsJob => {
        const message = Uint8Array.of(kind, messages++);
        return { keys, message, signature: bls.sign(message, everybody) };
      });
      return { draws, groups };
    };
    const times: Record<"one" | "each" | "forged", number[]> = { one: [], each: [], forged: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      const [first, second, third] = [blockJobs(), blockJobs(), blockJobs()];
      const one = await timed(() => bls.verifyMany([...first.draws, ...first.groups]).every(Boolean));
      const each = await timed(() => bls.verifyMany(second.draws).every(Boolean) && second.groups.every(bls.verify));
      const jobs = [...third.draws, ...third.groups].map((job, i) =>
        i === 7 ? { ...job, signature: bls.sign(job.message, everybody) } : job,
      );
      const forged = await timed(() => bls.verifyMany(jobs).every((good, i) => good === (i !== 7)));
      // The first round warms up.
      if (round === 0) continue;
      times.one.push(one);
      times.each.push(each);
      times.forged.push(forged);
    }
    return [
      { name: "all in one check", value: median(times.one), unit: "ms" },
      { name: "a check for each message", value: median(times.each), unit: "ms" },
      { name: "all at once, a false draw found", value: median(times.forged), unit: "ms" },
    ];
  },
});

export const baseBenches: readonly Bench[] = [
  signatures,
  merkle,
  votesOn("noble", nobleBls),
  blockVotesOn("noble", nobleBls),
];
