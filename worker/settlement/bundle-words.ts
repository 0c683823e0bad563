/**
 * What a proof bundle that holds shows, step by step, in English for the command line; the app has its own words. Says
 * also what it does not show. Knows no bytes.
 */
import type { ProofFileView } from "../port-proof.ts";
import type { Place } from "./bundle.ts";

export type Explained = { readonly place: Place; readonly sentence: string };

const kwh = (mwh: number): string => `${Math.floor(mwh / 1_000_000)}.${String(mwh % 1_000_000).padStart(6, "0")} kWh`;
/** UTC, since a file has no time zone. */
const at = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace("T", " ")
    .replace(/\.000Z$/u, " UTC")
    .replace(/Z$/u, " UTC");
const many = (n: number, one: string, other: string): string => `${n} ${n === 1 ? one : other}`;

/** The claim in one sentence. */
export const claimed = ({ member, claim }: ProofFileView): string => {
  const steps = claim.from === claim.to ? `step ${claim.from}` : `steps ${claim.from} to ${claim.to}`;
  return `Member ${member.index} (digits of the key: ${member.digits}) was credited ${kwh(claim.mwh)} in ${steps} (${at(claim.begin)} to ${at(claim.end)}).`;
};

/** One sentence a part, in the order in which they were checked. */
export const explain = (found: ProofFileView): Explained[] => {
  const { community, final, member, claim, credits, blocks, handOvers, signatures } = found;
  const vouched =
    signatures.vouched === 0
      ? ""
      : ` ${many(signatures.vouched, "more is", "more are")} by a key exchanged since, for which the quorum vouches.`;
  return [
    {
      place: "contract",
      sentence: `The contract of "${community.name}" is signed by its founder, and its ${many(community.founders, "first member has", "first members have")} proven their voting keys. Its id is ${community.id}: compare it with the one that you know.`,
    },
    {
      place: "hops",
      sentence:
        handOvers === 0
          ? "The members of the contract, or enough of them, still vote: no hand-over is needed."
          : `The right to vote was handed over ${many(handOvers, "time", "times")}, each time confirmed by a quorum of those before.`,
    },
    {
      place: "final",
      sentence: `Block ${final.height}, of step ${final.step} (${at(final.time)}), is final: ${final.confirmed} of ${final.voters} voters confirm it by signature, and ${final.quorum} must.`,
    },
    {
      place: "members",
      sentence: `In the state after it, member ${member.index} has the key ${member.key} (digits ${member.digits}, as on a statement), and its virtual generation meter stands at ${kwh(member.registerMwh)}.`,
    },
    {
      place: "history",
      sentence: `${many(blocks, "earlier block is", "earlier blocks are")} shown to be among the ${final.height} that it commits to.`,
    },
    {
      place: "blocks",
      sentence: `${many(credits.length, "distribution", "distributions")} for the member ${credits.length === 1 ? "is" : "are"} in them. ${many(signatures.checked, "signature by a holder of a VPP key holds", "signatures by holders of a VPP key hold")}.${vouched}`,
    },
    { place: "claim", sentence: `They add up to ${kwh(claim.mwh)}, as the file claims.` },
    { place: "seal", sentence: "Nothing in the file was changed after it was made." },
  ];
};

/** What a bundle cannot show, for whoever relies on it. */
export const limits = ({ member, claim }: ProofFileView): string[] => [
  `Nothing in it is invented. Credits may have been left out, but not more than ${kwh(member.registerMwh - claim.mwh)}: the register has counted all there ever were. Fees earned for writing blocks are in the register, and not in distributions.`,
  ...(claim.closed ? [] : ["Late energy may still be booked to these steps: the figure can grow, never fall."]),
];
