/**
 * Which notices are due, from one view to the next: a meter fell silent, a ballot waits, the chain stalls. Each is told
 * once; it is told again only after it has been over for a while. Pure; who shows them stands in src/bridge/notify.ts.
 */
import type { View } from "../../worker/port.ts";

export const NOTICE_KINDS = ["meter", "ballot", "stalled"] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** All off until the member wants them; `named`: with names and figures, for who may read the lock screen. */
export type Wanted = Readonly<Record<NoticeKind, boolean>> & { readonly named: boolean };
export const NOTHING_WANTED: Wanted = { meter: false, ballot: false, stalled: false, named: false };

export type Notice = {
  readonly kind: NoticeKind;
  /** A newer one with the same tag takes the older one's place on the screen. */
  readonly tag: string;
  /** The screen that it leads to. */
  readonly hash: string;
  /** Who or what it is about, for words with names; null where there is nothing to name. */
  readonly name: string | null;
  /** How long it has lasted; null where that says nothing. */
  readonly minutes: number | null;
};

/** By tag what was told: since when it is over, 0 while it lasts. */
export type Told = Readonly<Record<string, number>>;

/** A cable with a loose contact is one notice, not twenty. */
const OVER_MS = 10 * 60_000;
const MINUTE = 60_000;
/** Steps without a block that are nothing to worry about: as on Home (worker/shell/problems.ts). */
const LATE_STEPS = 3;
/** Ten-second steps are late after half a minute, which nobody needs to be called for. */
const STALLED_MS = 5 * MINUTE;

const SILENT = ["silent", "unplugged", "stopped", "other-meter"];

const minutesSince = (since: number | null, now: number): number | null =>
  since === null || now - since < MINUTE ? null : Math.floor((now - since) / MINUTE);

/** What is so now, whether or not it was told. */
export const standing = (view: View): readonly Notice[] => {
  if (view.demo || view.phase !== "member") return [];
  const { madeAt: now, step, head, community } = view;
  const meters = view.meters
    .filter(({ state }) => SILENT.includes(state))
    .map(({ id, label, lastReading }): Notice => ({
      kind: "meter",
      tag: `meter/${id}`,
      hash: "#/meter",
      name: label,
      minutes: minutesSince(lastReading, now),
    }));
  const ballots = view.proposals
    .filter(({ state, mine }) => view.voting !== null && state === "open" && mine === null)
    .map(({ id, by }): Notice => ({
      kind: "ballot",
      tag: `ballot/${id}`,
      hash: "#/community",
      name: by,
      minutes: null,
    }));
  const behind = step === null || head === null ? 0 : step.index - 1 - head.step;
  const lateMs = behind * (community?.stepMs ?? 0);
  // Alone on a dead line nobody can say that the chain stands still.
  const knows = view.sync === null && (view.peers.length > 0 || view.members.length < 2);
  const stalled: readonly Notice[] =
    knows && behind > LATE_STEPS && lateMs >= STALLED_MS
      ? [{ kind: "stalled", tag: "stalled", hash: "#/chain", name: null, minutes: Math.round(lateMs / MINUTE) }]
      : [];
  return [...meters, ...ballots, ...stalled];
};

/**
 * @param told what the last call answered; empty at first
 * @param seen whether the member looks at the app: then it is on the screen already, and told
 */
export const noticesDue = (
  view: View,
  wanted: Wanted,
  told: Told,
  seen: boolean,
): { readonly due: readonly Notice[]; readonly told: Told } => {
  const { madeAt: now } = view;
  const all = standing(view).filter(({ kind }) => wanted[kind]);
  const lasts = new Set(all.map(({ tag }) => tag));
  const next = new Map(all.map(({ tag }) => [tag, 0]));
  for (const [tag, since] of Object.entries(told)) {
    // A device that slept has seen nothing end: only what was seen to be over can come again.
    const over = since === 0 ? now : since;
    if (!lasts.has(tag) && now - over < OVER_MS) next.set(tag, over);
  }
  const isNew = ({ tag }: Notice): boolean => {
    const since = told[tag];
    return since === undefined || (since !== 0 && now - since >= OVER_MS);
  };
  return { due: seen ? [] : all.filter(isNew), told: Object.fromEntries(next) };
};
