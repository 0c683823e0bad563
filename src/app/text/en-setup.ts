/** The sentences of setting things up: first screens, invitations, meters. English. */
import { count, plural } from "../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const setup = {
  create: {
    title: "Create a community",
    intro: "You are the first member. Everyone you invite later sees these terms before joining.",
    name: "Name of the community",
    nameHint: "For example the street or the house: Rue du Soleil 12",
    memberName: "Your first name",
    memberNameHint: "Only the members see it. It never goes on the chain.",
    rhythm: {
      legend: "How often is the sun divided?",
      options: {
        paper: {
          label: "Every 15 minutes",
          hint: "The grid operator\u2019s own rhythm. Choose this for a real community.",
        },
        fast: { label: "Every 10 seconds", hint: "To try things out: you see a result at once." },
      },
    },
    quorum: {
      legend: "When is a step agreed?",
      options: {
        majority: {
          label: "When more than half agree",
          hint: "Works with few members and phones that sleep. Protects against faults, and exposes anyone who votes twice.",
        },
        "two-thirds": {
          label: "When more than two thirds agree",
          hint: "Also safe when up to a third of the members cheat together. Needs more devices awake.",
        },
      },
    },
    preview: "Your contract",
    contract: (name: string, rhythm: string, quorum: string) =>
      `${name} divides its sun ${rhythm}, in equal parts until the members decide otherwise. A step is agreed when ${quorum} of the active members have checked it. New members, meters and rules need the members\u2019 vote.`,
    unnamed: "Your community",
    rhythmPaper: "every 15 minutes",
    rhythmFast: "every 10 seconds",
    quorumMajority: "more than half",
    quorumTwoThirds: "more than two thirds",
    next: "Make my keys",
    done: (name: string) => `${name} exists.`,
    doneBody: "You are its first member. Two things make it live: neighbours, and a meter.",
    inviteNext: "Invite a neighbour",
    meterNext: "Pair a meter",
    home: "Go to Home",
    needName: "Give the community a name of up to 60 letters; an emoji counts as four.",
    needMember: "Enter your first name, up to 40 letters; an emoji counts as four.",
  },
  phrase: {
    title: "Write down these twelve words",
    body: "All your keys are made from them: they are your membership. Whoever finds them can act as you. Paper is best. Nobody else has them, not even we.",
    alsoNeeded:
      "To come back with them you also need an invitation link to the community, even an expired one: once you are in, make one under Community and keep it with your paper. Or save a backup under Health: it brings you back by itself.",
    kept: "They stay the same on this device until you have finished, even if you reload or go back.",
    shownBefore: (when: string) =>
      `This device showed you these words ${when}: what you wrote down then is still right.`,
    other: "Make other words",
    otherMade: "These words are new. Cross out any that you wrote down before.",
    written: "I have written them down",
    checkTitle: "Which word is it?",
    checkBody: "Take your paper and pick the three words.",
    word: (position: number) => `Word ${position}`,
    wrong: "One of the words does not match your paper. Look again, or go back and compare.",
    again: "Show the words again",
    finishCreate: "Create the community",
    finishJoin: "Ask to join",
  },
  join: {
    title: "Join a community",
    paste: "Paste the invitation link you received",
    pasteHint: "Or scan the neighbour\u2019s QR code with your phone\u2019s camera.",
    read: "Open the invitation",
    notALink: "This does not look like an invitation. Copy the whole link that your neighbour sent.",
    invites: (inviter: string, community: string) => `${inviter} invites you to ${community}.`,
    about: (members: number, rhythm: string) =>
      `At its founding it had ${n(members, "member", "members")}. The sun of the roof is divided every ${rhythm}.`,
    termsTitle: "What was agreed at the founding",
    membersVote:
      "The members may have changed some of it by vote since: you see what is in force once your device has asked to join. New members, meters and rules need the members\u2019 vote, yours included.",
    dso: "Meters also need the grid operator\u2019s endorsement.",
    expires: (when: string) => `The invitation expires on ${when}.`,
    memberName: "Your first name",
    memberNameHint: "The members see it to recognise you. It never goes on the chain.",
    next: "Make my keys",
    alreadyMember: (community: string) =>
      `This device already belongs to ${community}. Leave it first, under Health, or open the link on another device.`,
  },
  waiting: {
    title: (community: string) => `${community} has your request.`,
    alone: (community: string) => `Your request waits: nobody of ${community} is online.`,
    offline: (community: string) => `Your request to ${community} waits here: you are offline.`,
    offlineBody: "It goes out by itself as soon as this device is connected again.",
    body: "The members vote on it, each with one tap. Keep this page open or come back later: it goes on by itself.",
    next: "What happens next",
    steps: [
      "A member sees your name and compares your digits.",
      "The members vote: as soon as enough have said yes, you are in.",
      "Your share of the sun appears on Home.",
    ],
    vote: (by: string, yes: number, needed: number) =>
      `${by} has proposed you: ${count(yes, "en")} of the ${count(needed, "en")} votes that it takes. ${yes < needed ? `${n(needed - yes, "more member has", "more members have")} to say yes.` : "The step that is running decides."}`,
    admitted: (when: string) => `You are admitted: you are a member from ${when} on.`,
    digits: "Your digits",
    digitsBody:
      "Read them to your neighbour on the phone: the same digits on both screens mean that nobody stands in between.",
    refusedTitle: "This invitation is not accepted",
    startOver: "Start over with a new invitation",
    startOverMeans: "Your request on this device is forgotten; there is nothing else on it yet.",
    replacedTitle: "This device no longer speaks for you",
    inForce: "What is in force there now",
    connected: (peers: number) =>
      peers === 0
        ? "No member is online right now. Ask your neighbour to open the app."
        : `${n(peers, "member has", "members have")} your request.`,
  },
  invite: {
    title: "Invite a neighbour",
    body: "Show this code or send the link. It carries the contract, signed by you; your neighbour\u2019s keys are made on their own device.",
    make: "Make an invitation",
    link: "Invitation link",
    qr: "QR code of the invitation link",
    expires: (when: string) => `Expires on ${when}.`,
    after: "When your neighbour has opened it, they appear under Community. Admit them there with one tap.",
    shareTitle: (community: string) => `Join ${community}`,
    shareText: (community: string) => `I invite you to share the sun in ${community}:`,
    onlyHere: (host: string) =>
      `This link starts at ${host}: only this computer can open it. For other devices, start the app with npm start -- --host 0.0.0.0 (or npx commonwatt serve --host 0.0.0.0) behind a proxy with a certificate: browsers ask for HTTPS. Your neighbour opens the app there, chooses \u201cI have an invitation\u201d and pastes this link.`,
    tooLong: "The link is too long for a QR code. Send it instead.",
  },
  meter: {
    title: "Meter",
    sentenceNone: "No meter is paired with this device.",
    why: "The member whose device sits beside the generation meter pairs it here. Everyone else needs nothing.",
    pair: "Pair a meter",
    another: "Pair another meter",
    counting: (name: string) => ({ before: `${name} has counted`, after: "in all." }),
    states: {
      "waiting-port": "Waiting for the cable",
      listening: "Listening for the first reading",
      counting: "Counting",
      silent: "Silent",
      unplugged: "Unplugged",
      stopped: "Stopped until you confirm",
      "other-meter": "Another meter answers",
    },
    stateHelp: {
      "waiting-port": "Plug the cable into this device.",
      listening: "The first telegram usually comes within ten seconds.",
      counting: "",
      silent: "The cable is there, but nothing arrives. Check its other end at the meter.",
      unplugged: "Plug the cable in again. Nothing already counted is lost.",
      stopped:
        "The reading does not fit the last one. If the meter was exchanged, confirm it; counting then goes on from the new register.",
      "other-meter":
        "The meter is not the one that was paired. Were two cables swapped? Or was the meter exchanged? Put the cable back, or confirm the new meter; counting then begins at its register. Nothing is counted until then.",
    },
    power: "Now",
    last: "Last reading",
    booked: "Counted, not yet booked",
    registered: {
      no: "Not yet known to the community. It is proposed by itself after the first reading.",
      proposed: "The members are voting on it.",
      yes: "The community counts it.",
    },
    registration: "Registration",
    accuracy: "Accuracy",
    accuracyOk: (quantum: string, resolution: string) =>
      `Fine enough: a step\u2019s smallest reliable amount is ${quantum}, the meter shows ${resolution}.`,
    accuracyBad: (quantum: string, resolution: string) =>
      `Coarser than the rule asks: the meter shows steps of ${resolution}, the rule allows ${quantum}. Sums over a day are still right; single steps of low power are rounded.`,
    refused: (value: number) => `${n(value, "telegram was", "telegrams were")} refused`,
    telegrams: "Telegrams",
    refusedNone: "Every telegram was readable.",
    confirm: "The meter was exchanged: go on",
    forget: "Forget this meter",
    forgetSure: "Really forget it? What was counted stays booked.",
    chooseAgain: "Choose the cable again",
    wake: "Keep this screen on while counting",
    wakeHint: "For a phone or tablet that stays beside the meter.",
    wakeMissing:
      "This browser cannot keep the screen on. Set the display\u2019s timeout in the device\u2019s settings.",
    cancelled: "No cable was chosen. Plug it in and try again.",
    denied: "The browser refused access to the cable. Allow serial ports for this site in the browser\u2019s settings.",
    before: "Before",
    nowShows: "The meter shows now",
    otherTab: "The meter is read by another tab of this app. Close one of the two.",
  },
  /** What a meter is paired for. */
  meterRole: {
    legend: "What should it count?",
    options: {
      generation: {
        label: "What the panels make",
        hint: "Counted, signed and shared. The members vote on it first. A grid meter (P1, Linky) sees only what you feed in, after your own use.",
      },
      consumption: {
        label: "What my household uses",
        hint: "Your own grid meter. Only this device reads it, and nothing of it ever leaves this device.",
      },
    },
  },
  /** A meter of the own use. */
  useMeter: {
    counting: (name: string) => ({ before: `${name} has brought in`, after: "from the grid in all." }),
    grid: "From the grid",
    gridRegister: (register: string, now: string | null) => (now === null ? register : `${register}, now ${now}`),
    forgetSure: "Really forget it? What it counted so far stays on this device.",
    check: "Check against the meter",
  },
  /** Around every file that is to be chosen. */
  file: { how: "Press to choose it, or drop it here.", another: "Press to choose another one." },
};

export type SetupTexts = typeof setup;
