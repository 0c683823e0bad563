/** Ed25519 on Node's own: one word with noble on every signature and verdict (PROTOCOL.md §3). */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { publicKeyOf, sign, signWith, verify, verifyAll, verifyWith } from "../../worker/base/ed25519.ts";
import { nativeEd25519 } from "../../worker/cli/native-ed25519.ts";
import { edges } from "../base/ed25519-edges.ts";

const native = nativeEd25519();
const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
const messages = fc.uint8Array({ maxLength: 100 });

afterEach(() => verifyWith(() => false));

describe("Ed25519 on Node's own", () => {
  it("signs as noble does, to the byte", () => {
    fc.assert(
      fc.property(secrets, messages, (secret, message) => {
        expect(native.signer(secret)(message)).toEqual(sign(message, secret));
      }),
      { numRuns: 30 },
    );
  });

  it("signs for the secret that it was given to, and for no other", () => {
    const [mine, same] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(7)];
    let asked = 0;
    const signer = native.signer(mine);
    signWith(mine, (message) => {
      asked += 1;
      return signer(message);
    });
    const message = Uint8Array.of(1, 2, 3);
    expect(sign(message, mine)).toEqual(sign(message, same));
    expect(asked).toBe(1);
  });

  it("finds true and false what the rule finds so", async () => {
    await fc.assert(
      fc.asyncProperty(
        secrets,
        messages,
        fc.nat(63),
        fc.integer({ min: 0, max: 255 }),
        async (secret, message, at, by) => {
          const signature = sign(message, secret);
          const bent = signature.map((byte, i) => (i === at ? byte ^ by : byte));
          const job = { key: publicKeyOf(secret), message, signature: bent };
          const nobles = verify(job);
          expect(nobles).toBe(by === 0);
          expect(await verifyAll([job], native.subtle)).toEqual([nobles]);
          verifyWith(native.isSigned);
          expect(verify(job)).toBe(nobles);
          verifyWith(() => false);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("has the rule's verdict on encodings and points at the edge", async () => {
    for (const { what, jobs, valid } of Object.values(edges()))
      expect(await verifyAll(jobs, native.subtle), what).toEqual(valid);
  });

  it("is asked first within a call, and its no is asked again", () => {
    const asked: boolean[] = [];
    verifyWith((job) => {
      const answer = native.isSigned(job);
      asked.push(answer);
      return answer;
    });
    for (const { what, jobs, valid } of Object.values(edges())) expect(jobs.map(verify), what).toEqual(valid);
    expect(new Set(asked)).toEqual(new Set([true, false]));
  });
});
