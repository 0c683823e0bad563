/**
 * An invitation (PROTOCOL.md §9): the whole contract, who invites, until when and where to find a neighbour, signed
 * by the inviter. Trust starts from it: whoever opens the link checks the contract's hash and both signatures on
 * the spot. It lets an applicant past a member's hello; it does not make a member. Three forms: that of the first version,
 * still written where it says all there is to say, one that also names signalling, STUN and TURN servers, and one that says
 * by which clock the community counts its days besides.
 */
import { base64urlnopad } from "@scure/base";
import { concatBytes, utf8ToBytes } from "../base/bytes.ts";
import { blob, branded, bytes, decode, encode, hex, list, option, struct, text, type Codec } from "../base/codec.ts";
import { sign, verify } from "../base/ed25519.ts";
import { taggedHash } from "../base/hash.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Hash, Millis, PublicKey } from "../base/units.ts";
import { communityId, decodeContract, encodeContract, MAX_CONTRACT_BYTES, type SignedContract } from "./contract.ts";

export const MAX_ADDRESSES = 4;
export const MAX_SIGNALLING = 3;
export const MAX_ICE = 4;
const MAX_ICE_URLS = 4;
const MAX_TEXT_BYTES = 200;
const MAX_ZONE_BYTES = 64;
export const INVITATION_DAYS = 7;

/** A STUN or TURN server (RFC 7064, RFC 7065), with the name and password that TURN wants. */
export type Relay = {
  readonly urls: readonly string[];
  readonly username: string | null;
  readonly credential: string | null;
};

/** How members reach each other beyond the host that serves the app; both empty where that is all. */
export type Ways = {
  /** Hosts of signalling servers, `https://host/`. Empty: the one that served the app. */
  readonly signalling: readonly string[];
  readonly ice: readonly Relay[];
};

type Terms = Ways & {
  /** The community's time zone as in the IANA database, for screens only; null where the inviter does not know it. */
  readonly zone: string | null;
  readonly contract: Uint8Array;
  readonly inviter: PublicKey;
  readonly inviterName: string;
  readonly expires: Millis;
  /** Network addresses of members likely to be online. */
  readonly addresses: readonly string[];
};
type FirstTerms = Omit<Terms, keyof Ways | "zone">;
type SecondTerms = Omit<Terms, "zone">;
export type Invitation = Omit<Terms, "contract"> & { readonly signed: SignedContract; readonly community: Hash };

const firstFields = {
  contract: blob(MAX_CONTRACT_BYTES),
  inviter: hex<PublicKey>(32),
  inviterName: text(80),
  expires: branded<Millis>(),
  addresses: list(text(80), MAX_ADDRESSES),
};
const waysFields = {
  signalling: list(text(MAX_TEXT_BYTES), MAX_SIGNALLING),
  ice: list(
    struct({
      urls: list(text(MAX_TEXT_BYTES), MAX_ICE_URLS),
      username: option(text(MAX_TEXT_BYTES)),
      credential: option(text(MAX_TEXT_BYTES)),
    }),
    MAX_ICE,
  ),
};
export const waysCodec: Codec<Ways> = struct(waysFields);
const signature = bytes(64);
const firstTerms: Codec<FirstTerms> = struct(firstFields);
const firstCodec: Codec<{ terms: FirstTerms; signature: Uint8Array }> = struct({ terms: firstTerms, signature });
const secondTerms: Codec<SecondTerms> = struct({ ...firstFields, ...waysFields });
const secondCodec: Codec<{ terms: SecondTerms; signature: Uint8Array }> = struct({ terms: secondTerms, signature });
const thirdTerms: Codec<Terms> = struct({ ...firstFields, ...waysFields, zone: option(text(MAX_ZONE_BYTES)) });
const thirdCodec: Codec<{ terms: Terms; signature: Uint8Array }> = struct({ terms: thirdTerms, signature });

/** The first form begins with the length of a contract, which is never 0. */
const SECOND_FORM = Uint8Array.of(0, 2);
const THIRD_FORM = Uint8Array.of(0, 3);
const NO_WAYS: Ways = { signalling: [], ice: [] };

