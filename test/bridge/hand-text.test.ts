/** What two people hand each other: short, read back as it was written, and nothing else taken for it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  communityMark,
  decodeHand,
  encodeHand,
  HAND_MINUTES,
  handOfSdp,
  judgeHand,
  markOf,
  sdpOfHand,
  type HandText,
} from "../../src/bridge/hand-text.ts";

const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(..."0123456789abcdef".split("")), { minLength: digits, maxLength: digits })
    .map((all) => all.join(""));
const word = (least: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(..."abcXYZ019+/".split("")), { minLength: least, maxLength: 32 }).map((all) => all.join(""));
const address = fc.oneof(
  fc.ipV4(),
  fc.uuid().map((uuid) => `${uuid}.local`),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(":")),
);
const candidate = fc.record({
  type: fc.constantFrom("host", "srflx", "relay" as const),
  address,
  port: fc.integer({ min: 1, max: 65_535 }),
}) as fc.Arbitrary<HandText["candidates"][number]>;
const hands: fc.Arbitrary<HandText> = fc
  .record({
    made: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    community: hex(8),
    answers: fc.option(hex(8)),
    ufrag: word(4),
    pwd: word(22),
    fingerprint: hex(64),
    candidates: fc.array(candidate, { minLength: 1, maxLength: 8 }),
  })
  .map((hand) => ({ ...hand, kind: hand.answers === null ? "offer" : "answer" }));

const OFFER: HandText = {
  kind: "offer",
  made: 29_000_000,
  community: "c0ffee00",
  answers: null,
  ufrag: "aB3+",
  pwd: "0123456789abcdefghijkl",
  fingerprint: "ab".repeat(32),
  candidates: [{ type: "host", address: "192.168.1.20", port: 51_000 }],
};

describe("the text of an offer or answer", () => {
  it("reads back as it was written, also out of a link or a message around it", () => {
    fc.assert(
      fc.property(hands, (hand) => {
        const text = encodeHand(hand);
        expect(decodeHand(text)).toEqual(hand);
        expect(decodeHand(`https://hub.example/#/connect?c=${text}`)).toEqual(hand);
        expect(decodeHand(`  ${text}\n`)).toEqual(hand);
      }),
    );
  });

  it("is short enough to be read as a QR code from a screen", () => {
    fc.assert(
      fc.property(hands, (hand) => encodeHand({ ...hand, candidates: hand.candidates.slice(0, 6) }).length < 300),
    );
  });

  it("cut off or with rubbish behind it is none, and no text makes it throw", () => {
    const text = encodeHand(OFFER);
    for (let end = 0; end < text.length - 1; end++) expect(decodeHand(text.slice(0, end))).toBeNull();
    expect(decodeHand(`${text}AAAA`)).toBeNull();
    fc.assert(fc.property(fc.string(), (any) => decodeHand(any) === null));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 40, maxLength: 300 }), (bytes) => {
        const any = btoa(String.fromCharCode(0x10, ...bytes))
          .replaceAll("+", "-")
          .replaceAll("/", "_")
          .replaceAll("=", "");
        const hand = decodeHand(any);
        // Whatever is read makes a description of the lines that we write, and no others.
        expect(hand === null ? "v=0\r\nnone" : sdpOfHand(hand)).toMatch(/^v=0\r\n[ -~\r\n]+$/u);
      }),
    );
  });

  it("carries what the description says, in both directions", () => {
    fc.assert(
      fc.property(hands, ({ kind, made, community, answers, ...rest }) => {
        const about = { kind, made, community, answers };
        const hand = { ...about, ...rest };
        const again = handOfSdp(sdpOfHand(hand), about);
        expect({ ...again, candidates: [] }).toEqual({ ...hand, candidates: [] });
        expect(new Set(again?.candidates.map((one) => one.address))).toEqual(
          new Set(hand.candidates.map((one) => one.address)),
        );
      }),
    );
  });

  it("of a device with many addresses names its way through the router before a second address at home", () => {
    const lines = Array.from({ length: 20 }, (_, n) => `a=candidate:${n} 1 udp 1 10.0.0.${n} 5000 typ host\r\n`);
    const sdp = sdpOfHand(OFFER).replace(
      "a=end-of-candidates",
      `${lines.join("")}a=candidate:99 1 udp 1 203.0.113.9 40000 typ srflx raddr 0.0.0.0 rport 0\r\na=candidate:9 1 tcp 1 10.0.0.1 9 typ host tcptype active`,
    );
    const { candidates = [] } = handOfSdp(sdp, OFFER) ?? {};
    expect(candidates).toHaveLength(8);
    expect(candidates.slice(0, 2).map(({ type }) => type)).toEqual(["host", "srflx"]);
    expect(handOfSdp("v=0\r\n", OFFER)).toBeNull();
  });
});

describe("a text that was handed over", () => {
  const community = OFFER.community.padEnd(64, "0");
  const ANSWER: HandText = { ...OFFER, kind: "answer", answers: markOf(OFFER), fingerprint: "cd".repeat(32) };
  const here = { kind: "offer", community, now: OFFER.made, own: null } as const;

  it("is taken where it is the one that is waited for", () => {
    expect(communityMark(community)).toBe(OFFER.community);
    expect(judgeHand(OFFER, here)).toBeNull();
    expect(judgeHand(ANSWER, { ...here, kind: "answer", own: OFFER })).toBeNull();
    expect(judgeHand(OFFER, { ...here, now: OFFER.made + HAND_MINUTES })).toBeNull();
  });

  it.each([
    ["unreadable", null, here],
    ["own", OFFER, { ...here, kind: "answer", own: OFFER }],
    ["other-community", { ...OFFER, community: "00000000" }, here],
    ["offer-wanted", ANSWER, here],
    ["answer-wanted", { ...OFFER, fingerprint: "ef".repeat(32) }, { ...here, kind: "answer", own: OFFER }],
    ["old", OFFER, { ...here, now: OFFER.made + HAND_MINUTES + 1 }],
    ["old", OFFER, { ...here, now: OFFER.made - 61 }],
    ["other-offer", { ...ANSWER, answers: "01020304" }, { ...here, kind: "answer", own: OFFER }],
  ] as const)("is otherwise told apart: %s", (fault, hand, expected) => {
    expect(judgeHand(hand, expected)).toBe(fault);
  });
});
