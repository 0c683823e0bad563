/**
 * What the browser tells of the device's power, data and memory (Battery Status, Network Information, Device Memory), told
 * to `listener` at once and on every change; null where it says nothing, as in most browsers.
 */
import type { SurroundingsAsk } from "../../worker/port-kind.ts";

type Battery = EventTarget & { readonly level: number; readonly charging: boolean };
type Navigating = {
  readonly getBattery?: () => Promise<Battery>;
  readonly connection?: EventTarget & { readonly saveData?: boolean };
  readonly deviceMemory?: number;
};

export const watchSurroundings = async (listener: (seen: SurroundingsAsk) => void): Promise<void> => {
  const from = navigator as Navigating;
  const battery = (await from.getBattery?.().catch(() => null)) ?? null;
  const tell = (): void =>
    listener({
      battery: battery === null ? null : { level: battery.level, charging: battery.charging },
      saveData: from.connection?.saveData ?? null,
      memoryGb: from.deviceMemory ?? null,
    });
  battery?.addEventListener("levelchange", tell);
  battery?.addEventListener("chargingchange", tell);
  from.connection?.addEventListener("change", tell);
  tell();
};
