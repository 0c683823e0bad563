/**
 * The keeping of this device's disk: what was damaged when it was opened, how much space is left, and long computations
 * for backups. Says what a screen shows of it; decides nothing about the community.
 */
import { stepAt } from "../community/market-step.ts";
import { decodeContract } from "../community/contract.ts";
import { isSilent } from "../node/silence.ts";
import type { CareView } from "../port-care.ts";
import type { Problem } from "../port.ts";
import { mendRows } from "../storage/spare.ts";
import type { Store, Usage } from "../storage/store.ts";
import type { Backup } from "./backup-file.ts";
import type { Device } from "./device.ts";
import { isOutdated, loadIdentity, type DeviceIdentity } from "./identity.ts";
import { dropChain, isDamage } from "./mend.ts";
import { NEW_WORDS_ROW } from "./new-words.ts";
import { isShort, roomIn } from "./quota.ts";

/** Views of a computation's progress. */
const PROGRESS_PARTS = 50;
/** After pruning did not help, it is not tried again before. */
const FREE_AGAIN_MS = 600_000;

export class Care {
  readonly #device: Device;
  /** Frees what the chain can do without; set by whoever prunes. Answers the bytes that it freed. */
  freeSpace: (() => Promise<number>) | null = null;
  /** What `freeSpace` would free now, where that is known. */
  freeable: (() => number | null) | null = null;
  /** A backup whose passphrase was right, until it is taken or another is opened. */
  opened: Backup | null = null;
  /** The keys on this disk cannot be read: only the words or a backup bring the member back. */
  isLost = false;
  /** They can be read, but nobody keeps their community's rules any more. */
  #isOutdated = false;
  #rows = 0;
  #chain = false;
  #space: CareView["space"] = null;
  #work: number | null = null;
  #freed = 0;

  constructor(device: Device) {
    this.#device = device;
  }
  get store(): Store {
    return this.#device.store;
  }
  /** Puts back what can be, then reads who this device is; null where it is nobody yet, or cannot say any more. */
  async begin(): Promise<DeviceIdentity | null> {
    this.#rows = (await mendRows(this.store)).restored.length;
    try {
      const identity = await loadIdentity(this.store);
      // Signed rows without a signer: somebody was here.
      const rows = identity === null ? await this.store.entries("own", { limit: 2 }) : [];
      this.isLost = rows.some(([key]) => key !== NEW_WORDS_ROW);
      return identity;
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.isLost = true;
      this.#isOutdated = isOutdated((await this.store.get("own", "identity")) ?? new Uint8Array());
      return null;
    }
  }
  /** Opens a node; where its disk is damaged, once more with the chain dropped. */
  async mending<T>(identity: DeviceIdentity, open: () => Promise<T>): Promise<T> {
    try {
      return await open();
    } catch (error) {
      const signed = decodeContract(identity.contract);
      if (!isDamage(error) || !signed.ok) throw error;
      await dropChain(this.store, stepAt(signed.value.contract, this.#device.o.clock.now()) + 1);
      this.#chain = true;
      return await open();
    }
  }
  /** Runs what takes long, and shows how far it is. */
  async working<T>(work: (progress: (part: number) => void) => Promise<T>): Promise<T> {
    this.#work = 0;
    try {
      return await work((part) => {
        const shown = Math.floor(part * PROGRESS_PARTS) / PROGRESS_PARTS;
        if (shown === this.#work) return;
        this.#work = shown;
        this.#device.changed();
      });
    } finally {
      this.#work = null;
      this.#device.changed();
    }
  }
  /** After each look at the disk: says so before it is full, and frees what can be freed. */
  watch(usage: Usage, now: number): void {
    this.#space = isShort(usage) ? { freeBytes: roomIn(usage), freeableBytes: this.freeable?.() ?? null } : null;
    if (this.#space === null || this.freeSpace === null || now - this.#freed < FREE_AGAIN_MS) return;
    this.#freed = now;
    void this.freeSpace().then(() => this.#device.changed());
  }
  dismiss(): void {
    this.#rows = 0;
    this.#chain = false;
  }
  /** What is to be told where nothing is worse. */
  get problem(): Problem | null {
    if (this.isLost) return { code: this.#isOutdated ? "community-outdated" : "identity-lost", severity: "trouble" };
    if (this.#space === null) return null;
    const data = { megabytes: Math.floor(this.#space.freeBytes / 1_000_000) };
    return { code: "storage-short", severity: "task", data };
  }
  view(): CareView {
    const core = this.#device.node?.core ?? null;
    return {
      mended: this.#rows > 0 || this.#chain ? { rows: this.#rows, chain: this.#chain } : null,
      silent: core !== null && isSilent(core),
      space: this.#space,
      work: this.#work,
    };
  }
}
