/**
 * The names under which members may be found, a few at a time (PROTOCOL.md §8): a community of a thousand has more of
 * them than an address book holds. Main names first, since nobody has a second one who found the first free; after all
 * were given out it rests, longer each time. Pure: time is an argument, the order is our own.
 */
import { compareText, toHex, utf8ToBytes } from "../base/bytes.ts";
import { taggedHash } from "../base/hash.ts";
import type { PublicKey } from "../base/units.ts";
import { rendezvous, RENDEZVOUS_COUNT } from "./address.ts";
import type { Candidate } from "./mesh.ts";

const REST_FIRST_MS = 60_000;
const REST_LAST_MS = 10 * 60_000;

export type Sweep = {
  readonly community: string;
  readonly self: PublicKey;
  /** Members in our own order of looking for them. */
  order: readonly PublicKey[];
  readonly known: Set<PublicKey>;
  /** Members who came since: looked for first. */
  fresh: PublicKey[];
  at: number;
  rests: number;
  restUntil: number;
};

export const createSweep = (community: string, self: PublicKey): Sweep => ({
  community,
  self,
  order: [],
  known: new Set(),
  fresh: [],
  at: 0,
  rests: 0,
  restUntil: 0,
});

const begin = (sweep: Sweep, members: readonly PublicKey[]): void => {
  const rankOf = (key: PublicKey): string =>
    toHex(taggedHash("sweep-order", utf8ToBytes(sweep.self), utf8ToBytes(key)));
  sweep.order = members
    .map((key) => ({ key, rank: rankOf(key) }))
    .toSorted((a, b) => compareText(a.rank, b.rank))
    .map(({ key }) => key);
  sweep.known.clear();
  for (const key of members) sweep.known.add(key);
  sweep.at = 0;
};

const namesOf = ({ community }: Sweep, key: PublicKey): Candidate[] =>
  rendezvous(community, key).map((address, place) => ({ address, key, place }));

/** Somebody answered: who is not there now may be soon, so the next rest is a short one again. */
export const encourage = (sweep: Sweep): void => {
  sweep.rests = 0;
};

/** At most `count` names to take note of, more only for members who are new. Names repeat from sweep to sweep. */
export const nextNames = (
  sweep: Sweep,
  members: readonly PublicKey[],
  count: number,
  now: number,
): readonly Candidate[] => {
  if (sweep.order.length === 0) begin(sweep, members);
  for (const key of members) {
    if (sweep.known.has(key)) continue;
    sweep.known.add(key);
    sweep.fresh.push(key);
  }
  // Of a clock that was ahead.
  sweep.restUntil = Math.min(sweep.restUntil, now + REST_LAST_MS);
  const names = sweep.fresh.splice(0).flatMap((key) => namesOf(sweep, key));
  while (names.length < count && now >= sweep.restUntil && sweep.order.length > 0) {
    const { order, at } = sweep;
    const key = order[at % order.length];
    const name = key === undefined ? undefined : namesOf(sweep, key)[Math.floor(at / order.length)];
    if (name !== undefined) names.push(name);
    sweep.at += 1;
    if (sweep.at < order.length * RENDEZVOUS_COUNT) continue;
    sweep.restUntil = now + Math.min(REST_LAST_MS, REST_FIRST_MS * 2 ** Math.min(sweep.rests, 10));
    sweep.rests += 1;
    begin(sweep, members);
  }
  return names;
};
