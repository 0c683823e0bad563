/** What a member looks for in the chain: from what is typed to a question to the node, or nothing where it cannot be one. Pure. */
import type { FindAsk } from "../../worker/port-explore.ts";
import { timeAt, type Place } from "./calendar.ts";

export const FIND_KINDS = ["time", "step", "member", "hash"] as const;
export type FindKind = (typeof FIND_KINDS)[number];

export type FindForm = {
  readonly kind: FindKind;
  /** As `<input type="datetime-local">` writes it: 2026-06-21T14:15, by the community's clock. */
  readonly time: string;
  readonly step: string;
  readonly member: number;
  readonly hash: string;
};

/** A time of day that the clocks skip is taken for the one an hour later; of one that comes twice, the first. */
export const timeOf = (text: string, place?: Place): number | null => {
  const parts = /^(\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?/.exec(text)?.slice(1);
  if (parts === undefined) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  const time = timeAt({ year, month: month - 1, day }, [hour, minute, second], place);
  return Number.isFinite(time) ? time : null;
};

/** Null where it cannot be right; the node knows the rest. */
export const findAsk = ({ kind, time, step, member, hash }: FindForm, place?: Place): FindAsk | null => {
  switch (kind) {
    case "time": {
      const at = timeOf(time, place);
      return at === null ? null : { kind, at };
    }
    case "step": {
      const digits = step.replaceAll(/[\s.,\u00a0\u202f']/g, "");
      return /^[1-9]\d{0,9}$/.test(digits) ? { kind, step: Number(digits) } : null;
    }
    case "member":
      return { kind, member, below: null };
    case "hash": {
      const prefix = hash.trim().toLowerCase();
      return /^[0-9a-f]{4,64}$/.test(prefix) ? { kind, prefix, below: null } : null;
    }
  }
};
