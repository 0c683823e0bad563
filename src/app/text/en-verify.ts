/** The sentences around proof files: saving one, checking one. English; loaded with what needs them. */
import { count, plural } from "../format.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "en")} ${plural("en", value, { one, other })}`;

export const verify = {
  title: "Check a proof",
  intro:
    "A proof file shows what a member was credited. It is checked here, on this device: nothing is sent anywhere, and nobody need be trusted.",
  choose: "Choose a proof file",
  tooLong: "This file is too long to be a proof.",
  unreadable: "This file cannot be read. Choose it again.",
  working: "Checking every signature\u2026",
  holds: {
    before: "It holds.",
    member: (index: string) => `Member ${index}`,
    middle: "was credited",
    after: (when: string) => `(${when}).`,
  },
  digits: "Digits of the key, as on the member\u2019s statement:",
  openStatement: "A statement of the same time may say more: it also counts steps that are not final yet.",
  statement: "Your statement of this month",
  memberKey: "Key",
  refused: "It does not hold.",
  /** Some other file: nothing in it could hold. */
  noProof: "This is no proof file of Commonwatt.",
  /** Nothing was found out about it: the file or this device was not up to it. */
  unchecked: "It could not be checked.",
  refusedAt: (place: string) => `What does not hold: ${place}.`,
  another: "Check another one",
  /** The parts of the file. */
  places: {
    file: "the file itself",
    claim: "what the file claims",
    contract: "the community\u2019s contract",
    hops: "how the right to vote was handed over",
    final: "the final step and its confirmations",
    members: "the member\u2019s counter",
    blocks: "the written-down steps and what they divide",
    history: "that these steps are part of the chain",
    seal: "the seal at the end of the file",
  },
  /** Where something was changed, by the code of the refusal. */
  codes: {
    "not-on-device":
      "The part of the app that checks proofs is not on this device yet. Connect to the internet once, then choose the file again.",
    "bundle-not": "Choose a file that ends in .cwproof.",
    "bundle-version": "This proof is of another version. Update the app.",
    "bundle-cut": "The file is damaged: something is missing or too much. Ask for it again.",
    "bundle-unreadable": "This part was changed or damaged. Ask for the file again.",
    "bundle-contract": "The contract is not the one that its founder signed.",
    "bundle-hop": "A hand-over is not confirmed by those who had the right to vote.",
    "bundle-final": "Not enough voters have truly signed that this step is final.",
    "bundle-member": "The counter shown is not the one that the chain has.",
    "bundle-block": "The steps do not stand in order, or are of another community.",
    "bundle-history": "A step shown was never part of this chain.",
    "bundle-credit": "What is said to have been divided is not what was written down.",
    "bundle-signer": "Whoever signed this division had no right to.",
    "bundle-signature": "The signature under a division is false.",
    "bundle-period": "The period claimed makes no sense, or is not over yet in this proof.",
    "bundle-sum": "The amount claimed is not the sum of what is shown.",
    "bundle-register": "More is claimed than the member\u2019s counter has ever counted.",
    "bundle-seal": "The period claimed was changed after the file was made.",
  },
  /** What holds, in the order of the check. */
  steps: {
    contract: (name: string, members: number) =>
      `The contract of \u201c${name}\u201d is signed by its founder; ${members === 1 ? "its first member has proven the key" : `its ${n(members, "first member", "first members")} have proven their keys`}.`,
    hops: (times: number) =>
      times === 0
        ? "Enough of the contract\u2019s members still vote: the right to vote need not be followed further."
        : `The right to vote was handed over ${n(times, "time", "times")}, each time confirmed by those who had it.`,
    final: (time: string, confirmed: string, voters: string, quorum: string) =>
      `The step of ${time} is final: ${confirmed} of ${voters} confirmed it by signature, ${quorum} must.`,
    members: (register: string) => `The member\u2019s counter stood at ${register} then.`,
    history: (blocks: number, of: string) =>
      `${n(blocks, "step with credits is", "steps with credits are")} among the ${of} that the final one seals.`,
    blocks: (credits: number, checked: string) =>
      `${n(credits, "division gives", "divisions give")} the member a share; ${checked} of the signatures under them were checked.`,
    vouched: (some: number) =>
      `${n(some, "signature is", "signatures are")} by a key that was exchanged since: for these the voters vouch.`,
    claim: (amount: string) => `The shares add up to ${amount}, as claimed.`,
    seal: "Nothing in the file was changed after it was made.",
  },
  compare: "Compare this with the community you know:",
  limits: (rest: string) =>
    `Nothing in it is invented. Credits may have been left out, but no more than ${rest}: the counter has them all.`,
  open: "A meter may still deliver late for this time: the figure can grow, never fall.",
  credits: "Every credit",
  columns: { until: "Until", amount: "Credited" },
  more: (shown: string) => `The first ${shown}; the command line lists all.`,
  save: {
    title: "Take the proof with you",
    body: "One file that anybody can check, offline and without an account: the grid operator, a tenant, you in ten years. It also shows what your neighbours were given in these steps.",
    range: {
      legend: "Of",
      options: { step: { label: "this step" }, day: { label: "its day" }, month: { label: "its month" } },
    },
    button: "Save proof",
    saved: (size: string) => `Saved, ${size}.`,
    check: "Check a proof file",
    /** Why there is none to save, by the code of the refusal. */
    refusals: {
      "no-credits": "Nothing that is final was credited to you in this time.",
      "proof-incomplete":
        "This device does not have every proof of how the voters changed yet, and asks for them; wait until a neighbour that has them is connected, and try again.",
      "proof-early": "No step is final yet, or its votes are not here; try after the next step.",
      "proof-missing":
        "This device does not keep everything that this proof needs; make it on one that keeps the whole chain.",
      "proof-not-final": "This step cannot be proven yet; it can once the step after it is final.",
    },
  },
};

export type VerifyTexts = typeof verify;
