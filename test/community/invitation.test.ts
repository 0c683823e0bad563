/** An invitation: opens only whole, unchanged and in time. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { millis } from "../../worker/base/units.ts";
import { communityId, signContract, type SignedContract } from "../../worker/community/contract.ts";
import {
  bytesOfLink,
  checkWays,
  linkOf,
  makeInvitation,
  MAX_ADDRESSES,
  readInvitation,
  type Ways,
} from "../../worker/community/invitation.ts";
import { codeOf, keysOf, refusal, T0, valueOf, worldOf } from "../ledger/worlds.ts";

const now = T0;
const expires = millis(T0 + 1_000);
const base = "https://hub.example/app/?lang=fr#/home";
let signed: SignedContract;
let raw: Uint8Array;
const TURN = { urls: ["turn:relay.example:3478", "stun:relay.example"], username: "sun", credential: "roof" };
const WAYS: Ways = { signalling: ["https://hub.example/", "http://127.0.0.1:4170/"], ice: [TURN] };
const inviting = (
  over: { signed?: SignedContract; addresses?: string[]; ways?: Ways; zone?: string } = {},
): Uint8Array =>
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
      signalling: [],
      ice: [],
      zone: null,
    });
  });

  it("is written as the first version wrote it where it names no servers, so that every version opens it", () => {
    // The bytes of the first version began with the contract's length.
    expect(raw[0]).not.toBe(0);
    expect(inviting({ ways: { signalling: [], ice: [] } })).toEqual(raw);
  });

  it("may name three signalling servers and what helps through routers, under its signature", () => {
    const named = inviting({ ways: WAYS });
    expect(valueOf(readInvitation(named, now))).toMatchObject({ ...WAYS, addresses: ["a1", "b2"] });
    const unread: number[] = [];
    for (let at = 0; at < named.length; at++) {
      const bad = named.slice();
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      if (readInvitation(bad, now).ok) unread.push(at);
    }
    expect(unread).toEqual([]);
    for (let end = 0; end < named.length; end++) expect(readInvitation(named.subarray(0, end), now).ok).toBe(false);
  });

  it("may say by which clock the community counts its days, under its signature, with servers or without", () => {
    const zone = "Europe/Brussels";
    expect(valueOf(readInvitation(inviting({ zone }), now))).toMatchObject({ zone, signalling: [], ice: [] });
    const named = inviting({ ways: WAYS, zone });
    expect(valueOf(readInvitation(named, now))).toMatchObject({ ...WAYS, zone });
    const unread: number[] = [];
    for (let at = 0; at < named.length; at++) {
      const bad = named.slice();
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      if (readInvitation(bad, now).ok) unread.push(at);
    }
    expect(unread).toEqual([]);
  });

  it("of a form that this version does not know says that it cannot be read", () => {
    expect(codeOf(readInvitation(Uint8Array.of(0, 4, 1, 2, 3), now))).toBe("invitation-unreadable");
  });

  it.each([
    ["no host", { signalling: ["https://"], ice: [] }, "server-unreadable"],
    ["another scheme", { signalling: ["ftp://hub.example/"], ice: [] }, "server-unreadable"],
    ["a name in the host", { signalling: ["https://me@hub.example/"], ice: [] }, "server-unreadable"],
    ["no turn address", { signalling: [], ice: [{ ...TURN, urls: ["hub.example"] }] }, "server-unreadable"],
    ["an empty relay", { signalling: [], ice: [{ ...TURN, urls: [] }] }, "server-unreadable"],
    ["four servers", { signalling: ["a", "b", "c", "d"].map((h) => `https://${h}/`), ice: [] }, "servers-too-many"],
    ["a long name", { signalling: [`https://${"a".repeat(300)}/`], ice: [] }, "servers-too-many"],
    [
      "more than fits a link",
      {
        signalling: [],
        ice: [1, 2, 3, 4].map(() => ({ ...TURN, credential: "x".repeat(190), username: "y".repeat(90) })),
      },
      "servers-too-many",
    ],
  ])("servers with %s are refused", (_, ways, code) => {
    expect(codeOf(checkWays(ways))).toBe(code);
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
