/**
 * Where neighbours answered, kept over restarts (PROTOCOL.md §8): one row of the table `settings`. It is a hint and
 * nothing more: a damaged one is an empty one, and it is written along with what has to be written anyway.
 */
import { decode, encode, hex, list, option, struct, text, uint, type Codec } from "../base/codec.ts";
import type { PublicKey } from "../base/units.ts";
import { isAddress } from "../network/address.ts";
import { KEPT_LIMIT, type Kept } from "../network/mesh.ts";
import type { Op, Store } from "../storage/store.ts";

export const BOOK_ROW = "network/book";

const keptCodec: Codec<Kept> = struct({
  address: text(80),
  key: option(hex<PublicKey>(32)),
  lastSuccess: uint,
  failures: uint,
});
const bookCodec = list(keptCodec, KEPT_LIMIT);

/** @throws StoreError when the disk refuses. */
export const loadBook = async (store: Store): Promise<Kept[]> => {
  const raw = await store.get("settings", BOOK_ROW);
  const read = raw === undefined ? null : decode(bookCodec, raw, "address book");
  return read?.ok === true ? read.value.filter(({ address }) => isAddress(address)) : [];
};

export const bookOp = (book: readonly Kept[]): Op => ({
  table: "settings",
  key: BOOK_ROW,
  value: encode(bookCodec, book.slice(0, KEPT_LIMIT)),
});
