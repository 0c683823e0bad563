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
