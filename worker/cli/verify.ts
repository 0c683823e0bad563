/**
 * `commonwatt verify`: checks a proof bundle (PROTOCOL.md §12) and explains it step by step. Needs nothing but the file:
 * no network, no community on this device, nobody's word.
 */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { MAX_BUNDLE_BYTES } from "../settlement/bundle.ts";
import { checkBundleSoon } from "../settlement/bundle-check.ts";
import { claimed, explain, limits } from "../settlement/bundle-words.ts";
import { type Command, CommandFailure, EXIT_FAILED, EXIT_OK, type Io, UsageError } from "./command.ts";

const help = `Usage: commonwatt verify FILE [--community ID] [--json]

Checks a proof file (.cwproof): that a member was really credited the energy it claims, on the chain of its community.
Every signature, hash and sum is checked anew; nothing is asked of anybody.

  --community ID         refuse it unless it is of this community: the 64 digits that its contract's hash is
  --json                 everything as one JSON line

Without --community, compare the id that is printed with the one you know: anybody can found a community of their own.
Exit codes: 0 it holds, 1 it does not (the place is named), 2 not understood.
`;

const OPTIONS = { community: { type: "string" }, json: { type: "boolean", default: false } } as const;

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; check its name.",
  EISDIR: "this is a folder; name a file in it.",
  EACCES: "you may not read this file; change its permissions.",
};
const bytesOf = async (file: string, cwd: string): Promise<Uint8Array> => {
  try {
    const path = resolve(cwd, file);
    // A file that is no bundle anyway need not be held in memory: what is too long is refused by its first bytes.
    const { size } = await stat(path);
    if (size > MAX_BUNDLE_BYTES) return new Uint8Array();
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new CommandFailure("unreadable-file", `${file}: ${TROUBLES[code] ?? "it cannot be read."}`);
  }
};

const run = async (args: readonly string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: OPTIONS,
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError("name one proof file.");
  const community = values.community?.toLowerCase();
  if (community !== undefined && !/^[0-9a-f]{64}$/u.test(community))
    throw new UsageError("--community takes the 64 hexadecimal digits of a community's id.");
  const found = await checkBundleSoon(await bytesOf(file, io.cwd));
  const isOther = found.ok && community !== undefined && found.value.community.id !== community;
  if (!found.ok || isOther) {
    const { code, message, data } = found.ok
      ? {
          code: "other-community",
          message: `This proof is of another community, ${found.value.community.id}.`,
          data: { place: "contract" },
        }
      : found.error;
    if (values.json) io.stdout(`${JSON.stringify({ ok: false, code, message, ...data })}\n`);
    else io.stdout(`REFUSED, at the part "${String(data?.["place"])}" of the file.\n${message}\n`);
    return EXIT_FAILED;
  }
  const { value } = found;
  const steps = explain(value);
  if (values.json) {
    io.stdout(`${JSON.stringify({ ok: true, ...value, explained: steps, limits: limits(value) })}\n`);
    return EXIT_OK;
  }
  const lines = [
    `HOLDS. ${claimed(value)}`,
    "",
    ...steps.map(({ sentence }, i) => `${i + 1}. ${sentence}`),
    "",
    ...limits(value),
  ];
  io.stdout(`${lines.join("\n")}\n`);
  return EXIT_OK;
};

export const verifyCommand: Command = {
  name: "verify",
  summary: "check a proof file: what a member was credited, without trusting anyone",
  help,
  run,
};
