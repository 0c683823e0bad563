/**
 * The twelve words of somebody who has no community yet (PROTOCOL.md §2): on disk before they are shown, so that a reload
 * never shows others than those that were written down. They go in the commit that makes an identity of them.
 */
import { branded, decode, encode, list, struct, text, type Codec } from "../base/codec.ts";
import { ENTROPY_BYTES, parsePhrase, phraseFrom } from "../base/keys.ts";
import { ok, refuse } from "../base/result.ts";
import type { Millis } from "../base/units.ts";
import type { Op } from "../storage/store.ts";
import type { Answer, Ask } from "./asking.ts";
import type { Device } from "./device.ts";

/** Beside the identity that comes of it. */
export const NEW_WORDS_ROW = "new-words";

type NewWords = { readonly words: readonly string[]; readonly made: Millis };
const newWordsCodec: Codec<NewWords> = struct({ words: list(text(16), 24), made: branded<Millis>() });

export const forgetNewWords: Op = { table: "own", key: NEW_WORDS_ROW, value: null };

const decodeWords = (raw: Uint8Array | undefined): NewWords | null => {
  const read = raw === undefined ? null : decode(newWordsCodec, raw, "new words");
  return read?.ok === true && parsePhrase(read.value.words).ok ? read.value : null;
};

/** Those that were shown before, as long as nothing was made of them; new ones where there are none, or where asked for. */
export const newPhrase = async (device: Device, { other }: Ask<"new-phrase">): Answer<"new-phrase"> => {
  if (device.identity !== null)
    return refuse("already-member", "This device belongs to a community already; leave it first.", "ignore");
  const { store, o } = device;
  const known = other ? null : decodeWords(await store.get("own", NEW_WORDS_ROW));
  if (known !== null) return ok({ words: [...known.words], shown: known.made });
  const words = phraseFrom(o.random(ENTROPY_BYTES));
  const value = encode(newWordsCodec, { words, made: o.clock.now() });
  await store.commit([{ table: "own", key: NEW_WORDS_ROW, value }]);
  return ok({ words, shown: null });
};
