/** Founding, inviting and joining (PROTOCOL.md §2, §9): what a person asks before there is a node, and to let others in. */
import { parsePhrase, keysFromPhrase } from "../base/keys.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { Millis } from "../base/units.ts";
import { communityId, encodeContract, signContract, validateContract } from "../community/contract.ts";
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
import { rendezvous } from "../network/address.ts";
import type { InvitationView } from "../port.ts";
import { named, nodeOf, type Answer, type Ask } from "./asking.ts";
import { termsView } from "./contract-view.ts";
import type { Device } from "./device.ts";
import { placeOps } from "./place.ts";
import { waysOp } from "./ways.ts";

const DAY_MS = 86_400_000;

const fresh = (device: Device): Result<null> => {
  if (device.care.isLost) return refuse("identity-lost", "Bring your keys back first, or clear this device.", "ignore");
  return device.identity === null
    ? ok(null)
    : refuse("already-member", "This device belongs to a community already; leave it first.", "ignore");
};

export const create = async (device: Device, ask: Ask<"create">): Answer<"create"> => {
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
  await device.become(
    {
      words: words.value,
      name: member.value,
      contract: encodeContract(signed),
      invitation: null,
      addresses: [],
      since: now,
    },
    placeOps(device.o.zone),
  );
  return ok({ communityId: communityId(contract) });
};

const readLink = (device: Device, link: string): Result<{ raw: Uint8Array; invitation: Invitation }> => {
  const raw = bytesOfLink(link);
  if (!raw.ok) return raw;
  const invitation = readInvitation(raw.value, device.o.clock.now());
  return invitation.ok ? ok({ raw: raw.value, invitation: invitation.value }) : invitation;
};

const viewOf = ({ signed, inviterName, expires }: Invitation): InvitationView => ({
  ...termsView(signed.contract),
  communityName: signed.contract.name,
  inviter: inviterName,
  expires,
  members: signed.contract.members.length,
});

export const openInvitation = async (device: Device, { link }: Ask<"read-invitation">): Answer<"read-invitation"> => {
  const read = readLink(device, link);
  return read.ok ? ok(viewOf(read.value.invitation)) : read;
};

export const join = async (device: Device, ask: Ask<"join">): Answer<"join"> => {
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
  const identity = {
    words: words.value,
    name: member.value,
    contract: encodeContract(invitation.signed),
    invitation: raw,
    addresses: addresses.slice(0, 16),
    since,
  };
  await device.become(identity, [
    waysOp({ signalling: invitation.signalling, ice: invitation.ice }),
    ...placeOps(invitation.zone),
  ]);
  return ok({ communityId: invitation.community });
};

export const invite = async (device: Device, { base }: Ask<"invite">): Answer<"invite"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core, network, neighbours } = node.value;
  if (core.me === null)
    return refuse("not-a-member", "Only members invite; wait until you are admitted yourself.", "ignore");
  const expires = (device.o.clock.now() + INVITATION_DAYS * DAY_MS) as Millis;
  const addresses = [...network.addresses(), ...neighbours.linked].slice(0, MAX_ADDRESSES);
  const inviterName = device.identity?.name ?? "";
  const raw = makeInvitation(
    { signed: core.signed, inviterName, expires, addresses, ways: device.ways, zone: device.place?.name ?? null },
    core.keys.memberKey,
    core.keys.memberSecret,
  );
  return ok({ link: linkOf(raw, base), expires });
};
