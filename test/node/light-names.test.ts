/** What a light node's neighbours are called (PROTOCOL.md §8): their own word on their own link, and no more than a community has. */
import { describe, expect, it } from "vitest";
import type { Hash, PublicKey } from "../../worker/base/units.ts";
import { MAX_MEMBERS } from "../../worker/community/repartition.ts";
import type { DiskOp } from "../../worker/node/events.ts";
import { LightNames } from "../../worker/node/light-names.ts";
import { encodeItem, type Profile } from "../../worker/node/messages.ts";

const keyOf = (n: number): PublicKey => n.toString(16).padStart(64, "0") as PublicKey;
const profileOf = (n: number): Profile => ({
  key: keyOf(n),
  name: `Name ${n}`,
  at: 1 as never,
  signature: new Uint8Array(64),
});
const open = (held: readonly Profile[]) => {
  const rows = new Map(held.map((profile) => [`name/${profile.key}`, true]));
  const names = new LightNames({
    community: "c0".repeat(32) as Hash,
    verify: ({ ed25519 }, then) => then({ ed25519: ed25519.map(() => true), bls: [] }),
    keep: ({ key, value }: DiskOp) => void (value === null ? rows.delete(key) : rows.set(key, true)),
    held,
  });
  const hear = (n: number): void => names.hear(keyOf(n), [encodeItem({ kind: "profile", profile: profileOf(n) })]);
  return { names, rows, hear };
};

describe("names that a light node hears", () => {
  it("grow no further than a community, whoever comes with ever new keys, and those of before stay", () => {
    const { names, rows, hear } = open([profileOf(1)]);
    for (let n = 2; n < MAX_MEMBERS + 50; n++) hear(n);
    expect(rows.size).toBe(MAX_MEMBERS);
    expect(names.of(keyOf(1))).toBe("Name 1");
    expect(names.of(keyOf(2))).toBeNull();
    expect(names.of(keyOf(MAX_MEMBERS + 49))).toBe(`Name ${MAX_MEMBERS + 49}`);
  });

  it("are none but those of before where these are as many already", () => {
    const { names, rows, hear } = open(Array.from({ length: MAX_MEMBERS }, (_, n) => profileOf(n)));
    hear(MAX_MEMBERS + 1);
    hear(MAX_MEMBERS + 2);
    expect(rows.size).toBe(MAX_MEMBERS);
    expect(names.of(keyOf(MAX_MEMBERS + 2))).toBeNull();
  });
});
