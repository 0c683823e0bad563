/** Measures in a worker of this page what node.bench.ts measures in Node, with the disk that a member has. */
import { openIndexedDb } from "../../worker/storage/indexeddb.ts";
import { baseBenches, type Figure } from "./base.ts";
import { blockBench } from "./block.ts";
import { proofBench } from "./proof.ts";
import { syncBench } from "./sync.ts";

export type Measured = { readonly title: string; readonly figures: readonly Figure[] };
/** What the test in Node calls. */
export type BenchPage = { readonly measure: () => Promise<Measured[]> };

const inWorker = async (): Promise<Measured[]> => {
  let disks = 0;
  const open = () => openIndexedDb(`bench-${(disks += 1)}`);
  const benches = [...baseBenches, blockBench("IndexedDB", open), syncBench(open), proofBench];
  const out: Measured[] = [];
  for (const { name, run } of benches) out.push({ title: name, figures: await run() });
  return out;
};

if (typeof document === "undefined") {
  void inWorker().then(postMessage);
} else {
  const measure = (): Promise<Measured[]> =>
    new Promise((resolve, reject) => {
      const worker = new Worker("checks.js");
      worker.addEventListener("message", (event: MessageEvent<Measured[]>) => resolve(event.data));
      worker.addEventListener("error", (event) => reject(new Error(event.message)));
    });
  Object.assign(globalThis, { measure } satisfies BenchPage);
}
