/** Pairing a meter with this device and forgetting it (§IV.B.1): its key's number is on disk before the key is used. */
import { toHex } from "../base/bytes.ts";
import { encode, uint } from "../base/codec.ts";
import { ok, refuse } from "../base/result.ts";
import { named, nodeOf, nothing, order, type Answer, type Ask } from "./asking.ts";
import type { Device } from "./device.ts";
import { accuracyBudget, classVerdicts } from "../metering/accuracy.ts";
import { protocol } from "../metering/protocols.ts";
import { meterIdentityOp } from "./meter-identities.ts";
import { encodeSettings } from "./meter-settings.ts";
import { budgetInput, termsFor } from "./meters.ts";
import { clockOffset } from "./view.ts";

const NOT_HERE = refuse(
  "not-on-device",
  "This part of the app is not on this device yet; connect to the internet once.",
  "ignore",
);

export const startRecognising = async (device: Device, ask: Ask<"recognise">): Answer<"recognise"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const part = await device.meterPart();
  if (part === null) return NOT_HERE;
  await part.recogniser.start(ask);
  return ok({});
};

export const stopListening = async (device: Device): Answer<"stop-listening"> => {
  await device.recogniser?.stop();
  return ok({});
};

export const pairMeter = async (device: Device, settings: Ask<"pair-meter">): Answer<"pair-meter"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const part = await device.meterPart();
  if (part === null) return NOT_HERE;
  const label = named(settings.label);
  if (!label.ok) return label;
  const isUse = settings.role === "consumption";
  const positive = [
    settings.baudRate,
    // What is only looked at has no budget to meet.
    ...(isUse ? [settings.iMinMa + 1, settings.pMaxW + 1] : [settings.iMinMa, settings.pMaxW]),
    protocol(settings.protocol).counts ? settings.impPerKwh : 1,
  ];
  if (!positive.every((n) => n !== null && Number.isSafeInteger(n) && n > 0)) {
    return refuse("meter-settings", "The meter's figures do not fit together; compare them with its front.", "ignore");
  }
  // The port was listened to while the member looked at the meter: it has to be free.
  await device.recogniser?.stop();
  if (isUse) return pairConsumption(device, { ...settings, label: label.value });
  if (node.value.core.me === null) return refuse("not-a-member", "Pair your meter once you are admitted.", "ignore");
  const used = [...node.value.core.desk.meters.values()].map((m) => m.keyNumber);
  const stored = await device.store.get("own", "meter-count");
  const fresh = Math.max(0, stored === undefined ? 0 : uint.decode(stored), ...used.map((n) => n + 1));
  const keyNumber = (await orphaned(device)) ?? fresh;
  const id = toHex(device.o.random(4));
  const { config, terms } = termsFor(settings, node.value.core.contract);
  // A cryptometer's key is never used for two meters: its number is on disk before the key is.
  await device.store.commit([
    { table: "own", key: "meter-count", value: encode(uint, Math.max(fresh, keyNumber + 1)) },
    { table: "own", key: `meter-settings/${id}`, value: encodeSettings({ ...settings, label: label.value }) },
  ]);
  const added = await order(device, {
    kind: "add-meter",
    meter: id,
    label: label.value,
    keyNumber,
    config,
    terms,
    secret: device.cryptometerSecret(keyNumber),
  });
  if (!added.ok) return added;
  device.meters?.open(id, { ...settings, label: label.value });
  return ok({ id });
};

/** The key of a meter that this member had before its device was made again; null where there is none. */
const orphaned = async (device: Device): Promise<number | null> => {
  const { node, keys } = device;
  if (node === null || keys === null || node.core.silence === null) return null;
  const { orphanedKey } = await import("./recovery.ts");
  return orphanedKey(device, keys);
};

/** A household's own meter: it is read here and nowhere else known of, so there is no key, no vote and no admission. */
const pairConsumption = async (device: Device, settings: Ask<"pair-meter">): Answer<"pair-meter"> => {
  const id = toHex(device.o.random(4));
  await device.store.commit([{ table: "home", key: `meter/${id}`, value: encodeSettings(settings) }]);
  device.meters?.open(id, settings);
  device.changed();
  return ok({ id });
};

/**
 * What a meter's plate and register make of the budget, with this device's clock as it is. A reading device has no I_tr:
 * EN 50470 has I_min at half of it at most, so that twice I_min is where the tighter band begins.
 */
export const meterBudget = async (device: Device, ask: Ask<"meter-budget">): Answer<"meter-budget"> => {
  const node = nodeOf(device);
  if (!node.ok) return node;
  const { core } = node.value;
  const clockErrorMs = Math.abs(clockOffset(core).offset);
  const input = budgetInput(ask, ask.resolutionMwh, core.contract.stepMs, clockErrorMs);
  const budget = accuracyBudget(input);
  const classes = classVerdicts(input, 2 * ask.iMinMa).map(({ accuracyClass, meets }) => ({ accuracyClass, meets }));
  return ok({
    quantumMicroWh: budget.resolutionMicroWh,
    clockMicroWh: budget.clockMicroWh,
    boundMicroWh: budget.boundMicroWh,
    marginMicroWh: budget.marginMicroWh,
    meets: budget.meets,
    reason: budget.reason,
    minImpPerKwh: budget.minImpPerKwh,
    classes,
  });
};

/** The owner says that the register, or the meter itself, is another one: counting goes on from there. */
export const confirmMeter = async (device: Device, { id }: Ask<"confirm-meter">): Answer<"confirm-meter"> => {
  const other = device.meters?.otherAt(id) ?? null;
  if (other === null) return nothing(await order(device, { kind: "confirm-meter", meter: id, from: null }));
  const { role, exported, imported, at } = other;
  if (role === "generation" && exported !== null) {
    const from = { registerMwh: exported, at };
    const done = await order(device, { kind: "confirm-meter", meter: id, from });
    if (!done.ok) return done;
  }
  if (imported !== null) device.household?.exchanged(id, imported, at);
  await device.household?.idle();
  // Last: if the device fails before this, the owner is asked again, and nothing was claimed.
  await device.meters?.takeOther(id, other);
  return ok({});
};

export const forgetMeter = async (device: Device, { id }: Ask<"forget-meter">): Answer<"forget-meter"> => {
  device.meters?.close(id);
  await device.household?.forget(id);
  await device.store.commit([
    { table: "home", key: `meter/${id}`, value: null },
    meterIdentityOp(id, "consumption", null),
  ]);
  const done = await order(device, { kind: "forget-meter", meter: id });
  if (!done.ok) return done;
  await device.store.commit([
    { table: "own", key: `meter-settings/${id}`, value: null },
    meterIdentityOp(id, "generation", null),
  ]);
  return ok({});
};
