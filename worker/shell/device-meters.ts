/**
 * The meters of a device beside its node: opened with it, read by it, and at rest before it goes. What they need is loaded
 * when there is one. Knows no screen and nothing of the chain.
 */
import { meterSalt } from "../base/keys.ts";
import type { Millis } from "../base/units.ts";
import type { StoreError } from "../storage/store.ts";
import type { MeterSettings } from "../port-meter.ts";
import type { Device } from "./device.ts";
import type { HouseholdPart } from "./household-part.ts";
import type { MeterPart } from "./meter-part.ts";
import type { OpenNode } from "./open-node.ts";
import { rest } from "./resting.ts";

/** Offline with a part of the app that was never kept: it is looked for again after so long. */
const AGAIN_MS = 5_000;

export class DeviceMeters {
  readonly #device: Device;
  readonly #onStoreError: (error: StoreError) => void;
  /** Null until this device has a meter, looks for one, or has read one of its member's use. */
  use: HouseholdPart | null = null;
  /** Null until this device has a meter, or looks for one. */
  part: MeterPart | null = null;

  constructor(device: Device, onStoreError: (error: StoreError) => void) {
    this.#device = device;
    this.#onStoreError = onStoreError;
  }
  /** There is no community, or a device that keeps its own figures only. */
  forget(): void {
    this.part = null;
    this.use = null;
  }
  /** Goes on with the meters that were paired, and with what was read of the use. @throws StoreError when the disk refuses. */
  async open(node: OpenNode): Promise<void> {
    this.forget();
    const { store } = this.#device;
    const own = await store.entries("own", { from: "meter-settings/", to: "meter-settings0" });
    const home = await store.entries("home", { from: "meter/", to: "meter0" });
    // What was counted stays, also when the meter was forgotten.
    const used = await store.entries("home", { from: "count/", to: "use0", limit: 1 });
    if (own.length + used.length === 0) return;
    const part = own.length + home.length === 0 ? null : await this.load();
    if (part === null && (own.length + home.length > 0 || (await this.#loadUse(node)) === null)) {
      // Nothing is lost, and it goes on when what it needs is here.
      const { clock } = this.#device.o;
      clock.at(clock.now() + AGAIN_MS, () => {
        if (this.#device.node === node) void this.open(node);
      });
      return;
    }
    if (part === null) return;
    const read = (id: string, settings: MeterSettings | null): void => {
      if (settings !== null) part.meters.open(id, settings);
    };
    for (const [k, raw] of own) read(k.slice("meter-settings/".length), part.decodeSettings(raw));
    for (const [k, raw] of home) {
      const settings = part.decodeSettings(raw);
      read(k.slice("meter/".length), settings === null ? null : { ...settings, role: "consumption" });
    }
  }
  /** Null while that part is not on this device. */
  async #loadUse(node: OpenNode): Promise<HouseholdPart | null> {
    if (this.use !== null) return this.use;
    const loaded = await import("./household-part.ts").catch(() => null);
    const { store } = this.#device;
    const onStoreError = this.#onStoreError;
    const made = await loaded?.openHousehold({ store, contract: node.core.contract, onStoreError });
    if (made === undefined || this.#device.node !== node) return null;
    // Whoever asked at the same time counts in the same one.
    return (this.use ??= made);
  }
  /** Loads what a device with a meter needs; null while it is not on this device, or there is no community. */
  async load(): Promise<MeterPart | null> {
    const { node, keys, store, o } = this.#device;
    if (this.part !== null || node === null || keys === null) return this.part;
    const use = await this.#loadUse(node);
    const loaded = await import("./meter-part.ts").catch(() => null);
    if (use === null || loaded === null || this.#device.node !== node) return null;
    const { household } = use;
    this.part ??= loaded.openMeterPart({
      core: node.core,
      clock: o.clock,
      store,
      salt: meterSalt(keys.seed),
      onStoreError: this.#onStoreError,
      onReading: (meter, register, at, counter) => node.runner.reading(meter, register, at as Millis, counter),
      onImport: (meter, register, at, counter, role) => {
        if (role === "consumption") household.reading(meter, register, at as Millis, counter);
        else household.besides(meter, register, at as Millis);
      },
      counterOf: (meter) => household.counterOf(meter),
      onChange: () => this.#device.changed(),
    });
    return this.part;
  }
  /** No port is open when this resolves, and every pulse that was counted is on disk. */
  rest(): Promise<void> {
    return rest(this.#device);
  }
  /** What was counted is forgotten with everything else: nothing is waited for but the ports. */
  async drop(): Promise<void> {
    await this.part?.meters.stopAll();
    await this.part?.recogniser.stop();
  }
}
