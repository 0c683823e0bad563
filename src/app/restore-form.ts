/** Which field of the form for coming back a refusal is about, so that it stands there and not below the last button. Pure. */

export type RestoreField = "words" | "link" | "name" | "file" | "passphrase";

const FIELDS: readonly (readonly [RegExp, RestoreField])[] = [
  [/^(phrase|word)-/u, "words"],
  [/^(invitation|contract)-/u, "link"],
  [/^name-/u, "name"],
  [/^backup-(unreadable|newer)$/u, "file"],
  [/^passphrase-/u, "passphrase"],
];

/** Null for what is about none of them: a disk that is full, a part of the app that is not here. */
export const fieldOf = (code: string): RestoreField | null =>
  FIELDS.find(([pattern]) => pattern.test(code))?.[1] ?? null;
