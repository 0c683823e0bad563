/**
 * Where the boxes and lines of a Merkle path go: the leaf at the bottom, the root at the top, each sibling on the
 * side it is hashed on. Pure geometry in the drawing's own units.
 */
import type { ProofView } from "../../worker/port-proof.ts";

export type MerkleNode = {
  readonly x: number;
  readonly y: number;
  readonly hash: string | null;
  readonly kind: "leaf" | "sibling" | "inner" | "root";
};
export type MerkleDrawing = {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly MerkleNode[];
  readonly lines: readonly {
    readonly x1: number;
    readonly y1: number;
    readonly x2: number;
    readonly y2: number;
    readonly own: boolean;
  }[];
};

export const BOX = { width: 112, height: 34 } as const;
const LEVEL = 72;
const SHIFT = 62;

/** Inner nodes carry no hash: they are computed on the way up, and only the root is compared. */
export const merkleDrawing = (proof: Pick<ProofView, "leaf" | "path" | "txRoot">): MerkleDrawing => {
  const levels = proof.path.length;
  const height = levels * LEVEL + BOX.height + 8;
  const nodes: MerkleNode[] = [];
  const lines: MerkleDrawing["lines"][number][] = [];
  let x = 0;
  let y = height - BOX.height / 2 - 4;
  nodes.push({ x, y, hash: proof.leaf, kind: levels === 0 ? "root" : "leaf" });
  proof.path.forEach((sibling, at) => {
    const sign = sibling.side === "left" ? -1 : 1;
    const parentX = x + sign * SHIFT;
    const parentY = y - LEVEL;
    const siblingX = x + sign * SHIFT * 2;
    const last = at === levels - 1;
    lines.push(
      { x1: x, y1: y, x2: parentX, y2: parentY, own: true },
      { x1: siblingX, y1: y, x2: parentX, y2: parentY, own: false },
    );
    nodes.push({ x: siblingX, y, hash: sibling.hash, kind: "sibling" });
    nodes.push({ x: parentX, y: parentY, hash: last ? proof.txRoot : null, kind: last ? "root" : "inner" });
    x = parentX;
    y = parentY;
  });
  const left = Math.min(...nodes.map((node) => node.x)) - BOX.width / 2 - 4;
  const right = Math.max(...nodes.map((node) => node.x)) + BOX.width / 2 + 4;
  return {
    width: right - left,
    height,
    nodes: nodes.map((node) => ({ ...node, x: node.x - left })),
    lines: lines.map((line) => ({ ...line, x1: line.x1 - left, x2: line.x2 - left })),
  };
};
