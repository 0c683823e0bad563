/**
 * The last check of each generator against its MID meter that was made on this device: when, over which time, whether it
 * held. By the cryptometer's key, so that another meter begins unchecked. Kept here only: nobody else is told.
 */
import { decode, encode, flag, struct, uint, type Codec } from "../base/codec.ts";
import type { PublicKey } from "../base/units.ts";
import type { MeterCheckView } from "../port-operator.ts";
import type { Store } from "../storage/store.ts";

const checkCodec: Codec<MeterCheckView> = struct({ at: uint, from: uint, to: uint, fits: flag });
const PREFIX = "checked/";

/** @throws StoreError. */
export const keepCheck = (store: Store, meter: PublicKey, check: MeterCheckView): Promise<void> =>
  store.commit([{ table: "settings", key: PREFIX + meter, value: encode(checkCodec, check) }]);

/** By cryptometer key. A row that cannot be read is as if it had never been: the check can be made again. */
export const checksOf = async (store: Store): Promise<ReadonlyMap<string, MeterCheckView>> => {
  const rows = await store.entries("settings", { from: PREFIX, to: "checked0" });
  const checks = new Map<string, MeterCheckView>();
  for (const [name, raw] of rows) {
    const check = decode(checkCodec, raw, "check");
    if (check.ok) checks.set(name.slice(PREFIX.length), check.value);
  }
  return checks;
};
