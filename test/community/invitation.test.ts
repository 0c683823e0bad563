/** An invitation: opens only whole, unchanged and in time. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { millis } from "../../worker/base/units.ts";
import { communityId, signContract, type SignedContract } from "../../worker/community/contract.ts";
import {
  bytesOfLink,
  linkOf,
  makeInvitation,
  MAX_ADDRESSES,
  readInvitation,
} from "../../worker/community/invitation.ts";
import { codeOf, keysOf, refusal, T0, valueOf, worldOf } from "../ledger/worlds.ts";

const now = T0;
const expires = millis(T0 + 1_000);
const base = "https://hub.example/app/?lang=fr#/home";
let signed: SignedContract;
let raw: Uint8Array;
const inviting = (over: { signed?: SignedContract; addresses?: string[] } = {}): Uint8Array =>
  makeInvitation(
    { signed, inviterName: "Zoë", expires, addresses: ["a1", "b2"], ...over },
    keysOf(0).memberKey,
    keysOf(0).memberSecret,
  );
beforeAll(() => {
  const { contract } = worldOf({ members: 1, owners: [] });
  signed = signContract(contract, keysOf(0).memberSecret);
  raw = inviting();
});

describe("an invitation", () => {
  it("brings the whole contract, who invites, until when and where to knock", () => {
    expect(valueOf(readInvitation(raw, now))).toEqual({
      signed,
      community: communityId(signed.contract),
      inviter: keysOf(0).memberKey,
      inviterName: "Zoë",
      expires,
      addresses: ["a1", "b2"],
    });
  });

  it("with any byte flipped is refused", () => {
    const unread: number[] = [];
    for (let at = 0; at < raw.length; at++) {
      const bad = raw.slice();
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      if (readInvitation(bad, now).ok) unread.push(at);
    }
    expect(unread).toEqual([]);
  });

  it("signed by somebody else than it says says that it was changed", () => {
    const other = makeInvitation(
      { signed, inviterName: "Zoë", expires, addresses: [] },
      keysOf(0).memberKey,
      keysOf(1).memberSecret,
    );
    expect(codeOf(readInvitation(other, now))).toBe("invitation-changed");
  });

  it("to a contract that its founder did not sign is refused, whoever invites", () => {
    const forged = { ...signed, contract: { ...signed.contract, feePpm: 1_000 } };
    expect(codeOf(readInvitation(inviting({ signed: forged }), now))).toBe("contract-signature");
  });

  it("holds until its time is over, and says so afterwards", () => {
    expect(readInvitation(raw, expires).ok).toBe(true);
    expect(refusal(readInvitation(raw, millis(expires + 1)))).toMatchObject({
      code: "invitation-expired",
      verdict: "ignore",
    });
  });

  it(`names ${MAX_ADDRESSES} neighbours at most`, () => {
    const many = inviting({ addresses: ["a", "b", "c", "d", "e"] });
    expect(valueOf(readInvitation(many, now)).addresses).toEqual(["a", "b", "c", "d"]);
  });
});

describe("the link of an invitation", () => {
  it("keeps it in the fragment, which no server sees", () => {
    const link = linkOf(raw, base);
    expect(link.startsWith("https://hub.example/app/?lang=fr#/join?i=")).toBe(true);
    expect(new URL(link).hash).toContain("i=");
    expect(new URL(link).search).toBe("?lang=fr");
  });

  it("is read whole, as a fragment, as bare text, and with what a mail program puts around it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
        const link = linkOf(bytes, base);
        const [, fragment = ""] = link.split("#");
        const [, bare = ""] = link.split("i=");
        for (const text of [link, `#${fragment}`, fragment, bare, ` ${bare}\n`, `<${link}>`, `${link}).`]) {
          expect(bytesOfLink(text)).toEqual({ ok: true, value: bytes });
        }
      }),
    );
  });

  it.each(["", "  ", "https://hub.example/", "https://hub.example/#/join?i=", "i=", "not a link", "AAAAA", "%%%"])(
    "%j cannot be read",
    (text) => {
      expect(codeOf(bytesOfLink(text))).toBe("invitation-unreadable");
    },
  );

  it("cut short anywhere cannot be read as an invitation", () => {
    const link = linkOf(raw, base);
    for (let length = link.indexOf("i=") + 2; length < link.length; length += 7) {
      const cut = bytesOfLink(link.slice(0, length));
      expect(codeOf(cut.ok ? readInvitation(cut.value, now) : cut)).toBe("invitation-unreadable");
    }
  });
});
