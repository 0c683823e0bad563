/** Whether a name that somebody types is one that the others' devices take (worker/shell/asking.ts): never cut in silence. Pure. */

/** Bytes that a name may have: a letter has one or two, an emoji four. */
const MAX_BYTES = 80;

export const nameFits = (name: string, letters: number): boolean => {
  const trimmed = name.trim();
  return (
    trimmed !== "" &&
    [...new Intl.Segmenter().segment(trimmed)].length <= letters &&
    new TextEncoder().encode(trimmed).length <= MAX_BYTES
  );
};

const bare = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** Whether somebody typed this name: by its letters and digits, as not everybody finds an emoji or an accent again. */
export const sameName = (typed: string, name: string): boolean =>
  bare(name) === "" ? typed.trim() === name.trim() : bare(typed) === bare(name);
