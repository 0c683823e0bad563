/**
 * Reads of disk and chain together: between two blocks, as one that becomes final meanwhile moves rows from the one to the
 * other, which would be in neither, or in both. Reads, never changes.
 */
import type { OpenNode } from "./open-node.ts";

/** While blocks come faster than the disk is read, what was read last has to do. */
const MOST_TRIES = 4;

/** Without a node there is nothing that moves. `read` may run more than once. */
export const unmoved = async <T>(
  node: Pick<OpenNode, "core" | "runner"> | null,
  read: () => Promise<T>,
): Promise<T> => {
  if (node === null) return read();
  const { core, runner } = node;
  for (let tries = 1; ; tries++) {
    await runner.idle();
    const { head, final } = core.chain;
    const found = await read();
    if ((head === core.chain.head && final === core.chain.final) || tries === MOST_TRIES) return found;
  }
};
