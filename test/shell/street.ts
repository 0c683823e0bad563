/** A street of devices on one virtual time and one memory network: each with a disk that outlives it. */
import { nativeEd25519 } from "../../worker/cli/native-ed25519.ts";
import type { Result } from "../../worker/base/result.ts";
import { mwh } from "../../worker/base/units.ts";
import { VirtualTime } from "../../worker/lab/virtual-time.ts";
import { deriveAddress, MAIN_DEVICE } from "../../worker/network/address.ts";
import type { Network } from "../../worker/network/network.ts";
import { createMemoryHub, createMemoryNetwork, type MemoryHub } from "../../worker/network/memory.ts";
import type { CommandKind, Commands, View } from "../../worker/port.ts";
import type { MeterSettings } from "../../worker/port-meter.ts";
import { runCommand } from "../../worker/shell/commands.ts";
import { Device } from "../../worker/shell/device.ts";
import { createVerifier, engineOn, VerdictMemory } from "../../worker/shell/verifier.ts";
import { startWasmBls } from "../../worker/cli/wasm-bls.ts";
import { createMemoryDisk, openMemory, type MemoryDisk } from "../../worker/storage/memory.ts";
import type { Store } from "../../worker/storage/store.ts";

export const START = 1_700_000_000_000;
export const BASE = "https://street.example/";
export const METER: MeterSettings = {
  label: "Roof",
  protocol: "p1",
  baudRate: 115_200,
  impPerKwh: null,
  phases: 1,
  iMinMa: 250,
  accuracyClass: "B",
  pMaxW: 5_000,
  via: "serial",
  port: { usbVendorId: null, usbProductId: null },
};

/** What checks votes: noble's verdicts, sooner. */
const REAL = await startWasmBls();

export class House {
  readonly device: Device;
  readonly views: View[] = [];
  constructor(make: (publish: (view: View) => void) => Device) {
    this.device = make((view) => this.views.push(view));
  }
  get view(): View {
    return this.device.view();
  }
  ask<K extends CommandKind>(name: K, ask: Commands[K]["ask"]): Promise<Result<Commands[K]["answer"]>> {
    return runCommand(this.device, name, ask);
  }
  /** @throws Error when it is refused. */
  async get<K extends CommandKind>(name: K, ask: Commands[K]["ask"]): Promise<Commands[K]["answer"]> {
    const answer = await this.ask(name, ask);
    if (!answer.ok) throw new Error(`${name}: ${answer.error.code}`);
    return answer.value;
  }
  async code<K extends CommandKind>(name: K, ask: Commands[K]["ask"]): Promise<string> {
    const answer = await this.ask(name, ask);
    return answer.ok ? "ok" : answer.error.code;
  }
}

export class Street {
  readonly time: VirtualTime;
  readonly hub: MemoryHub;
  /** By which clock the devices that are opened next show their days. */
  zone: string | null = null;
  readonly #verify = createVerifier(new VerdictMemory(), engineOn(REAL, nativeEd25519().subtle));
  /** What stands between a device and its network: a witness, for one. */
  between: (key: string, network: Network) => Network = (_, network) => network;
  constructor(start: number = START) {
    this.time = new VirtualTime(start, `street ${start}`);
    this.hub = createMemoryHub({ surroundings: this.time.surroundings, latency: () => 20 });
  }

  /** Moves in, or opens the app again on the same disk; `store` to put something else in its place. */
  async open(disk: MemoryDisk = createMemoryDisk(), store?: Store): Promise<House> {
    const opened = store ?? (await openMemory({ disk }));
    const { time } = this;
    const house = new House(
      (publish) =>
        new Device({
          store: opened,
          clock: time.clock,
          verify: this.#verify,
          bls: REAL,
          random: time.random,
          network: (self) =>
            this.between(
              self.identity.key,
              createMemoryNetwork({
                hub: this.hub,
                address: deriveAddress(self.community, self.identity.key, MAIN_DEVICE, 0),
                self,
                surroundings: time.surroundings,
              }),
            ),
          backupCost: { logN: 4, r: 8, p: 1 },
          zone: this.zone,
          dayStart: (now) => now - (now % 86_400_000),
          publish,
          demo: false,
        }),
    );
    await house.device.start();
    time.watch(() => {
      const { runner } = house.device.node ?? house.device.light ?? {};
      return runner === undefined || runner.isIdle ? null : runner.idle();
    });
    return house;
  }
  /** Lets time pass; devices also finish what they do between two events. */
  async pass(ms: number): Promise<void> {
    const end = this.time.now + ms;
    while (this.time.now < end) {
      await this.time.runUntil(Math.min(end, this.time.now + 100));
      await new Promise((done) => setImmediate(done));
    }
  }
  /** Until so long after the beginning of a step; steps last ten seconds. */
  async until(step: number, ms = 0): Promise<void> {
    await this.pass(START + step * 10_000 + ms - this.time.now);
  }
  /** What a cable would bring: readings of a meter's export register. */
  reading(house: House, id: string, register: number): void {
    house.device.node?.runner.reading(id, mwh(register), this.time.now);
  }
}

export const words = async (house: House): Promise<string[]> => (await house.get("new-phrase", { other: false })).words;
export const found = async (house: House, communityName: string, memberName: string): Promise<void> => {
  const ask = { communityName, memberName, preset: "fast", quorum: "majority", words: await words(house) } as const;
  await house.get("create", ask);
};
