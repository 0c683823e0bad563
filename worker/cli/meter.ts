/**
 * `commonwatt meter decode`: what the decoders make of recorded bytes, one JSON line a reading, one sentence a
 * refusal. The same decoders as in the app; knows nothing of cryptometers or communities.
 */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { fromHex } from "../base/bytes.ts";
import { isProtocol, protocol, protocols, type ProtocolSpec } from "../metering/protocols.ts";
import { isImpPerKwh, MAX_IMP_PER_KWH } from "../metering/pulses.ts";
import type { DecodeEvent, Decoder, Needs } from "../metering/reading.ts";
import { budgetHelp, runBudget } from "./meter-budget.ts";
import { encodeHelp, runEncode } from "./meter-encode.ts";
import { type Command, CommandFailure, EXIT_FAILED, EXIT_OK, type Io, UsageError } from "./command.ts";

const help = `Usage: commonwatt meter decode --protocol P [--needs N] [--allow-no-checksum] [--salt HEX] FILE
       commonwatt meter decode --protocol s0|pulse --imp-per-kwh N FILE

Reads recorded bytes of a meter from FILE, or from standard input if FILE is -, and prints one JSON line for each valid
telegram: protocol, exportMwh, importMwh, resolutionMwh (milliwatt-hours), powerExportW, powerImportW (watts),
meterTime, identity, and for pulses counter. What the meter does not say is null. For each telegram that is refused, a
code and a sentence go to standard error.

  --protocol p1          smart meter, DSMR or e-MUCS P1 (Netherlands, Belgium, Luxembourg, Austria, Hungary, Sweden ...)
  --protocol s0          pulse counter on a microcontroller; worker/metering/decoders/s0.ts says how to flash one
  --protocol tic         Linky, the French customer's port, historique or standard
  --protocol iec         IEC 62056-21 (IEC 1107, D0): readouts of modes A to C, telegrams of mode D
  --protocol sml         SML (German meters)
  --protocol dlms        DLMS/COSEM push in clear, over HDLC or M-Bus (Scandinavia, Austria, Switzerland ...)
  --protocol pulse       raw pulses on a serial adapter's RX: each byte is one
  --needs export         a telegram must have a register of what goes to the grid; what is meant when left out
  --needs import         one of what comes from the grid, as of a household that only buys; exportMwh may be null
  --needs either         one of the two (not for pulses)
  --imp-per-kwh N        the meter's pulses per kWh, from its face (s0 and pulse only, needed)
  --allow-no-checksum    also read telegrams that lack the checksum they could have: P1 before DSMR 4, an IEC readout
                         that was cut before its end; damage is not noticed (p1 and iec only)
  --salt HEX             make identity, a hash of the meter's serial number with these bytes (not for pulses)
  --json                 accepted, as everywhere: the output is JSON anyway

Exit codes: 0 at least one valid telegram, 1 none or the file cannot be read, 2 not understood.
`;

const NEEDS: readonly Needs[] = ["export", "import", "either"];
const isNeeds = (text: string): text is Needs => NEEDS.some((each) => each === text);

/** "p1, iec" from those that have a property. */
const namesOf = (which: (spec: ProtocolSpec) => boolean): string =>
  protocols
    .filter(which)
    .map((spec) => spec.name)
    .join(", ");

