/** Signature checks on two cores: the same verdicts in the same order as on one. */
import { afterAll, describe, expect, it } from "vitest";
import { blsSign } from "../../worker/base/bls.ts";
import { startThreadEngine } from "../../worker/cli/thread-verifier.ts";
import { memberKeys } from "../../worker/lab/community.ts";
import { localEngine } from "../../worker/shell/verifier.ts";

const { engine, close } = startThreadEngine();
afterAll(close);

describe("the engine with a thread", () => {
  const keys = [0, 1].map((i) => memberKeys("thread", i));
  const jobs = Array.from({ length: 7 }, (_, n) => {
    const [owner, signer] = n % 3 === 2 ? [keys[0], keys[1]] : [keys[0], keys[0]];
    const message = new Uint8Array(32).fill(n);
    if (owner === undefined || signer === undefined) throw new Error("there are two keys");
    return { key: owner.blsKey, message, signature: blsSign(message, signer.blsSecret) };
  });

  it.each([0, 1, 5, 6, 7])("of %i jobs says what the local one says", async (count) => {
    const some = jobs.slice(0, count);
    const expected = some.map((_, n) => n % 3 !== 2);
    expect(await engine.bls(some)).toEqual(expected);
    expect(await localEngine.bls(some)).toEqual(expected);
  });

  it("keeps batches apart that are asked at once", async () => {
    const [a, b] = await Promise.all([engine.bls(jobs), engine.bls(jobs.toReversed())]);
    expect(b).toEqual(a.toReversed());
  });
});
