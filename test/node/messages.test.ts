/** What nodes say to each other (PROTOCOL.md §9): exactly one way to write it, everything bounded, rubbish refused. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../worker/base/bytes.ts";
import { verify } from "../../worker/base/ed25519.ts";
import { sign } from "../../worker/base/ed25519.ts";
import { taggedHex } from "../../worker/base/hash.ts";
import type { Hash, Millis } from "../../worker/base/units.ts";
import { memberKeys } from "../../worker/lab/community.ts";
import {
  applicationMessage,
  decodeItem,
  decodeMessage,
  encodeItem,
  encodeMessage,
  itemIdOf,
  MAX_BLOCKS,
  MAX_IDS,
  MAX_ITEMS,
  profileMessage,
  type Item,
  type ItemId,
  type Message,
} from "../../worker/node/messages.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => toHex<Hash>(b));
const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => toHex<ItemId>(b));
const count = fc.nat();
const time = fc.nat().map((n) => n as Millis);
const raw = fc.uint8Array({ maxLength: 40 });
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant("status" as const),
    head: hash,
    height: count,
    step: count,
    final: hash,
    finalHeight: count,
  }),
  fc.record({ kind: fc.constantFrom("have" as const, "want" as const), ids: fc.array(id, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant("items" as const), items: fc.array(raw, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant("ask-blocks" as const), locator: fc.array(hash, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant("blocks" as const), blocks: fc.array(raw, { maxLength: 3 }), more: fc.boolean() }),
  fc.record({
    kind: fc.constant("addresses" as const),
    addresses: fc.array(fc.stringMatching(/^[a-z0-9-]{0,40}$/), { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant("ping" as const), sent: time }),
  fc.record({ kind: fc.constant("pong" as const), sent: time, now: time }),
  fc.record({ kind: fc.constant("ask-hand-overs" as const), from: count, count }),
  fc.record({ kind: fc.constant("hand-overs" as const), from: count, handOvers: fc.constant([]) }),
);

describe("messages", () => {
  it("read as they were written", () => {
    fc.assert(
      fc.property(message, (m) => {
        expect(decodeMessage(encodeMessage(m))).toEqual({ ok: true, value: m });
      }),
      { numRuns: 200 },
    );
  });

  it("any bytes are refused, or are the one way to write what they say", () => {
    const mutated = fc.tuple(message, fc.nat(), fc.nat(255)).map(([m, at, by]) => {
      const copy = encodeMessage(m).slice();
      const place = at % copy.length;
      copy[place] = (copy[place] ?? 0) ^ by;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const read = decodeMessage(bytes);
        expect(read.ok ? "good" : `${read.error.code}, ${read.error.verdict}`).toMatch(/^(good|malformed, penalise)$/);
        expect(read.ok ? encodeMessage(read.value) : bytes).toEqual(bytes);
      }),
      { numRuns: 400 },
    );
  });

  it("no list is longer than its bound", () => {
    const ids = (n: number) => Array.from({ length: n }, () => "00".repeat(16) as ItemId);
    expect(decodeMessage(encodeMessage({ kind: "have", ids: ids(MAX_IDS) })).ok).toBe(true);
    const blobs = (n: number) => Array.from({ length: n }, () => new Uint8Array(1));
    expect(() => encodeMessage({ kind: "have", ids: ids(MAX_IDS + 1) })).toThrow();
    expect(() => encodeMessage({ kind: "items", items: blobs(MAX_ITEMS + 1) })).toThrow();
    expect(() => encodeMessage({ kind: "blocks", blocks: blobs(MAX_BLOCKS + 1), more: false })).toThrow();
    expect(() =>
      encodeMessage({ kind: "ask-blocks", locator: Array.from({ length: 65 }, () => "00".repeat(32) as Hash) }),
    ).toThrow();
  });
});

describe("items", () => {
  const keys = memberKeys("messages", 0);
  const community = taggedHex("test", Uint8Array.of(1));
  const unsigned = { key: keys.memberKey, name: "Ana", at: 5 as Millis };

  it("are named by the hash of their bytes: other bytes, another name", () => {
    const item: Item = { kind: "profile", profile: { ...unsigned, signature: new Uint8Array(64) } };
    const other: Item = { kind: "profile", profile: { ...item.profile, name: "Anna" } };
    expect(itemIdOf(encodeItem(item))).toBe(itemIdOf(encodeItem(structuredClone(item))));
    expect(itemIdOf(encodeItem(item))).not.toBe(itemIdOf(encodeItem(other)));
    expect(itemIdOf(encodeItem(item))).toMatch(/^[0-9a-f]{32}$/);
    expect(decodeItem(encodeItem(item))).toEqual({ ok: true, value: item });
  });

  it("a name is signed for one community, and an application is no name", () => {
    const signature = sign(profileMessage(community, unsigned), keys.memberSecret);
    const job = (message: Uint8Array) => ({ key: keys.memberKey, message, signature });
    expect(verify(job(profileMessage(community, unsigned)))).toBe(true);
    expect(verify(job(profileMessage(taggedHex("test", Uint8Array.of(2)), unsigned)))).toBe(false);
    expect(verify(job(profileMessage(community, { ...unsigned, name: "Bob" })))).toBe(false);
    const application = { ...unsigned, blsKey: keys.blsKey, blsProof: keys.blsProof };
    expect(verify(job(applicationMessage(community, application)))).toBe(false);
  });

  it("a name longer than its bound is refused", () => {
    const item: Item = {
      kind: "profile",
      profile: { ...unsigned, name: "a".repeat(81), signature: new Uint8Array(64) },
    };
    expect(() => encodeItem(item)).toThrow();
  });
});
