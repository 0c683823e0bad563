/** Signature checks in bulk (PROTOCOL.md §3): every job its own verdict, what is known is not asked again. */
import { describe, expect, it } from "vitest";
import { blsAggregate, blsSign, nobleBls } from "../../worker/base/bls.ts";
import { sign } from "../../worker/base/ed25519.ts";
import type { Checks } from "../../worker/consensus/checks.ts";
import { memberKeys } from "../../worker/lab/community.ts";
import { createVerifier, engineOn, VerdictMemory, type Engine } from "../../worker/shell/verifier.ts";

const [a, b] = [memberKeys("verifier", 0), memberKeys("verifier", 1)];
const message = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const ed = (n: number, good = true) => ({
  key: good ? a.memberKey : b.memberKey,
  message: message(n),
  signature: sign(message(n), a.memberSecret),
});
const bls = (n: number, good = true) => ({
  keys: [good ? a.blsKey : b.blsKey],
  message: message(n),
  signature: blsSign(message(n), a.blsSecret),
});
const checks = (part: Partial<Checks>): Checks => ({ ed25519: [], bls: [], ...part });

const local = engineOn(nobleBls);

/** An engine that counts what it is really asked. */
const counting = (): { engine: Engine; asked: { ed25519: number; bls: number } } => {
  const asked = { ed25519: 0, bls: 0 };
  const engine: Engine = {
    ed25519: (jobs) => ((asked.ed25519 += jobs.length), local.ed25519(jobs)),
    bls: (jobs) => ((asked.bls += jobs.length), local.bls(jobs)),
  };
  return { engine, asked };
};

describe("the verifier", () => {
  it("gives one verdict a job, in order, true and false mixed", async () => {
    const verify = createVerifier(new VerdictMemory());
    const sum = blsAggregate([bls(3).signature, blsSign(message(3), b.blsSecret)]) ?? new Uint8Array();
    const aggregate = { keys: [a.blsKey, b.blsKey], message: message(3), signature: sum };
    const verdicts = await verify(
      checks({
        ed25519: [ed(1), ed(2, false), ed(3)],
        bls: [bls(1, false), bls(2), aggregate, { ...aggregate, keys: [a.blsKey] }],
      }),
    );
    expect(verdicts).toEqual({ ed25519: [true, false, true], bls: [false, true, true, false] });
    expect(await verify(checks({}))).toEqual({ ed25519: [], bls: [] });
  });

  it("forgets the oldest verdicts where their names grow long, few or many", () => {
    const memory = new VerdictMemory();
    const name = (n: number): string => `${n}`.padEnd(1_000_000, "/");
    for (let n = 0; n < 20; n++) memory.set(name(n % 10), true);
    expect([0, 1, 2, 9].map((n) => memory.get(name(n)))).toEqual([undefined, undefined, true, true]);
  });

  it("remembers verdicts, true and false, and asks about each job once, also within one batch", async () => {
    const { engine, asked } = counting();
    const verify = createVerifier(new VerdictMemory(), engine);
    const jobs = checks({ ed25519: [ed(1), ed(1), ed(1, false)], bls: [bls(1), bls(1)] });
    const first = await verify(jobs);
    expect(asked).toEqual({ ed25519: 2, bls: 1 });
    expect(await verify(jobs)).toEqual(first);
    expect(first).toEqual({ ed25519: [true, true, false], bls: [true, true] });
    expect(asked).toEqual({ ed25519: 2, bls: 1 });
  });

  it("a verdict is about message, signature and key together", async () => {
    const verify = createVerifier(new VerdictMemory());
    await verify(checks({ ed25519: [ed(1)] }));
    const other = { ...ed(1), message: message(2) };
    const stranger = { ...ed(1), key: b.memberKey };
    expect((await verify(checks({ ed25519: [other, stranger, ed(1)] }))).ed25519).toEqual([false, false, true]);
  });

  it("nodes of one process share what they know", async () => {
    const { engine, asked } = counting();
    const memory = new VerdictMemory();
    await createVerifier(memory, engine)(checks({ bls: [bls(1)] }));
    expect((await createVerifier(memory, engine)(checks({ bls: [bls(1)] }))).bls).toEqual([true]);
    expect(asked.bls).toBe(1);
  });
});
