/** Runs the Store checks in this page, or in a worker of it, against the browser's own IndexedDB. */
import { openIndexedDb } from "../../worker/storage/indexeddb.ts";
import { StoreError } from "../../worker/storage/store.ts";
import { storeChecks, type StoreBed } from "../contracts/store-checks.ts";
import { killer, migrationChecks } from "../storage/migration-checks.ts";

/** What the test in Node calls. */
export type StorePage = {
  runCheck: (name: string) => Promise<string>;
  runCheckInWorker: (name: string) => Promise<string>;
  openingCode: () => Promise<string>;
};

const isWorker = typeof document === "undefined";
let names = 0;

const createBed = (): StoreBed => {
  const name = `checks-${isWorker ? "worker" : "page"}-${(names += 1)}-${Math.round(performance.timeOrigin)}`;
  return {
    open: () => openIndexedDb(name),
    // The test made the disk small before this page opened anything: browsers remember for a while how much is left.
    fill: async () => ({}),
  };
};

const runCheck = async (name: string): Promise<string> => {
  const check = storeChecks.find((one) => one.name === name);
  const migration = migrationChecks.find((one) => one.name === name);
  try {
    if (check !== undefined) await check.run(createBed());
    else if (migration === undefined) return "no such check";
    else
      await migration.run({ name: `earlier-${(names += 1)}-${Math.round(performance.timeOrigin)}`, killAfter: killer });
    return "ok";
  } catch (cause) {
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  }
};

const runCheckInWorker = (name: string): Promise<string> =>
  new Promise((done) => {
    const worker = new Worker("checks.js");
    worker.addEventListener("message", ({ data }: MessageEvent<string>) => {
      worker.terminate();
      done(data);
    });
    worker.postMessage(name);
  });

const openingCode = async (): Promise<string> => {
  try {
    await (await openIndexedDb("opening")).close();
    return "opened";
  } catch (cause) {
    return cause instanceof StoreError ? cause.code : String(cause);
  }
};

if (isWorker) {
  addEventListener(
    "message",
    ({ data }: MessageEvent<string>) => void runCheck(data).then((result) => postMessage(result)),
  );
} else {
  const page: StorePage = { runCheck, runCheckInWorker, openingCode };
  Object.assign(globalThis, page);
}
