/** Where a refusal stands in the form for coming back. */
import { expect, it } from "vitest";
import { fieldOf } from "../../src/app/restore-form.ts";

it.each([
  ["phrase-length", "words"],
  ["phrase-checksum", "words"],
  ["word-unknown", "words"],
  ["invitation-unreadable", "link"],
  ["invitation-changed", "link"],
  ["contract-signature", "link"],
  ["name-long", "name"],
  ["backup-unreadable", "file"],
  ["backup-newer", "file"],
  ["passphrase-wrong", "passphrase"],
  ["full", null],
  ["backup-older", null],
  ["already-member", null],
] as const)("%s stands at %s", (code, field) => {
  expect(fieldOf(code)).toBe(field);
});
