/**
 * The encrypted file that a device is exported to (PROTOCOL.md §10.4): scrypt over the passphrase, AES-256-GCM over the
 * rows, the header as associated data. Knows nothing of what the rows mean or where they go.
 */
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { concatBytes, equalBytes, utf8ToBytes } from "../base/bytes.ts";
import { blob, bytes, decode, encode, hex, list, struct, text, uint, word, type Codec } from "../base/codec.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Hash, PublicKey } from "../base/units.ts";

const MAGIC = utf8ToBytes("CWBACKUP");
const VERSION = 1;
/** 64 MiB and about a second on a phone; OWASP's equal of N = 2^17, p = 1, in half the memory. */
export const COST = { logN: 16, r: 8, p: 2 } as const;
/** What a file may ask of the device that opens it. */
const MOST = { logN: 18, r: 8, p: 4 } as const;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const HEADER_BYTES = MAGIC.length + 4 + SALT_BYTES + NONCE_BYTES;
/** A year of a household's quarter-hours is a hundredth of it. */
export const MAX_BACKUP_BYTES = 64 * 1024 * 1024;
export const MIN_PASSPHRASE = 10;

export type BackupRow = {
  readonly table: "own" | "journal" | "settings" | "home";
  readonly key: string;
  readonly value: Uint8Array;
};
export type Backup = {
  readonly made: number;
  readonly community: Hash;
  readonly communityName: string;
  readonly member: PublicKey;
  readonly memberName: string;
  readonly rows: readonly BackupRow[];
};
const backupCodec: Codec<Backup> = struct({
  made: uint,
  community: hex<Hash>(32),
  communityName: text(320),
  member: hex<PublicKey>(32),
  memberName: text(320),
  rows: list(
    struct({ table: word(["own", "journal", "settings", "home"] as const), key: text(400), value: blob(1 << 24) }),
    1 << 20,
  ),
});
const headerCodec: Codec<Header> = struct({
  magic: bytes(MAGIC.length),
  version: uint,
  logN: uint,
  r: uint,
  p: uint,
  salt: bytes(SALT_BYTES),
  nonce: bytes(NONCE_BYTES),
});
type Header = {
  readonly magic: Uint8Array;
  readonly version: number;
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
};

/** Between two looks at the queue: the node goes on while scrypt works. */
const TICK_MS = 8;
const copied = (raw: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(raw);

const keyFor = async (
  passphrase: string,
  { logN, r, p, salt }: Header,
  progress: (part: number) => void,
): Promise<CryptoKey> => {
  const secret = await scryptAsync(utf8ToBytes(passphrase.normalize("NFKC")), salt, {
    N: 2 ** logN,
    r,
    p,
    dkLen: 32,
    asyncTick: TICK_MS,
    onProgress: progress,
  });
  return crypto.subtle.importKey("raw", copied(secret), "AES-GCM", false, ["encrypt", "decrypt"]);
};

export const weakPassphrase = (passphrase: string): Result<null> =>
  passphrase.normalize("NFKC").length >= MIN_PASSPHRASE
    ? ok(null)
    : refuse("passphrase-short", `Choose a passphrase of at least ${MIN_PASSPHRASE} characters.`, "ignore");

/** @param random fresh for every file: salt and nonce. Refusal: `passphrase-short`. */
export const sealBackup = async (
  backup: Backup,
  passphrase: string,
  random: (length: number) => Uint8Array,
  progress: (part: number) => void,
  cost: { readonly logN: number; readonly r: number; readonly p: number } = COST,
): Promise<Result<Uint8Array>> => {
  const weak = weakPassphrase(passphrase);
  if (!weak.ok) return weak;
  const header: Header = {
    magic: MAGIC,
    version: VERSION,
    ...cost,
    salt: random(SALT_BYTES),
    nonce: random(NONCE_BYTES),
  };
  const raw = encode(headerCodec, header);
  const key = await keyFor(passphrase, header, progress);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: copied(header.nonce), additionalData: copied(raw) },
    key,
    copied(encode(backupCodec, backup)),
  );
  return ok(concatBytes(raw, new Uint8Array(sealed)));
};

const NOT_OURS = refuse(
  "backup-unreadable",
  "This is not a backup of Commonwatt, or it is damaged; choose another file.",
  "ignore",
);

const headerOf = (file: Uint8Array): Result<Header> => {
  if (file.length > MAX_BACKUP_BYTES) return NOT_OURS;
  const raw = file.subarray(0, HEADER_BYTES);
  if (raw.length < HEADER_BYTES || !equalBytes(raw.subarray(0, MAGIC.length), MAGIC)) return NOT_OURS;
  const read = decode(headerCodec, raw, "backup");
  if (!read.ok) return NOT_OURS;
  const { version, logN, r, p } = read.value;
  if (version !== VERSION)
    return refuse("backup-newer", "This backup was made by a newer version; update the app first.", "ignore");
  const isModest = logN >= 1 && logN <= MOST.logN && r >= 1 && r <= MOST.r && p >= 1 && p <= MOST.p;
  return isModest ? read : NOT_OURS;
};

/** Refusals: `backup-unreadable`, `backup-newer`, `passphrase-wrong` (a file changed by one bit says the same). */
export const openBackup = async (
  file: Uint8Array,
  passphrase: string,
  progress: (part: number) => void,
): Promise<Result<Backup>> => {
  const header = headerOf(file);
  if (!header.ok) return header;
  const key = await keyFor(passphrase, header.value, progress);
  let plain: ArrayBuffer;
  try {
    plain = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: copied(header.value.nonce), additionalData: copied(file.subarray(0, HEADER_BYTES)) },
      key,
      copied(file.subarray(HEADER_BYTES)),
    );
  } catch {
    return refuse(
      "passphrase-wrong",
      "The passphrase does not open this file; check capitals and spaces, or whether the file is whole.",
      "ignore",
    );
  }
  const read = decode(backupCodec, new Uint8Array(plain), "backup");
  return read.ok ? read : NOT_OURS;
};
