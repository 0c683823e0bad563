/**
 * What must hold in every state and on every chain (PROTOCOL.md §4 to §7), as functions from what is there to what is
 * wrong with it. Nothing the node remembers is believed: roots and sums are made anew. Knows no node.
 */
import { concatBytes, equalBytes, toHex, utf8ToBytes } from "../base/bytes.ts";
import { leafHash, rootOfHashes } from "../base/merkle.ts";
import { publishTime } from "../community/market-step.ts";
import type { Contract } from "../community/contract.ts";
import type { Header } from "../consensus/block.ts";
import { isRooted, key, TABLE_NAMES } from "../ledger/rows.ts";
import type { View } from "../ledger/state.ts";

const sum = (list: Iterable<number>): number => [...list].reduce((a, b) => a + b, 0);

/** The state root from the rows' bytes alone, without what the ledger remembers of their hashes. */
export const freshRoot = (view: View): string => {
  const leaves = TABLE_NAMES.filter(isRooted)
    .toSorted()
    .flatMap((table) => view.paths(`${table}/`))
    .map((path) => {
      const name = utf8ToBytes(path);
      return leafHash(concatBytes(Uint8Array.of(name.length), name, view.row(path)?.bytes ?? new Uint8Array()));
    });
  return toHex(rootOfHashes(leaves));
};

/** Every row as it is now, those too that the root leaves out. */
export type Picture = readonly (readonly [path: string, bytes: Uint8Array])[];
export const pictureOf = (view: View): Picture =>
  view.paths("").map((path) => [path, view.row(path)?.bytes ?? new Uint8Array()]);

/** The same rows, byte for byte. */
export const isPicture = (view: View, known: Picture): boolean => {
  const paths = view.paths("");
  return (
    paths.length === known.length &&
    known.every(([path, bytes], i) => paths[i] === path && equalBytes(view.row(path)?.bytes ?? new Uint8Array(), bytes))
  );
};

export const stateFaults = (view: View, header: Pick<Header, "stateRoot">): string[] =>
  freshRoot(view) === header.stateRoot ? [] : ["the state is not the one that its head commits to"];

/** Generated = registers = distributed + lost + waiting; what was distributed is on the members' meters or held back. */
export const energyFaults = (view: View): string[] => {
  const totals = view.get("totals", "") ?? { generated: 0, distributed: 0, lost: 0 };
  const waiting = sum(view.scan("energy").map(([, e]) => e.mwh));
  const registers = sum(view.scan("generator").map(([, g]) => g.register));
  const meters = sum(view.scan("member").map(([, m]) => m.meter));
  const heldBack = sum(view.scan("reward").map(([, r]) => r.mwh));
  const faults: string[] = [];
  if (totals.generated !== registers) faults.push(`generated ${totals.generated}, registers ${registers}`);
  if (totals.generated !== totals.distributed + totals.lost + waiting)
    faults.push(`generated ${totals.generated}, distributed ${totals.distributed}, waiting ${waiting}`);
  if (totals.distributed !== meters + heldBack)
    faults.push(`distributed ${totals.distributed}, meters ${meters}, held back ${heldBack}`);
  return faults;
};

/** Tokens of a step are at most the energy born in it; none is older than its validity, none younger than its step. */
export const tokenFaults = (view: View, step: number, validity: number): string[] => {
  const born = new Map<number, number>();
  const faults: string[] = [];
  for (const [, { birth, amount }] of view.scan("token")) {
    born.set(birth, (born.get(birth) ?? 0) + amount);
    if (birth > step || birth + validity < step) faults.push(`a token of step ${birth} at step ${step}`);
  }
  for (const [birth, tokens] of born) {
    const energy = sum((view.get("book", key(birth))?.generated ?? []).map((g) => g.mwh));
    if (tokens > energy) faults.push(`tokens of ${tokens} for ${energy} mWh of step ${birth}`);
  }
  return faults;
};

/**
 * Steps ascend, one height at a time, and nobody has a block before its step is over and its rank may publish it, by a
 * clock that shows `now`, what it grants other clocks included.
 */
export const timeFaults = (
  contract: Contract,
  parent: Pick<Header, "step" | "height"> | undefined,
  header: Pick<Header, "step" | "height" | "rank">,
  now: number,
): string[] => {
  const faults: string[] = [];
  const due = publishTime(contract, header.step, header.rank);
  if (parent !== undefined && (header.step <= parent.step || header.height !== parent.height + 1))
    faults.push(`step ${header.step} at height ${header.height} follows step ${parent.step}`);
  if (header.height > 0 && due > now)
    faults.push(`a block for step ${header.step} stands ${due - now} ms before its time`);
  return faults;
};

export const meterFaults = (before: readonly number[], after: readonly number[]): string[] =>
  before.flatMap((value, m) => (value > (after[m] ?? -1) ? [`the virtual meter of member ${m} went backwards`] : []));
