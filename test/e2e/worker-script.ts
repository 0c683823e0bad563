/**
 * Goes in front of the node worker's own code in a member's browser (member.ts), after fake-serial.js: a meter that
 * counts by the wall clock, an account of what is signed and on disk, and a disk that refuses when told to.
 */
import type { Millis } from "../../worker/base/units.ts";
import { encodeP1 } from "../../worker/metering/virtual/p1.ts";

export type MeterPlan = {
  /** Second since 1970 at which the register stood at `startWh`. */
  readonly startSecond: number;
  readonly startWh: number;
  readonly whPerSecond: number;
};

export type WorkerPlan = {
  readonly meter: MeterPlan | null;
  /** `denied`: the browser keeps no data for this page. */
  readonly disk: "normal" | "denied";
};

/** What a test steers in the worker. */
export type WorkerControls = {
  readonly testPlan: WorkerPlan;
  /** Every write is refused as on a full device while it is true. */
  diskFull: boolean;
  /** Wh added to what the meter shows: below zero, its register has gone backwards. */
  meterShift: number;
  /** The telegram of this moment, one character a byte. */
  telegram: () => string;
};

type FakeSerialOptions = { readonly telegramOf: (period: number) => string };
declare const installFakeSerial: (options: FakeSerialOptions) => void;

const controls = globalThis as unknown as WorkerControls;
const { meter, disk } = controls.testPlan;
controls.diskFull = false;
controls.meterShift = 0;

if (meter !== null) {
  const telegramOf = (second: number): string => {
    const wh = meter.startWh + (second - meter.startSecond) * meter.whPerSecond + controls.meterShift;
    const bytes = encodeP1({
      style: "be",
      exportMwh: wh * 1_000,
      importMwh: 1_234_000,
      powerExportW: meter.whPerSecond * 3_600,
      powerImportW: 0,
      at: (second * 1_000) as Millis,
    });
    return String.fromCharCode(...bytes);
  };
  controls.telegram = () => telegramOf(Math.floor(Date.now() / 1_000));
  installFakeSerial({ telegramOf });
}

if (disk === "denied") {
  indexedDB.open = () => {
    throw new DOMException("The browser keeps nothing here.", "SecurityError");
  };
}

const hexOf = (value: Uint8Array): string => Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
/** Not the identity and no settings: only what this node signs. */
const SIGNED = /^(?:vote|candidacy|winner|refund|block)\//;
const { put } = IDBObjectStore.prototype;
const refused = new WeakSet<IDBTransaction>();

/** As engines do it: once all is written, the transaction ends and says why. */
const refuse = (transaction: IDBTransaction): void => {
  if (refused.has(transaction)) return;
  refused.add(transaction);
  Object.defineProperty(transaction, "error", { get: () => new DOMException("Full.", "QuotaExceededError") });
  queueMicrotask(() => transaction.abort());
};

IDBObjectStore.prototype.put = function recorded(value: unknown, key?: IDBValidKey) {
  const { name, transaction } = this;
  const request = put.call(this, value, key);
  if (controls.diskFull) refuse(transaction);
  else if (name === "own" && typeof key === "string" && value instanceof Uint8Array && SIGNED.test(key)) {
    const line = `own ${key} ${hexOf(value)}`;
    // What never reached the disk was never sent either, and may be signed otherwise next time.
    // oxlint-disable-next-line no-console -- the way from a worker to the test that survives a reload of the page
    transaction.addEventListener("complete", () => console.debug(line));
  }
  return request;
};
