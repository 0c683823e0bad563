/** Domain tags (PROTOCOL.md §3): a hash made for one purpose is never one made for another. */
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex, utf8ToBytes } from "../../worker/base/bytes.ts";
import { taggedHash, taggedHex } from "../../worker/base/hash.ts";

describe("a tagged hash", () => {
  it("is SHA-256 of the tag's hash twice and the message, as BIP-340 tags", () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 300 }), (tag, message) => {
        const t = sha256(utf8ToBytes(`commonwatt/${tag.toWellFormed()}`));
        expect(taggedHash(tag.toWellFormed(), message)).toEqual(sha256(concatBytes(t, t, message)));
      }),
    );
  });

  it.each([55, 56, 63, 64, 119, 120, 8_191, 8_192, 8_193, 100_000])("is the same for %i bytes", (length) => {
    const t = sha256(utf8ToBytes("commonwatt/item"));
    const message = Uint8Array.from({ length }, (_, i) => i);
    expect(taggedHash("item", message)).toEqual(sha256(concatBytes(t, t, message)));
  });

  it("of BIP-340's kind is not changed by what was hashed before under the same tag", () => {
    const first = taggedHex("block", Uint8Array.of(1));
    taggedHash("block", Uint8Array.of(2), new Uint8Array(1000));
    expect(taggedHex("block", Uint8Array.of(1))).toBe(first);
  });

  it("differs between tags, and from the plain hash", () => {
    const message = utf8ToBytes("the same message");
    const all = [taggedHex("tx", message), taggedHex("block", message), taggedHex("", message), toHex(sha256(message))];
    expect(new Set(all).size).toBe(all.length);
  });

  it("of parts is the hash of the parts joined: the encoding, not the cut, keeps parts apart", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (parts) => {
        expect(taggedHash("tx", ...parts)).toEqual(taggedHash("tx", concatBytes(...parts)));
      }),
    );
  });
});
