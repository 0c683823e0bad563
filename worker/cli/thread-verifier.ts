/** Signature checks on two cores: half of a large batch in a thread, half here. The checks are shell/verifier.ts's. */
import { Worker } from "node:worker_threads";
import type { BlsJob } from "../base/bls.ts";
import { localEngine, type Engine } from "../shell/verifier.ts";

/** Fewer jobs than this are done sooner in one place than in two. */
const WORTH_HALVING = 6;

/** `close` ends the thread; a verdict still due then never comes. */
export const startThreadEngine = (): { readonly engine: Engine; readonly close: () => void } => {
  const thread = new Worker(new URL("./verifier-thread.mjs", import.meta.url));
  const waiting = new Map<
    number,
    { resolve: (verdicts: readonly boolean[]) => void; reject: (error: Error) => void }
  >();
  let next = 0;
  thread.on("message", ({ id, verdicts }: { id: number; verdicts: readonly boolean[] }) => {
    waiting.get(id)?.resolve(verdicts);
    waiting.delete(id);
  });
  thread.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  const there = (jobs: readonly BlsJob[]): Promise<readonly boolean[]> =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      thread.postMessage({ id, jobs });
    });
  const engine: Engine = {
    ...localEngine,
    bls: async (jobs) => {
      if (jobs.length < WORTH_HALVING) return localEngine.bls(jobs);
      const middle = jobs.length >> 1;
      const far = there(jobs.slice(0, middle));
      const near = await localEngine.bls(jobs.slice(middle));
      return [...(await far), ...near];
    },
  };
  return { engine, close: () => void thread.terminate() };
};
