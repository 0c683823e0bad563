/**
 * The same member on a new device (PROTOCOL.md §7.8, §10.4): from a backup file, or from the twelve words and any
 * invitation to the community. The chain is fetched from the neighbours; what may have been signed before is not
 * contradicted, as the device is silent first. Loaded when it is asked for.
 */
import { cryptometerSecret, keysFromPhrase, parsePhrase, type MemberKeys } from "../base/keys.ts";
import { publicKeyOf } from "../base/ed25519.ts";
import { encode, uint } from "../base/codec.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Hash, Millis, PublicKey } from "../base/units.ts";
import { communityId, decodeContract, encodeContract, type Contract } from "../community/contract.ts";
import { bytesOfLink, readInvitation } from "../community/invitation.ts";
import { stepAt } from "../community/market-step.ts";
import { rendezvous } from "../network/address.ts";
import { decodeSilence, encodeSilence, SILENCE_ROW, silentFrom, strictest } from "../node/silence.ts";
import type { Op } from "../storage/store.ts";
import type { BackupView } from "../port-care.ts";
import { named, type Answer, type Ask } from "./asking.ts";
import { toWrite } from "./backup-merge.ts";
import { openBackup, sealBackup, type Backup, type BackupRow } from "./backup-file.ts";
import type { Device } from "./device.ts";
import { decodeIdentity, type DeviceIdentity } from "./identity.ts";
import { isDerived } from "./mend.ts";
import { waysOp } from "./ways.ts";
import { isOwnDisk } from "./whose.ts";

/** Cryptometer keys below were perhaps given to meters that this device does not know. */
export const FIRST_NEW_KEY = 256;
/** A backup may be so many paired meters behind. */
const KEYS_AHEAD = 64;
const MAX_ADDRESSES = 16;

const alone = (device: Device): Result<null> =>
  device.identity === null
    ? ok(null)
    : refuse("already-member", "This device belongs to a community already; leave it first.", "ignore");

/** What is left of a member whose keys were lost on this disk is nobody else's to go on with. */
const ownDisk = async ({ store }: Device, identity: DeviceIdentity, community: Hash): Promise<Result<null>> =>
  (await isOwnDisk(store, community, keysFromPhrase(identity.words)))
    ? ok(null)
    : refuse(
        "other-member",
        "This device has records that another member signed; clear it first, or bring that member back.",
        "ignore",
      );

/** Blocks of the step after the running one were not there before this device began anew, whatever its clock says within a step. */
const silenceOf = (contract: Contract, now: Millis): ReturnType<typeof silentFrom> =>
  silentFrom(stepAt(contract, now) + 1);

const silenceRow = (value: Uint8Array): Op => ({ table: "own", key: SILENCE_ROW, value });
const countRow = (count: number): Op => ({ table: "own", key: "meter-count", value: encode(uint, count) });

export const restoreWords = async (device: Device, ask: Ask<"restore-words">): Answer<"restore-words"> => {
  const [free, words, name, raw] = [
    alone(device),
    parsePhrase(ask.words),
    named(ask.memberName),
    bytesOfLink(ask.link),
  ];
  for (const checked of [free, words, name, raw]) if (!checked.ok) return checked;
  if (!words.ok || !name.ok || !raw.ok) return refuse("not-ready", "Try again.", "ignore");
  // Who is a member already needs of an invitation what community it names, and that never expires.
  const invitation = readInvitation(raw.value, 0 as Millis);
  if (!invitation.ok) return invitation;
  const { signed, community, addresses, inviter, signalling, ice } = invitation.value;
  const now = device.o.clock.now();
  const identity: DeviceIdentity = {
    words: words.value,
    name: name.value,
    contract: encodeContract(signed),
    invitation: null,
    addresses: [...addresses, ...rendezvous(community, inviter)].slice(0, MAX_ADDRESSES),
    since: now,
  };
  const own = await ownDisk(device, identity, community);
  if (!own.ok) return own;
  await device.become(identity, [
    silenceRow(encodeSilence(silenceOf(signed.contract, now))),
    countRow(FIRST_NEW_KEY),
    waysOp({ signalling, ice }),
  ]);
  return ok({ communityId: community });
};

const KEPT: readonly BackupRow["table"][] = ["own", "journal", "settings", "home"];

const rowsOf = async (device: Device): Promise<BackupRow[]> => {
  const rows: BackupRow[] = [];
  for (const table of KEPT)
    for (const [key, value] of await device.store.entries(table))
      if (table !== "own" || !isDerived(key)) rows.push({ table, key, value });
  return rows;
};

