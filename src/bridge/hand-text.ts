/**
 * What two people hand each other to connect two devices without a signalling server (PROTOCOL.md §8): of a session
 * description only what differs from one to the next, in a text short enough for a QR code. Pure.
 */

/** How long a text is good for: both devices are in two people's hands. */
export const HAND_MINUTES = 15;
/** A text made on a device whose clock is ahead. */
const AHEAD_MINUTES = 60;

const VERSION = 0x10;
const MARK_BYTES = 4;
const FINGERPRINT_BYTES = 32;
const MAX_CANDIDATES = 8;
/** Longest first: what an SDP may hold (RFC 8839), and far more than browsers make. */
const MAX_WORD = 64;

export type HandCandidate = {
  readonly type: "host" | "srflx" | "relay";
  /** IPv4, IPv6 in full, or a random name of the browser's (`<uuid>.local`). */
  readonly address: string;
  readonly port: number;
};

export type HandText = {
  readonly kind: "offer" | "answer";
  /** Minutes since 1970. */
  readonly made: number;
  /** First digits of the community's id, hex: who is of another is told so at once. */
  readonly community: string;
  /** Of an answer: the mark of its offer. */
  readonly answers: string | null;
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256 of the DTLS certificate, lower-case hex. */
  readonly fingerprint: string;
  readonly candidates: readonly HandCandidate[];
};

/** An offer's mark in its answer. */
export const markOf = ({ fingerprint }: HandText): string => fingerprint.slice(0, 2 * MARK_BYTES);
export const communityMark = (id: string): string => id.slice(0, 2 * MARK_BYTES);

const TYPES = ["host", "srflx", "relay"] as const;
const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\.local$/u;

const bytesOfHex = (hex: string): number[] => (hex.match(/../gu) ?? []).map((pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Iterable<number>): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The eight groups of an IPv6 address, or null. */
const groupsOf = (address: string): number[] | null => {
  const [head = "", tail] = address.split("::", 2);
  const parse = (part: string): number[] =>
    part === ""
      ? []
      : part.split(":").map((group) => (/^[0-9a-f]{1,4}$/iu.test(group) ? Number.parseInt(group, 16) : -1));
  const [left, right] = [parse(head), tail === undefined ? [] : parse(tail)];
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<number>(Math.max(0, missing)).fill(0), ...right];
  return groups.length === 8 && groups.every((group) => group >= 0) ? groups : null;
};

/** Kind of address and its bytes; null for one that cannot be handed over. */
const packAddress = (address: string): readonly [kind: number, bytes: number[]] | null => {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(address)?.slice(1).map(Number);
  if (v4 !== undefined) return v4.every((part) => part < 256) ? [0, v4] : null;
  const uuid = UUID.exec(address);
  if (uuid !== null) return [2, bytesOfHex(uuid.slice(1).join(""))];
  const groups = groupsOf(address);
  return groups === null ? null : [1, groups.flatMap((group) => [group >> 8, group & 255])];
};

