/** A thread that checks BLS signatures for the pilot. Plain JavaScript, so that it can teach its Node to read TypeScript. */
// @ts-check
import { parentPort } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { blsVerifyMany } = await import("../base/bls.ts");
parentPort?.on("message", ({ id, jobs }) => parentPort?.postMessage({ id, verdicts: blsVerifyMany(jobs) }));
