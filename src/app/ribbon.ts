/**
 * The chain as a ribbon of steps, newest first, with the steps that have no block between them made visible. Pure.
 */
import type { BlockView } from "../../worker/port.ts";
import type { ForkView } from "../../worker/port-explore.ts";

export type Link =
  | { readonly kind: "block"; readonly block: BlockView }
  /** A branch that was replaced: it left the ribbon at the block that comes next. */
  | { readonly kind: "fork"; readonly fork: ForkView }
  /** `count` steps without a block; `last` is the newest of them. */
  | { readonly kind: "gap"; readonly first: number; readonly last: number; readonly count: number };

/** @param blocks newest first, as the view gives them */
export const ribbon = (blocks: readonly BlockView[], forks: readonly ForkView[] = []): readonly Link[] =>
  blocks.flatMap((block, at): Link[] => {
    const older = blocks[at + 1];
    const beside = forks.filter((fork) => fork.fromStep === block.step).map((fork): Link => ({ kind: "fork", fork }));
    const links: Link[] = [...beside, { kind: "block", block }];
    const missing = older === undefined ? (block.gapBefore ? 1 : 0) : block.step - older.step - 1;
    if (missing <= 0) return links;
    return [...links, { kind: "gap", first: block.step - missing, last: block.step - 1, count: missing }];
  });

export const keyOf = (link: Link): string => {
  switch (link.kind) {
    case "block":
      return link.block.hash;
    case "fork":
      return `fork-${link.fork.blocks[0]?.hash ?? ""}`;
    case "gap":
      return `gap-${link.first}`;
  }
};

/** The same blocks from the view and from pages of earlier ones: newest first, each height once, the view's own first. */
export const joined = (newest: readonly BlockView[], earlier: readonly BlockView[]): readonly BlockView[] => {
  const lowest = newest.at(-1)?.height ?? Infinity;
  const byHeight = new Map(earlier.filter((block) => block.height < lowest).map((block) => [block.height, block]));
  return [...newest, ...[...byHeight.values()].toSorted((a, b) => b.height - a.height)];
};

/** Where pages have to be asked for again, since the view went on meanwhile: below that height; null where all meet. */
export const holeBelow = (blocks: readonly BlockView[]): number | null =>
  blocks.find((block, at) => at + 1 < blocks.length && blocks[at + 1]?.height !== block.height - 1)?.height ?? null;

/** Widths of the ribbon at a link's upper edge, middle and lower edge, 0 to 1: as wide as the step's energy. */
export type Girth = { readonly top: number; readonly middle: number; readonly bottom: number };

const isBlock = (link: Link): boolean => link.kind === "block";

/** Neighbouring links share the width at their common edge, so that the ribbon flows without a step. */
export const girths = (links: readonly Link[]): readonly Girth[] => {
  const most = Math.max(1, ...links.map((link) => (link.kind === "block" ? link.block.generatedMwh : 0)));
  const made = (link: Link | undefined): number => (link?.kind === "block" ? link.block.generatedMwh / most : 0);
  // Beside a branch the ribbon is as wide as at the block that both came from.
  const own = links.map((link, at) => made(link.kind === "fork" ? links.slice(at).find(isBlock) : link));
  const between = (a: number | undefined, b: number | undefined): number => ((a ?? b ?? 0) + (b ?? a ?? 0)) / 2;
  return own.map((middle, at) => ({ top: between(own[at - 1], middle), middle, bottom: between(middle, own[at + 1]) }));
};

/** The band of one link in a box of 64 by 100, at least a thread wide. */
export const bandPath = ({ top, middle, bottom }: Girth): string => {
  const half = (part: number): number => Math.round((1.5 + part * 28) * 10) / 10;
  const [a, b, c] = [half(top), half(middle), half(bottom)];
  const right = `M${32 - a} 0H${32 + a}C${32 + a} 25 ${32 + b} 25 ${32 + b} 50S${32 + c} 75 ${32 + c} 100`;
  return `${right}H${32 - c}C${32 - c} 75 ${32 - b} 75 ${32 - b} 50S${32 - a} 25 ${32 - a} 0Z`;
};

/** Branches that are known already with those of another page, each once: as it was heard of last. */
export const withForks = (known: readonly ForkView[], more: readonly ForkView[]): readonly ForkView[] => {
  const idOf = (fork: ForkView): string | undefined => fork.blocks[0]?.hash;
  return [...known.filter((one) => !more.some((other) => idOf(other) === idOf(one))), ...more];
};

/** Who wrote how many of these blocks, the most first. */
export const writersOf = (
  blocks: readonly BlockView[],
): readonly { readonly member: number; readonly name: string; readonly steps: number }[] => {
  const sums = new Map<number, { member: number; name: string; steps: number }>();
  for (const { member, miner } of blocks)
    sums.set(member, { member, name: miner, steps: (sums.get(member)?.steps ?? 0) + 1 });
  return [...sums.values()].toSorted((a, b) => b.steps - a.steps);
};
