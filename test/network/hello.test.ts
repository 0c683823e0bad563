/** Hello: who gets in, who does not and why, whatever order or rubbish arrives. */
import fc from "fast-check";
import { PROTOCOL_VERSION } from "../../worker/network/network.ts";
import { describe, expect, it } from "vitest";
import { utf8ToBytes } from "../../worker/base/bytes.ts";
import { sha256 } from "../../worker/base/hash.ts";
import { ok, refuse } from "../../worker/base/result.ts";
import {
  decodeControl,
  encodeControl,
  explain,
  INVITATION_LIMIT,
  REFUSAL_CODES,
} from "../../worker/network/control.ts";
import { CONTROL_LIMIT } from "../../worker/network/framing.ts";
import { createHello, type HelloMachine, type HelloOptions, type HelloOutcome } from "../../worker/network/hello.ts";
import { keyOf, secretOf, selfOf, type Role } from "../contracts/network-checks.ts";

const digest = (text: string): Uint8Array => sha256(utf8ToBytes(text));

const sideOf = (role: Role, dialler: boolean, change: Partial<HelloOptions> = {}): HelloMachine =>
  createHello({
    self: selfOf(role),
    dialler,
    nonce: digest(`nonce ${role.name} ${dialler}`),
    session: digest(`session ${role.name}`).slice(0, 16),
    dial: dialler ? 5 : 0,
    localFingerprint: dialler ? "sha-256 AA" : "sha-256 BB",
    remoteFingerprint: dialler ? "sha-256 BB" : "sha-256 AA",
    ...change,
  });

type Ending = { readonly dialler: HelloOutcome | null; readonly answerer: HelloOutcome | null };

/** Passes messages to and fro until both are silent; `alter` sits in between. */
const converse = (
  dialler: HelloMachine,
  answerer: HelloMachine,
  alter = (bytes: Uint8Array): Uint8Array => bytes,
): Ending => {
  const ends: { dialler: HelloOutcome | null; answerer: HelloOutcome | null } = { dialler: null, answerer: null };
  const queue: ["dialler" | "answerer", Uint8Array][] = [
    ["answerer", dialler.first],
    ["dialler", answerer.first],
  ];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [to, bytes] = next;
    const step = (to === "dialler" ? dialler : answerer).step(alter(bytes));
    ends[to] ??= step.outcome;
    for (const reply of step.send) queue.push([to === "dialler" ? "answerer" : "dialler", reply]);
  }
  return ends;
};

const codes = ({ dialler, answerer }: Ending): unknown =>
  [dialler, answerer].map((end) => (end?.kind === "refused" ? `${end.by}: ${end.refusal.code}` : end?.kind));

