/**
 * Twenty-four hours of ten-second steps, compressed, in a worker of this page: three unchanged nodes on virtual time, one
 * of them on IndexedDB as a member has it. Posts how it stands after every tenth of the day. Votes are the lab's ideal
 * ones, as long as true ones; everything else is what a device does.
 */
import { memberKeys, LabCommunity, labContract } from "../../worker/lab/community.ts";
import { idealBls } from "../../worker/lab/sim/ideal-bls.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { mwh, type Millis } from "../../worker/base/units.ts";
import { communityId } from "../../worker/community/contract.ts";
import { openIndexedDb } from "../../worker/storage/indexeddb.ts";
import { TABLES, type Store } from "../../worker/storage/store.ts";

/** `kilobytes`: of values and keys on the disk, as counted by reading them all. */
export type Standing = {
  readonly blocks: number;
  readonly kilobytes: number;
  readonly records: number;
  readonly seconds: number;
};
export type DayPage = {
  readonly begin: (steps: number, parts: number) => void;
  readonly next: () => Promise<Standing>;
};

const T0 = 1_700_000_000_000 as Millis;
const TERMS = { resolutionMwh: 1_000, pMinW: 57, mpePpm: 20_000, pMaxW: 10_000 };
const PER_STEP_MWH = 4_000;
const READ_MS = 5_000;

const sizeOf = async (store: Store): Promise<{ kilobytes: number; records: number }> => {
  let [bytes, records] = [0, 0];
  for (const table of TABLES)
    for (const [key, value] of await store.entries(table)) {
      bytes += key.length + value.length;
      records += 1;
    }
  return { kilobytes: bytes / 1_000, records };
};

const run = async (steps: number, parts: number, post: (standing: Standing) => void): Promise<void> => {
  const keys = [0, 1, 2].map((i) => memberKeys("day", i));
  const signed = labContract(keys, { name: "A day", preset: "fast", quorum: "majority", t0: T0 }, [
    { owner: 0, terms: TERMS },
  ]);
  const { contract } = signed;
  const disk = await openIndexedDb("day");
  const time = new VirtualTime(T0, "day");
  const lab = new LabCommunity({
    time,
    signed,
    keys,
    community: communityId(contract),
    latency: () => 5,
    bls: idealBls(keys),
    setting: (i) => (i === 0 ? { store: () => disk } : {}),
  });
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
  const began = performance.now();
  for (let part = 1; part <= parts; part++) {
    await time.runUntil(T0 + Math.round((steps * part) / parts) * contract.stepMs + 3_000);
    lab.check();
    const seconds = (performance.now() - began) / 1_000;
    post({ blocks: lab.node(0).core.chain.head.header.height, seconds, ...(await sizeOf(disk)) });
  }
};

if (typeof document === "undefined") {
  self.addEventListener("message", ({ data }: MessageEvent<{ steps: number; parts: number }>) => {
    run(data.steps, data.parts, (standing) => postMessage(standing)).catch((error: unknown) => {
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
  const next = async (): Promise<Standing> => {
    for (;;) {
      const standing = come.shift();
      if (standing !== undefined) return standing;
      if (failure !== null) throw new Error(failure);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const page: DayPage = { begin: (steps, parts) => worker.postMessage({ steps, parts }), next };
  Object.assign(globalThis, page);
}
