/** What a person asks of this device (worker/port.ts, Commands): each checks first, answers or refuses, and loses nothing. */
import { parsePhrase, phraseFrom, keysFromPhrase, ENTROPY_BYTES } from "../base/keys.ts";
import { utf8ToBytes, toHex } from "../base/bytes.ts";
import { encode, uint } from "../base/codec.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Millis, PublicKey } from "../base/units.ts";
import { encodeContract, signContract, validateContract, communityId } from "../community/contract.ts";
import {
  bytesOfLink,
  INVITATION_DAYS,
  linkOf,
  makeInvitation,
  MAX_ADDRESSES,
  readInvitation,
  type Invitation,
} from "../community/invitation.ts";
import { contractFrom, firstStep, PRESETS } from "../community/presets.ts";
import type { Order } from "../node/events.ts";
import { rendezvous } from "../network/address.ts";
import type { CommandKind, Commands, InvitationView } from "../port.ts";
import type { Device } from "./device.ts";
import { checkProof, stepDetail } from "./details.ts";
import { encodeSettings, termsFor } from "./meters.ts";
import type { OpenNode } from "./open-node.ts";

type Ask<K extends CommandKind> = Commands[K]["ask"];
type Answer<K extends CommandKind> = Promise<Result<Commands[K]["answer"]>>;

const DAY_MS = 86_400_000;
const MAX_NAME = 80;

const named = (text: string): Result<string> => {
  const name = text.trim();
  if (name === "") return refuse("name-empty", "Enter a name.", "ignore");
  return utf8ToBytes(name).length <= MAX_NAME
    ? ok(name)
    : refuse("name-long", "This name is too long; shorten it.", "ignore");
};

const nodeOf = (device: Device): Result<OpenNode> =>
  device.node === null
    ? refuse("not-ready", "There is no community on this device yet; create one or open an invitation.", "ignore")
    : ok(device.node);

const fresh = (device: Device): Result<null> =>
  device.identity === null
    ? ok(null)
    : refuse("already-member", "This device belongs to a community already; leave it first.", "ignore");

const create = async (device: Device, ask: Ask<"create">): Answer<"create"> => {
  const [free, community, member, words] = [
    fresh(device),
    named(ask.communityName),
    named(ask.memberName),
    parsePhrase(ask.words),
  ];
  for (const checked of [free, community, member, words]) if (!checked.ok) return checked;
  if (!community.ok || !member.ok || !words.ok) return refuse("not-ready", "Try again.", "ignore");
  const keys = keysFromPhrase(words.value);
  const now = device.o.clock.now();
  const contract = contractFrom({
    name: community.value,
    preset: ask.preset,
    quorum: ask.quorum,
    t0: firstStep(now, PRESETS[ask.preset].stepMs),
    members: [{ key: keys.memberKey, blsKey: keys.blsKey, blsProof: keys.blsProof, weight: 1, vpp: true }],
  });
  const valid = validateContract(contract);
  if (!valid.ok) return valid;
  const signed = signContract(contract, keys.memberSecret);
  await device.become({
    words: words.value,
    name: member.value,
    contract: encodeContract(signed),
    invitation: null,
    addresses: [],
    since: now,
  });
  return ok({ communityId: communityId(contract) });
};

const readLink = (device: Device, link: string): Result<{ raw: Uint8Array; invitation: Invitation }> => {
  const raw = bytesOfLink(link);
  if (!raw.ok) return raw;
  const invitation = readInvitation(raw.value, device.o.clock.now());
  return invitation.ok ? ok({ raw: raw.value, invitation: invitation.value }) : invitation;
};

const viewOf = ({ signed, inviterName, expires }: Invitation): InvitationView => ({
  communityName: signed.contract.name,
  inviter: inviterName,
  expires,
  stepMs: signed.contract.stepMs,
  members: signed.contract.members.length,
});

const join = async (device: Device, ask: Ask<"join">): Answer<"join"> => {
  const [free, read, member, words] = [
    fresh(device),
    readLink(device, ask.link),
    named(ask.memberName),
    parsePhrase(ask.words),
  ];
  for (const checked of [free, read, member, words]) if (!checked.ok) return checked;
  if (!read.ok || !member.ok || !words.ok) return refuse("not-ready", "Try again.", "ignore");
  const { invitation, raw } = read.value;
  const addresses = [...invitation.addresses, ...rendezvous(invitation.community, invitation.inviter)];
  const since = device.o.clock.now();
  await device.become({
    words: words.value,
    name: member.value,
    contract: encodeContract(invitation.signed),
    invitation: raw,
    addresses: addresses.slice(0, 16),
    since,
  });
  return ok({ communityId: invitation.community });
};

