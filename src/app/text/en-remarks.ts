/** Problems and refusals in English. */
import { count, duration } from "../format.ts";
import { numberIn, peersReason, textIn, type Data, type Remarks } from "./remarks.ts";

const minutes = (data: Data, otherwise: string): string => {
  const value = numberIn(data, "minutes");
  return value === null ? otherwise : `for ${duration(value * 60_000, "en")}`;
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
    "no-neighbour": {
      title: "No neighbour in reach.",
      body: (data) =>
        `Your device has not met a neighbour ${minutes(data, "for a while")}. Your meter goes on counting; nothing is lost.`,
      button: "Try now",
    },
    offline: {
      title: "You are offline.",
      body: () => "You see the last verified state. It catches up by itself when the connection is back.",
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
      title: "Your device may not make blocks.",
      body: () =>
        "It owed too many, or signed two different things. Your sun and your vote stay. The members can pardon it.",
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
    "refused-by-peers": {
      title: "The neighbours\u2019 devices refuse this one.",
      body: (data) =>
        peersReason(
          remarks.refusals,
          data,
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
  refusals: {
    "invitation-unreadable": "This invitation cannot be read. Ask your neighbour to send the whole link again.",
    "invitation-changed": "This invitation was changed on its way. Do not use it; ask your neighbour for a new one.",
    "invitation-expired": "This invitation has expired. Ask your neighbour for a new one.",
    "contract-invalid": "The community\u2019s contract breaks its own rules. Do not join; tell your neighbour.",
    "contract-signature":
      "The contract\u2019s signature is not valid. Do not join; ask your neighbour for a new invitation.",
    malformed: "This could not be read. Try again with the original.",
    "phrase-length": "A recovery phrase has twelve words. Check that none is missing.",
    "phrase-checksum": "These words do not belong together. Compare them with your paper, letter by letter.",
    "word-unknown": "One of the words is not in the list. Compare it with your paper.",
    "name-empty": "Enter a name.",
    "name-long": "This name is too long. Shorten it.",
    "server-unreadable": "One of the servers cannot be read. Write it like https://host or turn:host:3478.",
    "servers-too-many": "These are more servers than fit an invitation. Name fewer.",
    "already-member": "This device already belongs to a community. Leave it first, under Health.",
    "light-device": "This device keeps your own figures only. Let it keep everything, under Health, to do this.",
    "not-ready": "The app is still starting. Try again in a moment.",
    "applicant-unknown": "This person no longer waits. Ask them to open the invitation again.",
    "proposal-unknown": "This proposal is not known here any more.",
    "meter-unknown": "This meter is not paired with this device any more.",
    "meter-settings": "The meter\u2019s figures do not fit together. Compare them with its front.",
    "port-missing": "The cable is not there. Plug it in and choose it again.",
    "step-unknown": "This step is not kept on this device.",
    "transaction-unknown": "This entry is not kept on this device.",
    "confirm-mismatch": "The name does not match. Type the community\u2019s name exactly.",
    "not-leader": "Another tab of this app is at work. Do it there, or close that tab.",
    closed: "The storage was closed. Reload the app.",
    corrupt: "Part of the stored records cannot be read. Reload; what is missing comes from your neighbours.",
    denied: "The browser lets this app keep nothing. Leave private browsing or allow storage for this site.",
    failed: "The device could not store this. Try again; nothing already counted is lost.",
    full: "This device has no room left. Delete other data, then try again.",
    "not-a-member": "Only members can do this. Wait until you are admitted.",
    "member-known": "This neighbour is a member already.",
    "community-full": "The community has no place left for another member.",
    "too-many-proposals": "Too many votes are open. Decide one of them first.",
    "weight-too-large": "This weight is too large. Choose a smaller one.",
    "ballot-closed": "This vote is over.",
    busy: "Too many ask at once. Try again in a few minutes.",
    "other-version": "Your neighbour runs another version. Update the app on both devices.",
    "other-community": "This belongs to another community.",
    "fingerprint-mismatch":
      "Someone may stand between you and your neighbour. Try another network and compare the digits.",
    "bad-invitation": "The members do not accept this invitation. Ask your neighbour for a new one.",
    "bad-signature": "A signature is not valid. Nothing was accepted.",
    "same-key": "Another device uses the same words. Leave the community on one of them.",
    "meter-not-stopped": "This meter is counting. There is nothing to confirm.",
    "port-busy": "The cable is in use. Close other programs that read it, then unplug it and plug it in again.",
    "port-denied": "This page may not use the cable any more. Choose it again.",
    "no-web-serial": "This browser cannot read a cable. Use Chrome or Edge on a computer, or choose USB on Android.",
    "no-webusb": "This browser cannot reach USB devices. Use Chrome or Edge.",
    "line-noise": "The line is disturbed. Check the plug, the port’s speed and whether the cable inverts the signal.",
    "bad-checksum": "It arrived damaged. If it goes on, shorten the cable, check its plug and the port’s speed.",
    "no-checksum":
      "This meter sends no checksums (older than DSMR 4), so damage would go unseen. Use its pulse output.",
    "cut-short": "It broke off in the middle. Check that the cable is plugged in at both ends.",
    "no-start": "It came without its beginning. The next one should be whole, otherwise check the cable.",
    "too-long": "It never ended. Check that the port is a P1 port and that its speed is right.",
    "no-telegram":
      "Bytes arrive, but nothing readable. Check the port’s speed, an inverted cable, and that the meter does not encrypt.",
    "no-export-register": "This meter sends no export register. Ask the grid operator to have it count what is fed in.",
    "no-import-register":
      "This meter does not say what comes from the grid. Read the household\u2019s own grid meter instead.",
    "unreadable-register":
      "A register in it cannot be read. If it happens every time, report the meter’s type to the project.",
    "unknown-unit": "A register in it has an unknown unit. Report the meter’s type to the project.",
    "contradictory-registers": "Its registers contradict each other. Report the meter’s type to the project.",
    "other-constant": "The counter was told another number of pulses per kWh than you entered. Correct the wrong one.",
    "count-backwards": "The pulse count fell without a restart. Flash the counter again.",
    "register-backwards": "The meter shows less than last time. If it was exchanged, confirm it.",
    "too-much": "The meter jumped by more than the installation can make. If it was exchanged, confirm it.",
    stopped: "The meter is stopped until you confirm it.",
    "worker-failed": "The app\u2019s engine has stopped. Your data is safe; reload.",
    "member-unknown": "This is not a member of the community, or no longer one.",
    "nothing-changes": "This is what is in force already. Change something first.",
    "nothing-to-pardon": "This member owes nothing and may make blocks.",
    "last-member": "The last member cannot leave. Clear this device instead.",
    "rule-iterations": "Each round shares a part above 0, and the last one all that is left.",
    "rule-members": "The members have changed meanwhile. Make the proposal again.",
    "rule-weights": "Weights are whole numbers from 0 to 1,000,000, and one at least is above 0.",
    "strategy-share": "Enter a whole per cent from 1 to 100.",
    "term-fixed": "This term stays as it was founded.",
    "terms-invalid": "This value does not fit the other terms. Choose another.",
    "owner-unknown": "The meter\u2019s owner is not a member.",
    endorsement: "The grid operator\u2019s endorsement of this meter is missing or false.",
    "generator-known": "This meter is registered already.",
    "generator-unknown": "This meter is not registered here.",
    "voting-key-unproven": "The new device\u2019s key is not proven. Ask for the request once more.",
    "leave-known": "You leave already. There is nothing more to do.",
    "ballot-old": "Your vote of this step is counted already. You can change it in the next step.",
    "proposal-known": "This is proposed already. Vote on it under Community.",
    "proposal-adopted": "This has been adopted already. Make a new proposal.",
    "proposal-time": "This proposal has become too old on its way. Make it again.",
    "parameters-order": "The terms do not fit together. Make the proposal again.",
    "identity-lost": "Bring your keys back first, or clear this device.",
    "passphrase-short": "Choose a passphrase of at least 10 characters.",
    "passphrase-wrong":
      "The passphrase does not open this file. Check capitals and spaces, or whether the file is whole.",
    "backup-unreadable": "This is not a backup of Commonwatt, or it is damaged. Choose another file.",
    "backup-newer": "This backup was made by a newer version. Update the app first.",
    "backup-older": "This device has newer records of the same member than the file. Nothing was changed.",
    "generator-terms": "A generator needs a peak power and a resolution within their bounds.",
  },
};
