/**
 * The chain as a ribbon of steps, newest first, with the steps that have no block between them made visible. Pure.
 */
import type { BlockView } from "../../worker/port.ts";

export type Link =
  | { readonly kind: "block"; readonly block: BlockView }
  /** `count` steps without a block; `last` is the newest of them. */
  | { readonly kind: "gap"; readonly first: number; readonly last: number; readonly count: number };

/** @param blocks newest first, as the view gives them */
export const ribbon = (blocks: readonly BlockView[]): readonly Link[] =>
  blocks.flatMap((block, at): Link[] => {
    const older = blocks[at + 1];
    const link: Link = { kind: "block", block };
    const missing = older === undefined ? (block.gapBefore ? 1 : 0) : block.step - older.step - 1;
    if (missing <= 0) return [link];
    return [link, { kind: "gap", first: block.step - missing, last: block.step - 1, count: missing }];
  });

/** Widths of the ribbon at a link's upper edge, middle and lower edge, 0 to 1: as wide as the step's energy. */
export type Girth = { readonly top: number; readonly middle: number; readonly bottom: number };

/** Neighbouring links share the width at their common edge, so that the ribbon flows without a step. */
export const girths = (links: readonly Link[]): readonly Girth[] => {
  const most = Math.max(1, ...links.map((link) => (link.kind === "block" ? link.block.generatedMwh : 0)));
  const own = links.map((link) => (link.kind === "block" ? link.block.generatedMwh / most : 0));
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