describe("hello", () => {
  it("ends up on both sides with the other's identity, session and count of dials", () => {
    const invitation = utf8ToBytes("invitation");
    const { dialler, answerer } = converse(
      sideOf({ name: "a" }, true),
      sideOf({ name: "b", identity: { role: "applicant", invitation } }, false),
    );
    expect(dialler).toEqual({
      kind: "up",
      identity: { key: keyOf("b"), role: "applicant", invitation },
      session: digest("session b").slice(0, 16),
      dial: 0,
    });
    expect(answerer).toEqual({
      kind: "up",
      identity: { key: keyOf("a"), role: "member" },
      session: digest("session a").slice(0, 16),
      dial: 5,
    });
  });

  it("carries the longest invitation within one control message", () => {
    const invitation = new Uint8Array(INVITATION_LIMIT).fill(1);
    expect(sideOf({ name: "a", identity: { role: "applicant", invitation } }, true).first.length).toBeLessThan(
      CONTROL_LIMIT,
    );
  });

  it("reads fingerprints as SDP means them: case and spaces do not matter", () => {
    const answerer = sideOf({ name: "b" }, false, {
      localFingerprint: "SHA-256  bb ",
      remoteFingerprint: "sha-256 aa",
    });
    expect(codes(converse(sideOf({ name: "a" }, true), answerer))).toEqual(["up", "up"]);
  });

  it("a signalling server in between shows certificates of its own, and both sides find out", () => {
    const dialler = sideOf({ name: "a" }, true, { remoteFingerprint: "sha-256 MIDDLE-1" });
    const answerer = sideOf({ name: "b" }, false, { remoteFingerprint: "sha-256 MIDDLE-2" });
    expect(codes(converse(dialler, answerer))).toEqual(["us: fingerprint-mismatch", "us: fingerprint-mismatch"]);
  });

  it("whoever changes the fingerprints in a proof breaks its signature", () => {
    const alter = (bytes: Uint8Array): Uint8Array => {
      const decoded = decodeControl(bytes);
      return decoded.ok && decoded.value.kind === "proof"
        ? encodeControl({ ...decoded.value, diallerPrint: digest("other") })
        : bytes;
    };
    expect(codes(converse(sideOf({ name: "a" }, true), sideOf({ name: "b" }, false), alter))).toEqual([
      "us: bad-signature",
      "us: bad-signature",
    ]);
  });

  it("a recorded hello and proof do not open a second link, nor does a proof serve the other side", () => {
    const proofs: Uint8Array[] = [];
    const a = sideOf({ name: "a" }, true);
    converse(a, sideOf({ name: "b" }, false), (bytes) => {
      const decoded = decodeControl(bytes);
      if (decoded.ok && decoded.value.kind === "proof") proofs.push(bytes);
      return bytes;
    });
    expect(proofs).toHaveLength(2);
    for (const proof of proofs) {
      const later = sideOf({ name: "b" }, false, { nonce: digest("later") });
      expect(later.step(a.first).outcome).toBeNull();
      expect(later.step(proof).outcome).toMatchObject({
        kind: "refused",
        by: "us",
        refusal: { code: "bad-signature" },
      });
    }
    // Of the two, only the dialler's own passes at the answerer, and only with the nonce that it signed.
    const verdicts = proofs.map((proof) => heard(a.first).step(proof).outcome?.kind ?? "accepted");
    expect(verdicts.toSorted()).toEqual(["accepted", "refused"]);
  });

  it("its own greeting sent back is replayed, and its own key elsewhere is another device with it", () => {
    const a = sideOf({ name: "a" }, false);
    expect(a.step(a.first).outcome).toMatchObject({ by: "us", refusal: { code: "replayed" } });
    const other = sideOf({ name: "a" }, true, { session: digest("other device").slice(0, 16) });
    expect(codes(converse(other, sideOf({ name: "a" }, false)))).toEqual(["us: same-key", "us: same-key"]);
  });

  it("a hello of another version is told from rubbish, and says to update", () => {
    const newer = sideOf({ name: "a" }, true).first.slice();
    newer[1] = PROTOCOL_VERSION + 1;
    const outcome = sideOf({ name: "b" }, false).step(newer).outcome;
    expect(outcome).toMatchObject({
      kind: "refused",
      by: "us",
      refusal: { code: "other-version", data: { theirs: PROTOCOL_VERSION + 1 } },
    });
    expect(outcome?.kind === "refused" ? outcome.refusal.message : "").toMatch(/update/u);
  });

  it("asks whether somebody may come in only after the key is proved, at that moment", () => {
    const asked: string[] = [];
    const admit = ({ key }: { key: string }) => (asked.push(key), ok(undefined));
    converse(sideOf({ name: "a", secret: secretOf("thief") }, true), sideOf({ name: "b", admit }, false));
    expect(asked).toEqual([]);
    converse(sideOf({ name: "a" }, true), sideOf({ name: "b", admit }, false));
    expect(asked).toEqual([keyOf("a")]);
  });

  it("a refusal of ours that has no word on the wire travels as not-a-member and is kept whole here", () => {
    const admit = () => refuse("left-yesterday", "They left yesterday.", "ignore");
    const ending = converse(sideOf({ name: "a" }, true), sideOf({ name: "b", admit }, false));
    expect(codes(ending)).toEqual(["them: not-a-member", "us: left-yesterday"]);
  });

  it.each(REFUSAL_CODES)("has one plain sentence for each side of %s", (code) => {
    for (const by of ["us", "them"] as const) expect(explain(code, by).message).toMatch(/^[A-Z].*[;,].*\.$/u);
  });

  it("messages out of their order are refused", () => {
    const accept = encodeControl({ kind: "accept" });
    expect(sideOf({ name: "b" }, false).step(accept).outcome).toMatchObject({ refusal: { code: "malformed" } });
    const b = sideOf({ name: "b" }, false);
    const hello = sideOf({ name: "a" }, true).first;
    b.step(hello);
    expect(b.step(hello).outcome).toMatchObject({ refusal: { code: "malformed" } });
    expect(b.step(hello)).toEqual({ send: [], outcome: null });
  });

  it("never throws on rubbish, never lets it in, and control messages re-encode to themselves", () => {
    const a = sideOf({ name: "a" }, true);
    const honest: Uint8Array[] = [];
    converse(a, sideOf({ name: "b" }, false), (bytes) => (honest.push(bytes), bytes));
    const mutated = fc
      .tuple(fc.constantFrom(...honest), fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([bytes, at, by]) => {
        const copy = bytes.slice();
        const place = at % copy.length;
        copy[place] = (copy[place] ?? 0) ^ by;
        return copy;
      });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), { minLength: 1, maxLength: 4 }),
        (messages) => {
          const b = sideOf({ name: "b" }, false);
          b.step(a.first);
          for (const bytes of messages) {
            expect(b.step(bytes).outcome?.kind).not.toBe("up");
            const decoded = decodeControl(bytes);
            expect(decoded.ok ? encodeControl(decoded.value) : bytes).toEqual(bytes);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** The same answerer again, after the dialler's hello. */
const heard = (hello: Uint8Array): HelloMachine => {
  const machine = sideOf({ name: "b" }, false);
  machine.step(hello);
  return machine;
};