const unpackAddress = (kind: number, bytes: Uint8Array): string => {
  if (kind === 0) return bytes.join(".");
  const hex = hexOf(bytes);
  if (kind === 1) return (hex.match(/.{4}/gu) ?? []).map((group) => Number.parseInt(group, 16).toString(16)).join(":");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}.local`;
};

const word = (text: string): number[] => [text.length, ...Array.from(text, (char) => char.charCodeAt(0))];

export const encodeHand = (hand: HandText): string => {
  const candidates = hand.candidates
    .flatMap(({ type, address, port }) => {
      const packed = packAddress(address);
      return packed === null ? [] : [[TYPES.indexOf(type) | (packed[0] << 2), ...packed[1], port >> 8, port & 255]];
    })
    .slice(0, MAX_CANDIDATES);
  const { made } = hand;
  const bytes = [
    VERSION | (hand.kind === "answer" ? 1 : 0),
    ...[24, 16, 8, 0].map((shift) => (made >>> shift) & 255),
    ...bytesOfHex(hand.community),
    ...bytesOfHex(hand.answers ?? ""),
    ...bytesOfHex(hand.fingerprint),
    ...word(hand.ufrag),
    ...word(hand.pwd),
    candidates.length,
    ...candidates.flat(),
  ];
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
};

const bytesOfText = (text: string): Uint8Array | null => {
  if (!/^[\w-]{40,1000}$/u.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
};

/** Reads on from byte to byte; what is missing makes the whole unreadable. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length < length) throw new RangeError("the text is cut off");
    this.#at += length;
    return taken;
  }
  number(length: number): number {
    return this.take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  hex(length: number): string {
    return hexOf(this.take(length));
  }
  word(): string {
    const text = String.fromCharCode(...this.take(Math.min(this.number(1), MAX_WORD + 1)));
    // Into a session description goes nothing but what ICE allows (RFC 8839 §5.4).
    if (!/^[A-Za-z0-9+/]{4,64}$/u.test(text)) throw new RangeError("no word of ICE");
    return text;
  }
  get isOver(): boolean {
    return this.#at === this.#bytes.length;
  }
}

const readCandidate = (reader: Reader): HandCandidate => {
  const flags = reader.number(1);
  const type = TYPES[flags & 3];
  const kind = flags >> 2;
  if (type === undefined || kind > 2) throw new RangeError("no candidate");
  return { type, address: unpackAddress(kind, reader.take(kind === 0 ? 4 : 16)), port: reader.number(2) };
};

const readHand = (reader: Reader): HandText | null => {
  const first = reader.number(1);
  if ((first & ~1) !== VERSION) return null;
  const kind = first === VERSION ? "offer" : "answer";
  const hand: HandText = {
    kind,
    made: reader.number(4),
    community: reader.hex(MARK_BYTES),
    answers: kind === "offer" ? null : reader.hex(MARK_BYTES),
    fingerprint: reader.hex(FINGERPRINT_BYTES),
    ufrag: reader.word(),
    pwd: reader.word(),
    candidates: Array.from({ length: Math.min(reader.number(1), MAX_CANDIDATES + 1) }, () => readCandidate(reader)),
  };
  return reader.isOver && hand.candidates.length <= MAX_CANDIDATES ? hand : null;
};

/** From the text itself, or from a link or message that holds it; null when nothing there is one. */
export const decodeHand = (text: string): HandText | null => {
  const bytes = bytesOfText(/[?&]c=([\w-]+)/u.exec(text)?.[1] ?? text.trim());
  try {
    return bytes === null ? null : readHand(new Reader(bytes));
  } catch {
    return null;
  }
};

export type HandFault =
  | "unreadable"
  | "own"
  | "other-community"
  | "old"
  | "offer-wanted"
  | "answer-wanted"
  | "other-offer";

export type Expected = {
  readonly kind: "offer" | "answer";
  readonly community: string;
  /** Minutes since 1970. */
  readonly now: number;
  /** Our own last text. */
  readonly own: HandText | null;
};

/** Whether it is what is wanted here and now; otherwise what to tell the person. */
export const judgeHand = (hand: HandText | null, { kind, community, now, own }: Expected): HandFault | null => {
  if (hand === null) return "unreadable";
  if (own !== null && hand.fingerprint === own.fingerprint) return "own";
  if (hand.community !== communityMark(community)) return "other-community";
  if (hand.kind !== kind) return kind === "offer" ? "offer-wanted" : "answer-wanted";
  if (now > hand.made + HAND_MINUTES || hand.made > now + AHEAD_MINUTES) return "old";
  return own !== null && hand.answers !== markOf(own) ? "other-offer" : null;
};

const PRIORITY = { host: 126, srflx: 100, relay: 2 } as const;

/** A session description that says the same as the text; one data channel and nothing else. */
export const sdpOfHand = (hand: HandText): string => {
  const print = (hand.fingerprint.match(/../gu) ?? []).join(":").toUpperCase();
  const candidates = hand.candidates.map(({ type, address, port }, n) => {
    const priority = PRIORITY[type] * 2 ** 24 + (65_535 - n) * 256 + 255;
    const related = type === "host" ? "" : " raddr 0.0.0.0 rport 0";
    return `a=candidate:${n + 1} 1 udp ${priority} ${address} ${port} typ ${type}${related}`;
  });
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    ...candidates,
    "a=end-of-candidates",
    `a=ice-ufrag:${hand.ufrag}`,
    `a=ice-pwd:${hand.pwd}`,
    `a=fingerprint:sha-256 ${print}`,
    `a=setup:${hand.kind === "offer" ? "actpass" : "active"}`,
    "a=mid:0",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
    "",
  ].join("\r\n");
};

const one = (sdp: string, pattern: RegExp): string => pattern.exec(sdp)?.[1] ?? "";

/** What of the browser's own description is handed over; null when it is none that can be. UDP only. */
export const handOfSdp = (
  sdp: string,
  about: Pick<HandText, "kind" | "made" | "community" | "answers">,
): HandText | null => {
  const fingerprint = one(sdp, /^a=fingerprint:sha-256 ([0-9A-F:]+)\s*$/imu)
    .replaceAll(":", "")
    .toLowerCase();
  const lines = sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (host|srflx|relay)/gimu);
  const candidates = new Map<string, HandCandidate>();
  for (const [, address = "", port = "", type = ""] of lines) {
    const known = TYPES.find((name) => name === type);
    if (known !== undefined) candidates.set(`${address} ${port}`, { type: known, address, port: Number(port) });
  }
  // One of each sort before a second of any: a device with many addresses must not crowd out its way through the router.
  const ofType = (type: string): HandCandidate[] => [...candidates.values()].filter((found) => found.type === type);
  const sorted = TYPES.flatMap((type) => [...ofType(type).entries()])
    .toSorted(([a], [b]) => a - b)
    .map(([, candidate]) => candidate);
  const hand: HandText = {
    ...about,
    ufrag: one(sdp, /^a=ice-ufrag:(\S+)/mu),
    pwd: one(sdp, /^a=ice-pwd:(\S+)/mu),
    fingerprint,
    candidates: sorted.filter(({ address }) => packAddress(address) !== null).slice(0, MAX_CANDIDATES),
  };
  return fingerprint.length === 2 * FINGERPRINT_BYTES && hand.candidates.length > 0 ? hand : null;
};