/** Answers the file's bytes. The node goes on meanwhile; what it signs after this moment is not in the file. */
export const exportDevice = async (device: Device, { passphrase }: Ask<"save-backup">): Answer<"save-backup"> => {
  const { identity, keys } = device;
  const signed = identity === null ? null : decodeContract(identity.contract);
  if (identity === null || keys === null || signed === null || !signed.ok)
    return refuse("not-ready", "There is no community on this device yet; create one or open an invitation.", "ignore");
  const made = device.o.clock.now();
  const { contract } = signed.value;
  const backup: Backup = {
    made,
    community: communityId(contract),
    communityName: contract.name,
    member: keys.memberKey,
    memberName: identity.name,
    rows: await rowsOf(device),
  };
  const sealed = await device.care.working((progress) =>
    sealBackup(backup, passphrase, device.o.random, progress, device.o.backupCost),
  );
  return sealed.ok ? ok({ file: sealed.value, made }) : sealed;
};

const identityIn = (backup: Backup): DeviceIdentity | null => {
  const row = backup.rows.find(({ table, key }) => table === "own" && key === "identity");
  return row === undefined ? null : decodeIdentity(row.value);
};

/** What this device has, compared with the file. */
const standing = (device: Device, backup: Backup): BackupView["here"] => {
  const { identity, keys, node } = device;
  if (identity === null || keys === null) return "nothing";
  const signed = decodeContract(identity.contract);
  const isSame =
    keys.memberKey === backup.member && signed.ok && communityId(signed.value.contract) === backup.community;
  if (!isSame) return "other";
  const newest = Math.max(identity.since, node?.core.verifiedAt ?? 0);
  return newest > backup.made ? "older" : "same-member";
};

/** Opens a file and says what is in it; `restoreBackup` then takes it. */
export const readBackup = async (device: Device, ask: Ask<"read-backup">): Answer<"read-backup"> => {
  device.care.opened = null;
  const opened = await device.care.working((progress) => openBackup(ask.file, ask.passphrase, progress));
  if (!opened.ok) return opened;
  const backup = opened.value;
  if (identityIn(backup) === null)
    return refuse("backup-unreadable", "This backup has no keys in it; choose another file.", "ignore");
  device.care.opened = backup;
  const meters = backup.rows.filter(
    ({ table, key }) =>
      (table === "own" && key.startsWith("meter-settings/")) || (table === "home" && key.startsWith("meter/")),
  );
  return ok({
    communityName: backup.communityName,
    memberName: backup.memberName,
    made: backup.made,
    meters: meters.length,
    here: standing(device, backup),
  });
};

export const restoreBackup = async (device: Device): Answer<"restore-backup"> => {
  const backup = device.care.opened;
  const identity = backup === null ? null : identityIn(backup);
  if (backup === null || identity === null) return refuse("backup-unreadable", "Open the backup first.", "ignore");
  if (standing(device, backup) === "older")
    return refuse(
      "backup-older",
      "This device has newer records of the same member than the file; nothing was changed.",
      "ignore",
    );
  const free = alone(device);
  if (!free.ok) return free;
  const signed = decodeContract(identity.contract);
  if (!signed.ok) return signed;
  const isTheirs = await ownDisk(device, identity, backup.community);
  if (!isTheirs.ok) return isTheirs;
  const now = device.o.clock.now();
  const own = async (name: string): Promise<Uint8Array[]> => {
    const inFile = backup.rows.find(({ table, key }) => table === "own" && key === name)?.value;
    return [inFile, await device.store.get("own", name)].filter((row) => row !== undefined);
  };
  const silences = (await own(SILENCE_ROW)).flatMap((row) => decodeSilence(row) ?? []);
  const counts = (await own("meter-count")).map((row) => uint.decode(row));
  const rows = backup.rows.filter(({ table, key }) => KEPT.includes(table) && !(table === "own" && isDerived(key)));
  await device.become(identity, [
    ...(await toWrite(device.store, rows, backup.made)),
    silenceRow(encodeSilence(silences.reduce(strictest, silenceOf(signed.value.contract, now)))),
    countRow(Math.max(0, ...counts) + KEYS_AHEAD),
  ]);
  device.care.opened = null;
  return ok({ communityId: backup.community });
};

/**
 * The number of a cryptometer's key that the community knows as this member's and that no meter of this device has: on a
 * device that was made again, the meter goes on under it, from the ledger's register.
 */
export const orphanedKey = (device: Device, keys: MemberKeys): number | null => {
  const core = device.node?.core;
  if (core === undefined || core.me === null || core.silence === null) return null;
  const taken = new Set<PublicKey>([...core.desk.meters.values()].map((m) => m.key));
  const mine = new Set(
    core.chain.state
      .scan("generator")
      .filter(([, row]) => row.terms.owner === core.me && !taken.has(row.terms.key))
      .map(([, row]) => row.terms.key),
  );
  for (let n = 0; n < FIRST_NEW_KEY && mine.size > 0; n++)
    if (mine.has(publicKeyOf(cryptometerSecret(keys.seed, n)))) return n;
  return null;
};
