/**
 * Who waits at the door (§II.C): the requests that neighbours pass on, but for those that are settled. A request goes
 * round for as long as somebody has it, also when its keys have become a member's and are no longer one's.
 */
import type { Core } from "../node/core.ts";
import type { Application } from "../node/messages.ts";
import type { Applicant } from "../port-council.ts";
import type { Decision } from "./decisions.ts";
import { isProposed } from "./lookup.ts";
import type { Notices } from "./notices.ts";

/** The ballots that were about these keys, the newest last. */
const ballotsOn = (decisions: readonly Decision[], { key }: Application): readonly Decision[] =>
  decisions.filter(({ row: { action } }) =>
    action.kind === "member" ? action.terms.key === key : action.kind === "rotate" && action.key === key,
  );

/** Whether its keys are a member's, or were one's: of the founding, by a ballot, or until they gave way to newer ones. */
const isOfMember = (core: Core, ballots: readonly Decision[], { key, blsKey }: Application): boolean =>
  core.contract.members.some((m) => m.key === key) ||
  core.chain.state.scan("member").some(([, row]) => row.key === key || row.oldBlsKey === blsKey) ||
  ballots.some(({ outcome, row }) => outcome === "adopted" && (row.from ?? Infinity) <= core.chain.head.header.step);

/** In the order in which they were heard; without this device's own. */
export const applicantsOf = (core: Core, notices: Notices, decisions: readonly Decision[]): Applicant[] =>
  [...core.applications.values()].flatMap((application) => {
    const { key, name, at } = application;
    const ballots = ballotsOn(decisions, application);
    if (key === core.keys.memberKey || isOfMember(core, ballots, application)) return [];
    const proposed = isProposed(core, key);
    const isVotedDown = !proposed && ballots.at(-1)?.outcome === "rejected";
    const refused = notices.isRefused(key) ? "here" : isVotedDown ? "by-vote" : null;
    return [{ key, name, since: at, proposed, refused }];
  });
