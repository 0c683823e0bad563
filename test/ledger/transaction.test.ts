/** Transactions: what an id names and what it does not, who must have signed, and one encoding each. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../worker/base/bytes.ts";
import { decode, encode } from "../../worker/base/codec.ts";
import { publicKeyOf, verify } from "../../worker/base/ed25519.ts";
import { taggedHex } from "../../worker/base/hash.ts";
import { memberIndex, mwh, stepIndex, type GeneratorIndex, type Hash } from "../../worker/base/units.ts";
import {
  bodyCodec,
  idOf,
  kindOrder,
  signerOf,
  signTx,
  txCodec,
  type Body,
  type TxKind,
} from "../../worker/ledger/transaction.ts";
import { idFrom, T0, worldOf } from "./worlds.ts";

const here = "11".repeat(32) as Hash;
const elsewhere = "22".repeat(32) as Hash;
const secret = new Uint8Array(32).fill(5);
const g = 1 as GeneratorIndex;
const auction = { member: memberIndex(2), step: stepIndex(8), parent: here };

/** One of each kind, in the order of a block. */
const bodies = (): Body[] => {
  const [terms] = worldOf({ members: 1, owners: [] }).contract.members;
  if (terms === undefined) throw new Error("a community has a founder");
  return [
    { kind: "generation", generator: g, step: stepIndex(8), from: mwh(5), to: mwh(9), at: T0, estimated: false },
    { kind: "transfer", generator: g, input: idFrom(1) },
    {
      kind: "distribution",
      step: stepIndex(8),
      inputs: [idFrom(1)],
      shares: [{ member: memberIndex(0), mwh: mwh(4) }],
    },
    {
      kind: "candidacy",
      ...auction,
      beacon: elsewhere,
      at: T0,
      tokens: [{ tx: idFrom(3), index: 300 }],
      draw: new Uint8Array(48),
    },
    { kind: "refund", ...auction, candidacies: [idFrom(4)] },
    {
      kind: "winner",
      ...auction,
      beacon: elsewhere,
      candidacies: [idFrom(4)],
      draw: new Uint8Array(48).fill(1),
      ranking: [memberIndex(0)],
    },
    { kind: "proposal", member: memberIndex(2), step: stepIndex(8), action: { kind: "member", terms } },
    { kind: "ballot", member: memberIndex(2), step: stepIndex(3), proposal: idFrom(5), yes: true },
  ];
};
const KINDS: TxKind[] = [
  "generation",
  "transfer",
  "distribution",
  "candidacy",
  "refund",
  "winner",
  "proposal",
  "ballot",
];

describe("a transaction's id", () => {
  it.each(KINDS.map((kind, i) => [kind, i] as const))("of a %s excludes its signature and its signer", (kind, i) => {
    const body = bodies()[i] as Body;
    expect(body.kind).toBe(kind);
    const [one, two] = [signTx(body, 0, here, secret), signTx(body, 3, here, new Uint8Array(32).fill(6))];
    expect(one.signature).not.toEqual(two.signature);
    expect(idOf(one.body, here)).toBe(idOf(two.body, here));
    expect(idOf(body, here)).toBe(taggedHex("tx", fromHex(here), encode(bodyCodec, body)));
  });

  it("is another in another community, whichever was asked first", () => {
    for (const body of bodies()) {
      const [a, b] = [idOf(body, here), idOf(body, elsewhere)];
      expect(a).not.toBe(b);
      expect(idOf(body, here)).toBe(a);
      expect(idOf(structuredClone(body), elsewhere)).toBe(b);
    }
  });

  it("is what is signed: a signature means nothing elsewhere", () => {
    const tx = signTx(bodies()[0] as Body, 1, here, secret);
    const signedFor = (community: Hash): boolean =>
      verify({ key: publicKeyOf(secret), message: fromHex(idOf(tx.body, community)), signature: tx.signature });
    expect([signedFor(here), signedFor(elsewhere)]).toEqual([true, false]);
  });

  it("differs with every byte of the body", () => {
    for (const body of bodies()) {
      const raw = encode(bodyCodec, body);
      const id = idOf(body, here);
      for (let at = 0; at < raw.length; at++) {
        const bad = raw.slice();
        bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
        const read = decode(bodyCodec, bad, "body");
        expect(read.ok && idOf(read.value, here) === id).toBe(false);
      }
    }
  });
});

describe("a transaction", () => {
  it("of each kind comes back from its bytes", () => {
    for (const body of bodies()) {
      const tx = signTx(body, 2, here, secret);
      expect(decode(txCodec, encode(txCodec, tx), "tx")).toEqual({ ok: true, value: tx });
    }
  });

  it("has one encoding: any bytes are refused or encode to themselves", () => {
    const raws = bodies().map((body) => encode(txCodec, signTx(body, 2, here, secret)));
    fc.assert(
      fc.property(fc.constantFrom(...raws), fc.nat(400), fc.nat(255), (raw, at, byte) => {
        const bad = raw.slice();
        bad[at % bad.length] = byte;
        const read = decode(txCodec, bad, "tx");
        expect(read.ok ? encode(txCodec, read.value) : bad).toEqual(bad);
      }),
      { numRuns: 400 },
    );
  });

  it("is signed by whom it concerns: the cryptometer, a holder of a VPP key, or the member", () => {
    expect(bodies().map((body) => signerOf(body))).toEqual([
      { role: "generator", index: 1 },
      { role: "generator", index: 1 },
      { role: "vpp" },
      ...Array.from({ length: 5 }, () => ({ role: "member", index: 2 })),
    ]);
  });

  it("stands in a block after what it needs: V, its transfer, its distribution, candidacies, refunds, the winner", () => {
    expect(KINDS.map(kindOrder)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
