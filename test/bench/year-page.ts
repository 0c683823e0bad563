/** In a page of the app's own origin, before the app: makes this browser the device of a founder of the synthetic year. */
import { concatBytes } from "../../worker/base/bytes.ts";
import { nobleBls } from "../../worker/base/bls.ts";
import { encodeContract } from "../../worker/community/contract.ts";
import { SyntheticChain, wordsOf, YEAR } from "../../worker/lab/synthetic-chain.ts";
import { unpackRows } from "../../worker/lab/synthetic-rows.ts";
import { key, codecOf } from "../../worker/ledger/rows.ts";
import type { Kind } from "../../worker/port-kind.ts";
import { identityOp } from "../../worker/shell/identity.ts";
import { kindOp } from "../../worker/shell/kinds.ts";
import { openIndexedDb } from "../../worker/storage/indexeddb.ts";
import { withSpares } from "../../worker/storage/spare.ts";
import type { Op } from "../../worker/storage/store.ts";

export type Settled = { readonly rows: number; readonly bytes: number; readonly meters: readonly number[] };
export type YearPage = {
  /** `file`: where the whole chain is to be had; null for a device that has nothing yet. */
  readonly settle: (member: number, kind: Kind, file: string | null) => Promise<Settled>;
};

const BATCH = 2_000;
const MEMBERS = [0, 1, 2];

const settle: YearPage["settle"] = async (member, kind, file) => {
  const { signed } = new SyntheticChain(YEAR, nobleBls);
  const disk = await openIndexedDb("commonwatt");
  const store = withSpares(disk);
  const meters = MEMBERS.map(() => 0);
  let [rows, bytes] = [0, 0];
  if (file !== null) {
    const pieces: Uint8Array[] = [];
    for (let at = 0, got = 1; got > 0; at += got) {
      const piece = new Uint8Array(await (await fetch(`${file}?at=${at}`)).arrayBuffer());
      pieces.push(piece);
      got = piece.length;
    }
    const raw = concatBytes(...pieces);
    let batch: Op[] = [];
    for (const op of unpackRows(raw)) {
      rows += 1;
      bytes += op.value?.length ?? 0;
      for (const m of MEMBERS)
        if (op.table === "state" && op.key === `member/${key(m)}` && op.value !== null)
          meters[m] = codecOf("member").decode(op.value).meter;
      batch.push(op);
      if (batch.length < BATCH) continue;
      await store.commit(batch);
      batch = [];
    }
    await store.commit(batch);
  }
  const identity = {
    words: wordsOf(YEAR.seed, member),
    name: `Member ${member}`,
    contract: encodeContract(signed),
    invitation: null,
    addresses: [],
    since: signed.contract.t0,
  };
  await store.commit([identityOp(identity), kindOp({ choice: kind, lastFull: null, needed: false })]);
  await disk.close();
  return { rows, bytes, meters };
};
Object.assign(globalThis, { settle } satisfies YearPage);
