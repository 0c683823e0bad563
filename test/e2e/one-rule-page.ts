/** Checks the edges of Ed25519 in a worker of this page: by noble, and by the browser's WebCrypto with noble behind it. */
import { verify, verifyAll } from "../../worker/base/ed25519.ts";
import { edges } from "../base/ed25519-edges.ts";

export type Verdicts = {
  readonly what: string;
  readonly expected: readonly boolean[];
  readonly judge: readonly boolean[];
  readonly accelerated: readonly boolean[];
};

/** What the test in Node calls. */
export type OneRulePage = { readonly verdicts: () => Promise<Verdicts[]> };

const verdicts = (): Promise<Verdicts[]> =>
  Promise.all(
    Object.values(edges()).map(async ({ what, jobs, valid }) => ({
      what,
      expected: valid,
      judge: jobs.map(verify),
      accelerated: await verifyAll(jobs),
    })),
  );

if (typeof document === "undefined") {
  void verdicts().then((all) => postMessage(all));
} else {
  const inWorker = (): Promise<Verdicts[]> =>
    new Promise((resolve, reject) => {
      const worker = new Worker("checks.js");
      worker.addEventListener("message", (event: MessageEvent<Verdicts[]>) => resolve(event.data));
      worker.addEventListener("error", (event) => reject(new Error(event.message)));
    });
  Object.assign(globalThis, { verdicts: inWorker } satisfies OneRulePage);
}
