/** Problems in English. */
import { count, duration } from "../format.ts";
import { numberIn, peersReason, textIn, type Data, type Remarks, type TurnedAway } from "./remarks.ts";

/** Reasons for which neighbours turn a device away that its member should know. */
export const turnedAway: Readonly<Record<TurnedAway, string>> = {
  "bad-invitation": "The members do not accept this invitation. Ask your neighbour for a new one.",
  "invitation-expired": "This invitation has expired. Ask your neighbour for a new one.",
  "other-version": "Your neighbour runs another version. Update the app on both devices.",
  "fingerprint-mismatch":
    "Someone may stand between you and your neighbour. Try another network and compare the digits.",
  "same-key": "Another device uses the same words. Leave the community on one of them.",
};

const minutes = (data: Data, otherwise: string): string => {
  const value = numberIn(data, "minutes");
  return value === null || value < 1 ? otherwise : `for ${duration(value * 60_000, "en")}`;
};
const meter = (data: Data): string => textIn(data, "label", "Your meter");

export const remarks: Remarks = {
  problems: {
    "storage-denied": {
      title: "The browser lets this app keep nothing.",
      body: () =>
        "Keys and counts would be lost. Leave private browsing, or allow storage for this site, then try again.",
      button: "Try again",
    },
    "storage-full": {
      title: "This device has no room left.",
      body: () => "Nothing counted is lost, but nothing new can be kept. Delete photos or other data on the device.",
      button: "See the storage",
    },
    "storage-corrupt": {
      title: "Part of the stored records cannot be read.",
      body: () => "Your keys are kept apart. Reload: what is missing comes again from your neighbours.",
      button: "Reload",
    },
    "storage-short": {
      title: "This device is running out of room.",
      body: (data) => {
        const left = numberIn(data, "megabytes");
        return `Everything is still kept, but ${left === null ? "little" : `only ${count(left, "en")}\u00a0MB`} is left for this app. Delete photos or other data on the device, or save a backup.`;
      },
      button: "See the storage",
    },
    "identity-lost": {
      title: "This device\u2019s keys cannot be read.",
      body: () =>
        "The storage was damaged. Your twelve words or a backup file bring you back; your sun is safe with your neighbours.",
      button: "Bring me back",
    },
    "community-outdated": {
      title: "This community began with an earlier version of the app.",
      body: () =>
        "Its rules had a weakness and have changed, so it cannot go on here. Everything is still on this device; to begin anew, clear it and create or join the community again.",
      button: "Begin anew",
    },
    "no-neighbour": {
      title: "No neighbour in reach.",
      body: (data) =>
        `Your device has not met a neighbour ${minutes(data, "for a while")}. ${(numberIn(data, "meters") ?? 0) > 0 ? "Your meter goes on counting; nothing is lost." : "What it keeps is safe; it catches up by itself."}`,
      button: "Try now",
    },
    offline: {
      title: "You are offline.",
      body: () => "What you see is how things stood before. It catches up by itself when the connection is back.",
      button: "Try now",
    },
    "clock-off": {
      title: "This device\u2019s clock is wrong.",
      body: (data) => {
        const seconds = numberIn(data, "seconds");
        return `It differs from the neighbours\u2019 ${seconds === null ? "" : `by ${duration(Math.abs(seconds) * 1000, "en")}`}. Switch on automatic time in the device\u2019s settings.`.replace(
          " .",
          ".",
        );
      },
      button: "See the clock",
    },
    "meter-silent": {
      title: "The meter has fallen silent.",
      body: (data) =>
        `${meter(data)} has sent nothing ${minutes(data, "for a while")}. Check the cable at the meter\u2019s end.`,
      button: "Open the meter",
    },
    "meter-refused": {
      title: "The meter\u2019s telegrams are unreadable.",
      body: (data) =>
        `${meter(data)} sends, but the checksums are wrong. Check the plug, the cable\u2019s length and the port\u2019s speed.`,
      button: "Open the meter",
    },
    "meter-backwards": {
      title: "The meter counts less than before.",
      body: (data) =>
        `${meter(data)} shows a smaller register than last time. If it was exchanged, confirm it. What was counted stays.`,
      button: "Open the meter",
    },
    "meter-jumped": {
      title: "The meter has jumped.",
      body: (data) =>
        `${meter(data)} grew by more than the installation can make. If it was exchanged, confirm it; otherwise correct the largest power. What was counted stays.`,
      button: "Open the meter",
    },
    "meter-other": {
      title: "Another meter answers on this cable.",
      body: (data) =>
        `Were two cables swapped? Or was the meter exchanged? ${meter(data)} is not counted until its own cable is back, or you confirm the new meter. What was counted stays.`,
      button: "Open the meter",
    },
    "meter-unplugged": {
      title: "The meter\u2019s cable is out.",
      body: (data) =>
        `Plug the cable of ${textIn(data, "label", "your meter")} in again. What the meter counts meanwhile is booked then.`,
      button: "Open the meter",
    },
    "ballot-waiting": {
      title: "The community asks for your vote.",
      body: (data) => {
        const open = numberIn(data, "count") ?? 1;
        return open === 1
          ? "One proposal waits for your yes or no."
          : `${count(open, "en")} proposals wait for your yes or no.`;
      },
      button: "See the proposal",
    },
    "applicant-waiting": {
      title: "Someone waits at the door.",
      body: (data) =>
        `${textIn(data, "name", "A neighbour")} asks to join. Compare the digits, then admit with one tap.`,
      button: "See who it is",
    },
    "not-final": {
      title: "The last steps are not final yet.",
      body: () => "Too few neighbours were online to confirm them. It goes on when more open the app; nothing is lost.",
      button: "See the steps",
    },
    "chain-stalled": {
      title: "No step has been written down lately.",
      body: (data) =>
        `Nothing new ${minutes(data, "for a while")}. The meters go on counting; the energy is booked as soon as a member is online.`,
      button: "Try now",
    },
    barred: {
      title: "Your device may not write steps down.",
      body: () =>
        "It missed its turn too often, or signed two different things. Your sun and your vote stay. The members can pardon it.",
      button: "See why",
    },
    "left-community": {
      title: "You have left the community.",
      body: () => "Nothing is shared with you any more. What you have had stays on record; you can clear this device.",
      button: "Clear this device",
    },
    "device-replaced": {
      title: "Another device speaks for you now.",
      body: () =>
        "The members gave your membership to a new device, so this one no longer counts. If that was not you, call your neighbours.",
      button: "Clear this device",
    },
    "words-unknown": {
      title: "These words belong to no member of this community.",
      body: () =>
        "Compare them with your paper, then clear this device and try again. If they are right, the invitation may be to another community, or your membership has ended: ask a neighbour.",
      button: "Clear this device",
    },
    "refused-by-peers": {
      title: "The neighbours\u2019 devices refuse this one.",
      body: (data) =>
        peersReason(
          turnedAway,
          data,
          "Your membership has ended while this device was off, or the members gave it to a new device of yours. If that was not you, call your neighbours.",
          "They may run a newer version, or your membership may have ended. Update the app and ask a neighbour.",
        ),
      button: "See the connections",
    },
    "alarm-shares": {
      title: "A share was agreed on that breaks the rule.",
      body: () =>
        "More than half of the members\u2019 devices signed it, and this device has the proof. Talk to your neighbours before you rely on the figures.",
      button: "See the connections",
    },
    "alarm-heads": {
      title: "The members\u2019 devices agreed on two different records.",
      body: () =>
        "This device keeps the one it knew first and has the proof of both. Talk to your neighbours: people must decide which one counts.",
      button: "See the connections",
    },
    "other-tab-old": {
      title: "Another tab runs an older version.",
      body: () => "Close the other tabs of this app, then reload this one.",
      button: "Reload",
    },
  },
};
