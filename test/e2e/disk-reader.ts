/** Reads a member's own chain off the disk of their browser, past all of the app's views, with the project's codecs. */
import { base64 } from "@scure/base";
import type { Page } from "playwright";
import { hashOf, type Block } from "../../worker/consensus/block.ts";
import { readBlockRow } from "../../worker/node/disk.ts";

/** Keys and values of one range of one table, in order. */
const readRows = async (page: Page, table: string, from: string, to: string): Promise<[string, Uint8Array][]> => {
  const rows = await page.evaluate(
    async ([name, low, high]) => {
      const db = await new Promise<IDBDatabase>((done, fail) => {
        const opening = indexedDB.open("commonwatt");
        opening.addEventListener("success", () => done(opening.result));
        opening.addEventListener("error", () => fail(opening.error ?? new Error("the disk does not open")));
      });
      const found = await new Promise<[string, string][]>((done) => {
        const out: [string, string][] = [];
        const cursor = db
          .transaction(name)
          .objectStore(name)
          .openCursor(IDBKeyRange.bound(low, high, false, true));
        cursor.addEventListener("success", () => {
          const at = cursor.result;
          if (at === null) return done(out);
          out.push([at.key as string, btoa(String.fromCharCode(...(at.value as Uint8Array)))]);
          at.continue();
        });
      });
      db.close();
      return found;
    },
    [table, from, to] as const,
  );
  return rows.map(([key, value]) => [key, base64.decode(value)]);
};

/** Every block on disk, also those of branches that have not yet lost for good. */
export const blocksOnDisk = async (page: Page): Promise<Block[]> =>
  (await readRows(page, "chain", "body/", "body0")).map(([, row]) => readBlockRow(row).block);

/** The chain that ends at `head`, oldest first, without the genesis. */
export const chainOnDisk = async (page: Page, head: string): Promise<Block[]> => {
  const blocks = new Map((await blocksOnDisk(page)).map((block) => [hashOf(block.header) as string, block]));
  const chain: Block[] = [];
  for (let block = blocks.get(head); block !== undefined && block.header.height > 0;) {
    chain.push(block);
    block = blocks.get(block.header.parent);
  }
  return chain.reverse();
};

export type Energy = { readonly generatedMwh: number; readonly byMember: ReadonlyMap<number, number> };

/** What the blocks say was generated and who got it, added up by hand. */
export const energyOf = (chain: readonly Block[]): Energy => {
  let generatedMwh = 0;
  const byMember = new Map<number, number>();
  for (const { body } of chain.flatMap((block) => block.txs)) {
    if (body.kind === "generation") generatedMwh += body.to - body.from;
    if (body.kind !== "distribution") continue;
    for (const { member, mwh } of body.shares) byMember.set(member, (byMember.get(member) ?? 0) + mwh);
  }
  return { generatedMwh, byMember };
};
