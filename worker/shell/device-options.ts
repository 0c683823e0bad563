/** What a device is given by whoever runs it: a browser's worker, the demo, a test. */
import type { Bls } from "../base/bls-scheme.ts";
import type { Ways } from "../community/invitation.ts";
import type { Network, Self } from "../network/network.ts";
import type { View } from "../port.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "./runner.ts";
import type { Verifier } from "./verifier.ts";

export type DeviceNetwork = Network & { readonly nudge?: (hint: "visible" | "online") => void };
export type DeviceOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly verify: Verifier;
  /** What signs and adds up votes; noble by default, and for the keys of people. */
  readonly bls?: Bls;
  readonly random: (length: number) => Uint8Array;
  readonly network: (self: Self, ways: Ways) => DeviceNetwork;
  /** Beginning of the local day that `now` lies in. */
  readonly dayStart: (now: number) => number;
  /** The device's own time zone as in the IANA database; null where the engine does not say. */
  readonly zone: string | null;
  readonly publish: (view: View) => void;
  readonly demo: boolean;
  /** What a backup's passphrase costs to try; `COST` of backup-file.ts by default. */
  readonly backupCost?: { readonly logN: number; readonly r: number; readonly p: number };
};