const decoderFor = (values: {
  readonly protocol?: string | undefined;
  readonly "imp-per-kwh"?: string | undefined;
  readonly "allow-no-checksum": boolean;
  readonly salt?: string | undefined;
  readonly needs?: string | undefined;
}): Decoder => {
  const { salt, needs, "imp-per-kwh": imp, "allow-no-checksum": allowNoChecksum } = values;
  if (values.protocol === undefined || !isProtocol(values.protocol)) {
    const given = values.protocol === undefined ? "nothing" : `"${values.protocol}"`;
    throw new UsageError(`--protocol must be one of ${namesOf(() => true)}, not ${given}.`);
  }
  const spec = protocol(values.protocol);
  if (imp !== undefined && !spec.counts) {
    throw new UsageError(`--imp-per-kwh is for pulses only (${namesOf((each) => each.counts)}).`);
  }
  if (allowNoChecksum && !spec.mayLackChecksum) {
    throw new UsageError(`--allow-no-checksum is for ${namesOf((each) => each.mayLackChecksum)} only.`);
  }
  if (salt !== undefined && !spec.identifies) {
    throw new UsageError(`--salt is for ${namesOf((each) => each.identifies)} only.`);
  }
  if (needs !== undefined && spec.counts) {
    throw new UsageError(`--needs is for ${namesOf((each) => !each.counts)} only.`);
  }
  if (needs !== undefined && !isNeeds(needs)) {
    throw new UsageError(`--needs must be one of ${NEEDS.join(", ")}, not "${needs}".`);
  }
  if (salt !== undefined && !/^([0-9a-f]{2})+$/i.test(salt)) {
    throw new UsageError(`--salt must be hexadecimal, two digits a byte, not "${salt}".`);
  }
  if (spec.counts && (imp === undefined || !/^\d{1,7}$/.test(imp) || !isImpPerKwh(Number(imp)))) {
    throw new UsageError(
      `--protocol ${spec.name} needs --imp-per-kwh with the number on the meter's face, a whole number from 1 to ${MAX_IMP_PER_KWH}.`,
    );
  }
  return spec.decoder({
    salt: salt === undefined ? null : fromHex(salt),
    impPerKwh: imp === undefined ? 1 : Number(imp),
    resume: null,
    allowNoChecksum,
    ...(needs === undefined ? {} : { needs }),
  });
};

/** The file's bytes, or standard input's. */
const open = (file: string, cwd: string): AsyncIterable<Uint8Array> =>
  file === "-" ? process.stdin : createReadStream(resolve(cwd, file));

const FILE_TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; check its name.",
  EISDIR: "this is a folder; name a file in it.",
  EACCES: "you may not read this file; change its permissions.",
};

const fileTrouble = (file: string, cause: unknown): CommandFailure => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const sentence =
    FILE_TROUBLES[code] ?? `it cannot be read (${cause instanceof Error ? cause.message : String(cause)}).`;
  return new CommandFailure("unreadable-file", `${file}: ${sentence}`);
};

/** @param input chunks of bytes as they come. @returns how many readings were printed. */
const decodeAll = async (input: AsyncIterable<Uint8Array>, decoder: Decoder, file: string, io: Io): Promise<number> => {
  let valid = 0;
  const print = (events: readonly DecodeEvent[]): void => {
    for (const event of events) {
      if (event.kind === "refused") io.stderr(`${event.refusal.code}: ${event.refusal.message}\n`);
      else {
        valid += 1;
        const { counter, ...reading } = event.reading;
        io.stdout(`${JSON.stringify(counter === null ? reading : { ...reading, counter })}\n`);
      }
    }
  };
  const chunks = input[Symbol.asyncIterator]();
  for (;;) {
    // Only reading may fail here: a bug while decoding must not look like a bad file.
    const next = await chunks.next().catch((cause: unknown) => {
      throw fileTrouble(file, cause);
    });
    if (next.done === true || io.stop.aborted) break;
    print(decoder.push(next.value));
  }
  print(decoder.end());
  return valid;
};

const runMeter = async (args: readonly string[], io: Io): Promise<number> => {
  if (args[0] === "encode") return runEncode(args.slice(1), io);
  if (args[0] === "budget") return runBudget(args.slice(1), io);
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      protocol: { type: "string" },
      "imp-per-kwh": { type: "string" },
      "allow-no-checksum": { type: "boolean", default: false },
      salt: { type: "string" },
      needs: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [verb, file, ...more] = positionals;
  if (verb !== "decode") {
    throw new UsageError(
      verb === undefined
        ? "say what to do: decode, encode or budget."
        : `"${verb}" is not known; it knows: decode, encode, budget.`,
    );
  }
  if (file === undefined) throw new UsageError("name the file with the recorded bytes, or - for standard input.");
  if (more.length > 0) throw new UsageError(`one file at a time: "${more.join(" ")}" is too much.`);
  const decoder = decoderFor(values);
  const valid = await decodeAll(open(file, io.cwd), decoder, file, io);
  if (valid === 0) io.stderr(`${file}: no valid telegram.\n`);
  return valid === 0 ? EXIT_FAILED : EXIT_OK;
};

export const meterCommand: Command = {
  name: "meter",
  summary: "decode recorded bytes of a meter, encode a virtual one's, reckon a meter's accuracy",
  help: [help, `Usage: ${encodeHelp}`, `Usage: ${budgetHelp}`].join("\n"),
  run: runMeter,
};