const isHost = (url: string): boolean => /^https?:\/\/[^\s/@]+\/[^\s?#]*$/u.test(url);
const isRelay = ({ urls }: Relay): boolean =>
  urls.length > 0 && urls.every((url) => /^(?:stuns?|turns?):[^\s/@]+$/u.test(url));

/** With the contract they must fit what a hello may carry, and a QR code. */
const MAX_WAYS_BYTES = 1_024;

/**
 * What a browser would not take is refused before it is signed, kept or used. Refusals: `server-unreadable` {server},
 * `servers-too-many`.
 */
export const checkWays = ({ signalling, ice }: Ways): Result<Ways> => {
  const wrong = signalling.find((url) => !isHost(url)) ?? ice.find((relay) => !isRelay(relay))?.urls.join(" ");
  const texts = [...signalling, ...ice.flatMap((r) => [...r.urls, r.username ?? "", r.credential ?? ""])];
  const isMore =
    signalling.length > MAX_SIGNALLING ||
    ice.length > MAX_ICE ||
    ice.some(({ urls }) => urls.length > MAX_ICE_URLS) ||
    texts.some((one) => utf8ToBytes(one).length > MAX_TEXT_BYTES);
  if (isMore || (wrong === undefined && encode(waysCodec, { signalling, ice }).length > MAX_WAYS_BYTES)) {
    return refuse("servers-too-many", "These are more servers than fit an invitation; name fewer.", "ignore");
  }
  if (wrong === undefined) return ok({ signalling, ice });
  const message = "One of the servers cannot be read; write it like https://host/ or turn:host:3478.";
  return refuse("server-unreadable", message, "ignore", { server: wrong });
};

const firstMessage = (terms: FirstTerms): Uint8Array => taggedHash("invitation", encode(firstTerms, terms));
const secondMessage = (terms: SecondTerms): Uint8Array => taggedHash("invitation-2", encode(secondTerms, terms));
const thirdMessage = (terms: Terms): Uint8Array => taggedHash("invitation-3", encode(thirdTerms, terms));

type Ask = Pick<Terms, "inviterName" | "expires" | "addresses"> & {
  readonly signed: SignedContract;
  readonly ways?: Ways;
  readonly zone?: string | null;
};

/** Bytes to present in the hello; `linkOf` makes the text of a link of them. */
export const makeInvitation = (ask: Ask, inviter: PublicKey, secret: Uint8Array): Uint8Array => {
  const first: FirstTerms = {
    contract: encodeContract(ask.signed),
    inviter,
    inviterName: ask.inviterName,
    expires: ask.expires,
    addresses: ask.addresses.slice(0, MAX_ADDRESSES),
  };
  const { signalling, ice } = ask.ways ?? NO_WAYS;
  const zone = ask.zone ?? null;
  if (zone !== null) {
    const terms: Terms = { ...first, signalling, ice, zone };
    return concatBytes(THIRD_FORM, encode(thirdCodec, { terms, signature: sign(thirdMessage(terms), secret) }));
  }
  if (signalling.length + ice.length === 0) {
    return encode(firstCodec, { terms: first, signature: sign(firstMessage(first), secret) });
  }
  const terms: SecondTerms = { ...first, signalling, ice };
  return concatBytes(SECOND_FORM, encode(secondCodec, { terms, signature: sign(secondMessage(terms), secret) }));
};

type Read = { readonly terms: Terms; readonly message: Uint8Array; readonly signature: Uint8Array };

const readForm = (raw: Uint8Array): Result<Read> => {
  if (raw[0] === THIRD_FORM[0] && raw[1] === THIRD_FORM[1]) {
    const read = decode(thirdCodec, raw.subarray(2), "invitation");
    return read.ok ? ok({ ...read.value, message: thirdMessage(read.value.terms) }) : unreadable();
  }
  if (raw[0] === SECOND_FORM[0]) {
    const read = raw[1] === SECOND_FORM[1] ? decode(secondCodec, raw.subarray(2), "invitation") : unreadable();
    if (!read.ok) return unreadable();
    const { terms, signature: signedBy } = read.value;
    return ok({ terms: { ...terms, zone: null }, message: secondMessage(terms), signature: signedBy });
  }
  const read = decode(firstCodec, raw, "invitation");
  if (!read.ok) return unreadable();
  const { terms, signature: signed } = read.value;
  return ok({ terms: { ...terms, ...NO_WAYS, zone: null }, message: firstMessage(terms), signature: signed });
};

/** Everything that can be checked without the chain. Whether the inviter is a member, only members know. */
export const readInvitation = (raw: Uint8Array, now: Millis): Result<Invitation> => {
  const read = readForm(raw);
  if (!read.ok) return read;
  const { terms, message, signature: signedBy } = read.value;
  if (!verify({ key: terms.inviter, message, signature: signedBy })) {
    return refuse("invitation-changed", "This invitation was changed on its way; ask your neighbour to send it again.");
  }
  const signed = decodeContract(terms.contract);
  if (!signed.ok) return signed;
  if (now > terms.expires) {
    return refuse("invitation-expired", "This invitation has expired; ask your neighbour for a new one.", "ignore");
  }
  const ways = checkWays(terms);
  if (!ways.ok) return ways;
  const { contract: _, ...rest } = terms;
  return ok({ ...rest, signed: signed.value, community: communityId(signed.value.contract) });
};

const unreadable = (): Result<never> =>
  refuse(
    "invitation-unreadable",
    "This invitation cannot be read; open the whole link, or ask your neighbour to send it again.",
  );

/** The invitation lives in the link's fragment, which browsers never send to a server. */
export const linkOf = (raw: Uint8Array, base: string): string =>
  `${base.split("#")[0]}#/join?i=${base64urlnopad.encode(raw)}`;

/** Takes a whole link, its fragment, or the bare text. */
export const bytesOfLink = (link: string): Result<Uint8Array> => {
  const text = /[?&]i=([A-Za-z0-9_-]+)/.exec(link)?.[1] ?? link.trim();
  try {
    const raw = base64urlnopad.decode(text);
    return raw.length === 0 ? unreadable() : ok(raw);
  } catch {
    return unreadable();
  }
};
