/**
 * Twenty-four hours of ten-second steps, compressed, in a worker of this page: three unchanged nodes on virtual time, each
 * on an IndexedDB of its own as a member has it, one of them with a small budget for bodies. Posts how they stand after
 * every part of the day. Votes are the lab's ideal ones, as long as true ones; everything else is what a device does.
 */
import { encode } from "../../worker/base/codec.ts";
import { memberKeys, LabCommunity, labContract } from "../../worker/lab/community.ts";
import { idealBls } from "../../worker/lab/sim/ideal-bls.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { mwh, type Millis } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { BUDGET_ROW, budgetCodec } from "../../worker/node/pruning.ts";
import { openIndexedDb } from "../../worker/storage/indexeddb.ts";
import { TABLES, type Store } from "../../worker/storage/store.ts";

/** Of keys and values, as counted by reading them all. */
export type DiskSize = {
  readonly kilobytes: number;
  readonly records: number;
  readonly bodyBytes: number;
  readonly bodies: number;
  readonly deltas: number;
};
/** `usual`: the disk of a node with the usual budget; `tight`: with a small one. */
export type Standing = {
  readonly blocks: number;
  readonly usual: DiskSize;
  readonly tight: DiskSize;
  readonly seconds: number;
};
export type Plan = { readonly steps: number; readonly parts: number; readonly bodies: number };
export type DayPage = {
  /** One part more; `bodies`: bytes of the small budget. */
  readonly next: (plan: Plan) => Promise<Standing>;
};

const T0 = 1_700_000_000_000 as Millis;
const TERMS = { resolutionMwh: 1_000, pMinW: 57, mpePpm: 20_000, pMaxW: 10_000 };
const PER_STEP_MWH = 4_000;
const READ_MS = 5_000;

const sizeOf = async (store: Store): Promise<DiskSize> => {
  let [bytes, records, bodyBytes, bodies, deltas] = [0, 0, 0, 0, 0];
  for (const table of TABLES)
    for (const [key, value] of await store.entries(table)) {
      bytes += key.length + value.length;
      records += 1;
      if (key.startsWith("delta/")) deltas += 1;
      if (!key.startsWith("body/")) continue;
      bodies += 1;
      bodyBytes += value.length;
    }
  return { kilobytes: bytes / 1_000, records, bodyBytes, bodies, deltas };
};

const run = async (
  { steps, parts, bodies }: Plan,
  go: () => Promise<void>,
  post: (standing: Standing) => void,
): Promise<void> => {
  const keys = [0, 1, 2].map((i) => memberKeys("day", i));
  const signed = labContract(keys, { name: "A day", preset: "fast", quorum: "majority", t0: T0 }, [
    { owner: 0, terms: TERMS },
  ]);
  const { contract } = signed;
  const [usual, tight, third] = await Promise.all(["usual", "tight", "third"].map(openIndexedDb));
  if (usual === undefined || tight === undefined || third === undefined) throw new Error("a browser has disks");
  const disks = [usual, tight, third];
  await tight.commit([{ table: "settings", key: BUDGET_ROW, value: encode(budgetCodec, { bodies }) }]);
  const time = new VirtualTime(T0, "day");
  const lab = new LabCommunity({
    time,
    signed,
    keys,
    community: communityId(contract),
    latency: () => 5,
    bls: idealBls(keys),
    setting: (i) => ({ store: (plain) => disks[i] ?? plain }),
  });
  // Stays at hand: what memory they use is asked after the last part, too.
  Object.assign(globalThis, { lab });
  for (const i of [0, 1, 2]) await lab.start(i);
  const config = {
    stepMs: contract.stepMs,
    t0: contract.t0,
    quantumMwh: mwh(1_000),
    mode: "per-step",
    tickMinMs: 1_000,
    graceMs: 200,
    journalMs: 1_000,
    pMaxW: TERMS.pMaxW,
    resolutionMwh: TERMS.resolutionMwh,
  } as const;
  const owner = keys[0];
  if (owner === undefined) throw new Error("the lab has an owner");
  const secret = cryptometerSecret(owner.seed, 0);
  const { runner } = lab.node(0);
  await runner.order({ kind: "add-meter", meter: "roof", label: "Roof", keyNumber: 0, config, terms: TERMS, secret });
  const read = (ms: number): void => {
    runner.reading("roof", mwh(Math.floor((ms * PER_STEP_MWH) / contract.stepMs)), (T0 + ms) as Millis);
    time.at(T0 + ms + READ_MS, () => read(ms + READ_MS));
  };
  read(0);
  let seconds = 0;
  for (let part = 1; part <= parts; part++) {
    await go();
    const began = performance.now();
    await time.runUntil(T0 + Math.round((steps * part) / parts) * contract.stepMs + 3_000);
    lab.check();
    seconds += (performance.now() - began) / 1_000;
    const blocks = lab.node(0).core.chain.head.header.height;
    post({ blocks, seconds, usual: await sizeOf(usual), tight: await sizeOf(tight) });
  }
};

if (typeof document === "undefined") {
  let begun = false;
  let [asked, wake] = [0, (): void => {}];
  // Each part waits for its question, so that memory is asked while nothing moves.
  const go = async (): Promise<void> => {
    for (;;) {
      if (asked > 0) break;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    asked -= 1;
  };
  self.addEventListener("message", ({ data }: MessageEvent<Plan>) => {
    asked += 1;
    wake();
    if (begun) return;
    begun = true;
    run(data, go, (standing) => postMessage(standing)).catch((error: unknown) => {
      // An error of the worker itself is what the page listens to.
      setTimeout(() => {
        throw error;
      });
    });
  });
} else {
  const worker = new Worker("checks.js");
  const come: Standing[] = [];
  let wake: () => void = () => {};
  let failure: string | null = null;
  worker.addEventListener("message", (event: MessageEvent<Standing>) => {
    come.push(event.data);
    wake();
  });
  worker.addEventListener("error", (event) => {
    failure = event.message;
    wake();
  });
  const next = async (plan: Plan): Promise<Standing> => {
    worker.postMessage(plan);
    for (;;) {
      const standing = come.shift();
      if (standing !== undefined) return standing;
      if (failure !== null) throw new Error(failure);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const page: DayPage = { next };
  Object.assign(globalThis, page);
}
