/**
 * The one thing to do (look.md: trouble is a task): the most pressing of what may be wrong, or nothing. The order is
 * the order of what a person can lose.
 */
import { lastEnded, stepAt } from "../community/market-step.ts";
import { key } from "../ledger/rows.ts";
import { knowsNothing } from "../node/silence.ts";
import type { Core } from "../node/core.ts";
import type { AlarmFinding } from "../node/light-alarm.ts";
import type { Problem } from "../port.ts";
import type { MeterView } from "../port-meter.ts";
import type { StoreError } from "../storage/store.ts";
import { applicantsOf } from "./applicants.ts";
import type { Decision } from "./decisions.ts";
import { ownBallot, ownMember } from "./lookup.ts";
import type { Notices } from "./notices.ts";

export type Circumstances = {
  readonly core: Core;
  readonly now: number;
  readonly storeError: StoreError | null;
  /** What is wrong with this device's keeping, where nothing is worse. */
  readonly keeping: Problem | null;
  readonly refusedBy: string | null;
  readonly online: boolean;
  /** Since when this node has had no neighbour, or null. */
  readonly lonelySince: number | null;
  readonly meters: readonly MeterView[];
  readonly clockOffset: number;
  readonly notices: Notices;
  readonly decisions: readonly Decision[];
  /** This device was admitted once, or founded the community. */
  readonly wasMember: boolean;
};

const LONELY_MS = 20_000;
const MINUTE = 60_000;
/** A clock further off than this, or than a twentieth of a step, books energy to the wrong step. */
const clockLimit = (stepMs: number): number => Math.min(5_000, stepMs / 20);

const make = (code: Problem["code"], severity: Problem["severity"], data?: Problem["data"]): Problem =>
  data === undefined ? { code, severity } : { code, severity, data };

export const storageProblem = (error: StoreError): Problem => {
  const code =
    error.code === "full"
      ? "storage-full"
      : error.code === "corrupt" || error.code === "failed"
        ? "storage-corrupt"
        : error.code === "closed"
          ? "other-tab-old"
          : "storage-denied";
  return make(code, "trouble");
};

/** Voters broke the rules together: nothing that a device could do, and everything that people must talk about. */
export const alarmProblem = ({ kind, step }: AlarmFinding): Problem =>
  make(kind === "wrong-shares" ? "alarm-shares" : "alarm-heads", "trouble", { step });

const meterProblem = (meters: readonly MeterView[], now: number): Problem | null => {
  for (const m of meters) {
    const minutes = Math.max(1, Math.round((now - (m.lastReading ?? now)) / MINUTE));
    if (m.state === "stopped")
      return make(m.lastRefusal === "register-backwards" ? "meter-backwards" : "meter-jumped", "trouble", {
        label: m.label,
      });
    if (m.state === "other-meter") return make("meter-other", "trouble", { label: m.label });
    if (m.state === "unplugged") return make("meter-unplugged", "task", { label: m.label });
    if (m.state === "silent") return make("meter-silent", "task", { label: m.label, minutes });
    if (m.state === "listening" && m.refusedTelegrams > 2) return make("meter-refused", "task", { label: m.label });
  }
  return null;
};

const communityProblem = (c: Circumstances): Problem | null => {
  const { core, now } = c;
  const { chain, contract, me } = core;
  const waiting = applicantsOf(core, c.notices, c.decisions).find((a) => !a.proposed && a.refused === null);
  if (me !== null && waiting !== undefined) return make("applicant-waiting", "task", { name: waiting.name });
  const ballots = chain.state
    .scan("proposal")
    .filter(([id, p]) => p.from === null && me !== null && ownBallot(core, id) === null);
  if (ballots.length > 0) return make("ballot-waiting", "task", { count: ballots.length });
  const barred = me === null ? null : (chain.state.get("member", key(me))?.barred ?? null);
  if (barred !== null) return make("barred", "task");
  const behind = lastEnded(contract, now) - chain.head.header.step;
  if (me !== null && behind > 3)
    return make("chain-stalled", "info", { minutes: Math.max(1, Math.round((behind * contract.stepMs) / MINUTE)) });
  const open = chain.head.header.step - chain.final.header.step;
  return open > 8 ? make("not-final", "info", { steps: open }) : null;
};

/** What ended this device's part in the community; null while it has one, or has had none yet. */
const partingOf = ({ core, wasMember, now }: Circumstances): Problem | null => {
  const own = ownMember(core);
  // Who comes back with its words is known again once the records are here.
  if (own === null && core.silence?.waiting === true) return null;
  if (own === null) return wasMember ? make("device-replaced", "trouble") : null;
  const { left } = own.row;
  return left !== null && left <= stepAt(core.contract, now) ? make("left-community", "info") : null;
};

export const problemOf = (c: Circumstances): Problem | null => {
  const { core, now, lonelySince } = c;
  if (c.storeError !== null) return storageProblem(c.storeError);
  const others = knowsNothing(core) || core.chain.state.scan("member").some(([, m]) => m.key !== core.keys.memberKey);
  // Who is no member any more is refused for that reason, which is the one to tell.
  const parting = partingOf(c);
  if (parting !== null) return parting;
  const [alarm] = core.alarms;
  if (alarm !== undefined) return alarmProblem(alarm.finding);
  if (c.refusedBy !== null && core.peers.size === 0) {
    // Made anew from words, and nothing here says that their key ever was a member's: words can be wrong and well-formed.
    const isNobody = c.refusedBy === "not-a-member" && core.silence?.waiting === true && ownMember(core) === null;
    if (isNobody) return make("words-unknown", "trouble");
    return make("refused-by-peers", "trouble", { reason: c.refusedBy });
  }
  const meter = meterProblem(c.meters, now);
  if (meter !== null) return meter;
  if (c.keeping !== null) return c.keeping;
  // Who has a link is not cut off, whatever the browser makes of its network.
  if (!c.online && core.peers.size === 0) return make("offline", "info");
  if (others && lonelySince !== null && now - lonelySince > LONELY_MS) {
    const minutes = Math.floor((now - lonelySince) / MINUTE);
    return make("no-neighbour", "task", { minutes, meters: c.meters.length });
  }
  if (Math.abs(c.clockOffset) > clockLimit(core.contract.stepMs))
    return make("clock-off", "task", { seconds: Math.round(c.clockOffset / 1_000) });
  return communityProblem(c);
};