const invite = async (device: Device, { base }: Ask<"invite">): Answer<"invite"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core, network, neighbours } = node.value;
  if (core.me === null)
    return refuse("not-a-member", "Only members invite; wait until you are admitted yourself.", "ignore");
  const expires = (device.o.clock.now() + INVITATION_DAYS * DAY_MS) as Millis;
  const addresses = [...network.addresses(), ...neighbours.linked].slice(0, MAX_ADDRESSES);
  const inviterName = device.identity?.name ?? "";
  const raw = makeInvitation(
    { signed: core.signed, inviterName, expires, addresses },
    core.keys.memberKey,
    core.keys.memberSecret,
  );
  return ok({ link: linkOf(raw, base), expires });
};

/** An order to the node; its refusal is the command's. */
const order = async (device: Device, what: Order): Promise<Result<string>> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { refusal, value } = await node.value.runner.order(what);
  return refusal === null ? ok(value ?? "") : { ok: false, error: refusal };
};

const pairMeter = async (device: Device, settings: Ask<"pair-meter">): Answer<"pair-meter"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const label = named(settings.label);
  if (!label.ok) return label;
  const positive = [
    settings.baudRate,
    settings.iMinMa,
    settings.pMaxW,
    settings.protocol === "s0" ? settings.impPerKwh : 1,
  ];
  if (!positive.every((n) => n !== null && Number.isSafeInteger(n) && n > 0)) {
    return refuse("meter-settings", "The meter's figures do not fit together; compare them with its front.", "ignore");
  }
  if (node.value.core.me === null) return refuse("not-a-member", "Pair your meter once you are admitted.", "ignore");
  const used = [...node.value.core.desk.meters.values()].map((m) => m.keyNumber);
  const stored = await device.store.get("own", "meter-count");
  const keyNumber = Math.max(0, stored === undefined ? 0 : uint.decode(stored), ...used.map((n) => n + 1));
  const id = toHex(device.o.random(4));
  const { config, terms } = termsFor(settings, node.value.core.contract);
  // A cryptometer's key is never used for two meters: its number is on disk before the key is.
  await device.store.commit([
    { table: "own", key: "meter-count", value: encode(uint, keyNumber + 1) },
    { table: "own", key: `meter-settings/${id}`, value: encodeSettings({ ...settings, label: label.value }) },
  ]);
  const added = await order(device, {
    kind: "add-meter",
    meter: id,
    label: label.value,
    keyNumber,
    config,
    terms,
    secret: device.cryptometerSecret(keyNumber),
  });
  if (!added.ok) return added;
  device.meters?.open(id, { ...settings, label: label.value });
  return ok({ id });
};

const forgetMeter = async (device: Device, { id }: Ask<"forget-meter">): Answer<"forget-meter"> => {
  device.meters?.close(id);
  const done = await order(device, { kind: "forget-meter", meter: id });
  if (!done.ok) return done;
  await device.store.commit([{ table: "own", key: `meter-settings/${id}`, value: null }]);
  return ok({});
};

const leave = async (device: Device, { confirm }: Ask<"leave">): Answer<"leave"> => {
  const name = device.node?.core.contract.name;
  if (name !== undefined && confirm.trim() !== name)
    return refuse("confirm-mismatch", "Type the community's name exactly.", "ignore");
  await device.forget();
  return ok({});
};

const nothing = (r: Result<unknown>): Result<Record<never, never>> => (r.ok ? ok({}) : r);

type Handlers = { readonly [K in CommandKind]: (device: Device, ask: Ask<K>) => Answer<K> };
const HANDLERS: Handlers = {
  "new-phrase": async (device) => ok({ words: phraseFrom(device.o.random(ENTROPY_BYTES)) }),
  create,
  "read-invitation": async (device, { link }) => {
    const read = readLink(device, link);
    return read.ok ? ok(viewOf(read.value.invitation)) : read;
  },
  join,
  invite,
  admit: async (device, { key, weight }) => {
    const done = await order(device, { kind: "admit", key: key as PublicKey, weight });
    return done.ok ? ok({ proposal: done.value }) : done;
  },
  vote: async (device, { proposal, yes }) => nothing(await order(device, { kind: "vote", proposal, yes })),
  "pair-meter": pairMeter,
  "confirm-meter": async (device, { id }) => nothing(await order(device, { kind: "confirm-meter", meter: id })),
  "forget-meter": forgetMeter,
  "step-detail": async (device, { step }) => {
    const node = nodeOf(device);
    return node.ok ? stepDetail(node.value.core, device.store, step, device.o.clock.now()) : node;
  },
  "check-proof": async (device, { step, transaction }) => {
    const node = nodeOf(device);
    return node.ok ? checkProof(node.value.core, device.store, step, transaction) : node;
  },
  "retry-network": async (device) => {
    device.nudge();
    return ok({});
  },
  "storage-persisted": async (device, { persisted }) => {
    device.persisted = persisted;
    device.changed();
    return ok({});
  },
  leave,
};

/** @throws StoreError when the disk refuses: the caller makes it a refusal with the same code. */
export const runCommand = <K extends CommandKind>(device: Device, name: K, ask: Ask<K>): Answer<K> =>
  HANDLERS[name](device, ask);
