/**
 * This device's part in a community: its disk, its keys, its node and meters, and the views for the screens. What a
 * person asks for is carried out by commands.ts. Keys are durable before they are used.
 */
import { cryptometerSecret, keysFromPhrase, meterSalt, type MemberKeys } from "../base/keys.ts";
import { assert } from "../base/result.ts";
import { sign } from "../base/ed25519.ts";
import type { Millis } from "../base/units.ts";
import { decodeContract } from "../community/contract.ts";
import { communityId } from "../community/contract.ts";
import { applicationMessage, type Application } from "../node/messages.ts";
import type { Network, Self } from "../network/network.ts";
import type { View } from "../port.ts";
import type { MeterSettings } from "../port-meter.ts";
import { StoreError, type Store } from "../storage/store.ts";
import { Books } from "./books.ts";
import { Decisions } from "./decisions.ts";
import { identityOp, loadIdentity, type DeviceIdentity } from "./identity.ts";
import { ownMember } from "./lookup.ts";
import { Household } from "./household.ts";
import { householdView } from "./household-view.ts";
import type { MeterPart } from "./meter-part.ts";
import type { Meters } from "./meters.ts";
import { Notices } from "./notices.ts";
import type { Recogniser } from "./recognising.ts";
import { openNode, type OpenNode } from "./open-node.ts";
import { problemOf, storageProblem } from "./problems.ts";
import { Effects } from "./proposals.ts";
import type { Clock } from "./runner.ts";
import type { Verifier } from "./verifier.ts";
import { chainPart, clockOffset, NO_CHAIN, type ChainPart } from "./view.ts";

export type DeviceNetwork = Network & { readonly nudge?: (hint: "visible" | "online") => void };
export type DeviceOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly verify: Verifier;
  readonly random: (length: number) => Uint8Array;
  readonly network: (self: Self) => DeviceNetwork;
  /** Beginning of the local day that `now` lies in. */
  readonly dayStart: (now: number) => number;
  readonly publish: (view: View) => void;
  readonly demo: boolean;
};

/** Between two views: a burst of changes makes one. */
const PUBLISH_MS = 100;
/** Screens that show time passing need no view; a live state that stands still gets one now and then. */
const REFRESH_MS = 5_000;

export class Device {
  readonly o: DeviceOptions;
  readonly notices: Notices;
  readonly decisions: Decisions;
  readonly books: Books;
  readonly #effects = new Effects();
  node: OpenNode | null = null;
  keys: MemberKeys | null = null;
  identity: DeviceIdentity | null = null;
  /** Null until this device has a meter, or looks for one. */
  #part: MeterPart | null = null;
  household: Household | null = null;
  persisted: boolean | null = null;
  #storeError: StoreError | null = null;
  #phase: "starting" | "ready" | "blocked" = "starting";
  #usage: { usedBytes: number; quotaBytes: number } | null = null;
  #online = true;
  #due = false;
  #lonelySince: number | null = null;
  #asApplicant = false;
  #reopening = false;

  constructor(options: DeviceOptions) {
    this.o = options;
    this.notices = new Notices(options.store);
    this.decisions = new Decisions(options.store);
    this.books = new Books(options.store);
  }
  get meters(): Meters | null {
    return this.#part?.meters ?? null;
  }
  get recogniser(): Recogniser | null {
    return this.#part?.recogniser ?? null;
  }
  get store(): Store {
    return this.o.store;
  }
  /** Loads what the disk has and goes on from there. Never throws: what the environment refuses becomes a problem. */
  async start(): Promise<void> {
    await this.guard(async () => {
      this.identity = await loadIdentity(this.store);
      if (this.identity !== null) await this.open(this.identity);
      this.#phase = "ready";
    });
    this.#refresh();
    this.changed();
  }
  /** Runs work on the disk; an environment that refuses blocks the device with a problem that names the remedy. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#phase = "blocked";
      this.#storeError = error instanceof StoreError ? error : new StoreError("corrupt", error);
    }
  }
  /** Writes the identity first, then begins to be it. */
  async become(identity: DeviceIdentity): Promise<void> {
    await this.store.commit([identityOp(identity)]);
    this.identity = identity;
    await this.open(identity);
    this.changed();
  }
  async open(identity: DeviceIdentity): Promise<void> {
    const { store, clock, verify } = this.o;
    const signed = decodeContract(identity.contract);
    if (!signed.ok) throw new StoreError("corrupt");
    this.keys = keysFromPhrase(identity.words);
    const node = await openNode({
      store,
      clock,
      verify,
      keys: this.keys,
      signed: signed.value,
      invitation: identity.invitation,
      addresses: identity.addresses,
      network: this.o.network,
      onChange: () => this.changed(),
      onStoreError: this.#onStoreError,
      onRestart: () => void this.#reopen({ ...identity }),
      onCrash: (error) => {
        // Nothing is lost: the disk holds all that was signed. A reload begins again from there.
        this.#storeError = new StoreError("failed", error);
        this.#phase = "blocked";
        this.changed();
        throw error;
      },
    });
    await this.notices.load(node.core);
    await this.decisions.load();
    this.node = node;
    this.#asApplicant = identity.invitation !== null && node.core.me === null;
    node.runner.machine.introduce(identity.name, this.#asApplicant ? this.#application(identity) : null, clock.now());
    node.runner.post({ kind: "time" });
    await this.#openMeters(node);
  }
  #application(identity: DeviceIdentity): Application {
    const { keys } = this;
    assert(keys !== null, "the device has keys");
    const signed = decodeContract(identity.contract);
    assert(signed.ok, "the contract was checked");
    const unsigned = {
      key: keys.memberKey,
      blsKey: keys.blsKey,
      blsProof: keys.blsProof,
      name: identity.name,
      at: identity.since,
    };
    return {
      ...unsigned,
      signature: sign(applicationMessage(communityId(signed.value.contract), unsigned), keys.memberSecret),
    };
  }
  async #openMeters(node: OpenNode): Promise<void> {
    const household = new Household({
      store: this.store,
      contract: node.core.contract,
      onStoreError: this.#onStoreError,
    });
    await household.load();
    this.household = household;
    this.#part = null;
    const own = await this.store.entries("own", { from: "meter-settings/", to: "meter-settings0" });
    const home = await this.store.entries("home", { from: "meter/", to: "meter0" });
    if (own.length + home.length === 0) return;
    const part = await this.meterPart();
    if (part === null) {
      // Offline with a part of the app that was never kept: nothing is lost, and the meters go on when it is here.
      this.o.clock.at(this.o.clock.now() + REFRESH_MS, () => {
        if (this.node === node) void this.#openMeters(node);
      });
      return;
    }
    const open = (id: string, settings: MeterSettings | null): void => {
      if (settings !== null) part.meters.open(id, settings);
    };
    for (const [k, raw] of own) open(k.slice("meter-settings/".length), part.decodeSettings(raw));
    for (const [k, raw] of home) {
      const settings = part.decodeSettings(raw);
      open(k.slice("meter/".length), settings === null ? null : { ...settings, role: "consumption" });
    }
  }
  /** Loads what a device with a meter needs; null while it is not on this device, or there is no community. */
  async meterPart(): Promise<MeterPart | null> {
    const { node, household, keys } = this;
    if (this.#part !== null || node === null || household === null || keys === null) return this.#part;
    const loaded = await import("./meter-part.ts").catch(() => null);
    if (loaded === null || this.node !== node) return null;
    this.#part ??= loaded.openMeterPart({
      core: node.core,
      clock: this.o.clock,
      store: this.store,
      salt: meterSalt(keys.seed),
      onStoreError: this.#onStoreError,
      onReading: (meter, register, at, counter) => node.runner.reading(meter, register, at as Millis, counter),
      onImport: (meter, register, at, counter) => household.reading(meter, register, at as Millis, counter),
      counterOf: (meter) => household.counterOf(meter),
      onChange: () => this.changed(),
    });
    return this.#part;
  }
  readonly #onStoreError = (error: StoreError | null): void => {
    this.#storeError = error;
    this.changed();
  };
  cryptometerSecret(n: number): Uint8Array {
    assert(this.keys !== null, "the device has keys");
    return cryptometerSecret(this.keys.seed, n);
  }
  /** Stops the node and the meters; the disk is closed too. */
  async close(): Promise<void> {
    this.meters?.closeAll();
    await this.recogniser?.stop();
    await this.household?.idle();
    await this.node?.close();
    this.node = null;
  }
  /** Forgets everything on this device. */
  async forget(): Promise<void> {
    this.meters?.closeAll();
    await this.recogniser?.stop();
    this.node?.neighbours.stop();
    this.node?.runner.stop();
    await this.node?.runner.idle();
    await this.household?.idle();
    await this.store.wipe();
    this.notices.forget();
    this.decisions.forget();
    this.books.forget();
    this.node = null;
    this.#part = null;
    this.household = null;
    this.identity = null;
    this.keys = null;
    this.changed();
  }
  presence(visible: boolean, online: boolean): void {
    const back = online && !this.#online;
    this.#online = online;
    const network: DeviceNetwork | undefined = this.node?.network;
    if (back) network?.nudge?.("online");
    else if (visible) network?.nudge?.("visible");
    if (visible || back) this.node?.runner.post({ kind: "time" });
    this.changed();
  }
  nudge(): void {
    const network: DeviceNetwork | undefined = this.node?.network;
    network?.nudge?.("online");
    this.node?.neighbours.start([]);
  }
  /** An applicant that was admitted shows itself as a member from now on. */
  async #becomeMember(): Promise<void> {
    if (this.identity !== null) await this.#reopen({ ...this.identity, invitation: null });
  }
  async #reopen(identity: DeviceIdentity): Promise<void> {
    if (this.#reopening || this.node === null) return;
    this.#reopening = true;
    await this.guard(async () => {
      this.meters?.closeAll();
      this.node?.neighbours.stop();
      this.node?.runner.stop();
      await this.node?.runner.idle();
      await this.household?.idle();
      await this.store.commit([identityOp(identity)]);
      this.identity = identity;
      await this.open(identity);
    });
    this.#reopening = false;
    this.changed();
  }
  changed(): void {
    if (this.#due) return;
    this.#due = true;
    this.o.clock.at(this.o.clock.now() + PUBLISH_MS, () => this.publishDue());
  }
  /** Also before a command is answered: the screen that asked then shows what it caused. */
  publishDue(): void {
    if (!this.#due) return;
    this.#due = false;
    if (this.#asApplicant && typeof this.node?.core.me === "number") void this.#becomeMember();
    if (this.node !== null) this.#watch(this.node);
    this.o.publish(this.view());
  }
  #watch(node: OpenNode): void {
    const failed = (error: unknown): void => {
      this.#storeError = error instanceof StoreError ? error : new StoreError("failed", error);
      this.changed();
    };
    this.notices.look(node.core, this.o.clock.now()).catch(failed);
    const looks = [this.decisions.look(node.core), this.books.look(node.core, this.o.dayStart(this.o.clock.now()))];
    for (const look of looks)
      look.then((isNew) => {
        if (isNew) this.changed();
      }, failed);
  }
  #refresh(): void {
    this.o.clock.at(this.o.clock.now() + REFRESH_MS, () => this.#refresh());
    this.store
      .usage()
      .then(({ usedBytes, quotaBytes, persisted }) => {
        this.#usage = { usedBytes, quotaBytes };
        this.persisted = persisted ?? this.persisted;
        this.changed();
      })
      .catch(() => this.changed());
  }
  view(): View {
    const { clock, demo, dayStart } = this.o;
    const now = clock.now();
    const { node } = this;
    const part =
      node === null
        ? { ...NO_CHAIN, madeAt: now }
        : chainPart(
            node.core,
            { effects: this.#effects, notices: this.notices, decisions: this.decisions, books: this.books },
            dayStart(now),
            now,
          );
    const offset = node === null ? 0 : clockOffset(node.core).offset;
    const meters = this.meters?.views(Math.abs(offset)) ?? [];
    this.#lonelySince = node === null || node.core.peers.size > 0 ? null : (this.#lonelySince ?? now);
    const problem =
      node === null
        ? this.#storeError && storageProblem(this.#storeError)
        : problemOf({
            core: node.core,
            now,
            storeError: this.#storeError,
            refusedBy: node.neighbours.refusedBy,
            online: this.#online,
            lonelySince: this.#lonelySince,
            meters,
            clockOffset: offset,
            notices: this.notices,
            decisions: this.decisions.all,
            wasMember: this.identity !== null && this.identity.invitation === null,
          });
    return {
      ...part,
      phase: this.#phaseOf(part),
      demo,
      leader: true,
      problem,
      meters,
      listening: this.recogniser?.view ?? null,
      household:
        node === null || this.household === null
          ? null
          : householdView(node.core, this.household, {
              meters,
              today: part.today,
              dayStart: dayStart(now),
              early: this.books.early(node.core, dayStart(now)),
              now,
            }),
      signalling: node?.neighbours.signalling ?? "off",
      storage: {
        persisted: this.persisted,
        usedBytes: this.#usage?.usedBytes ?? null,
        quotaBytes: this.#usage?.quotaBytes ?? null,
      },
    };
  }
  #phaseOf(part: ChainPart): View["phase"] {
    if (this.#phase === "blocked") return "blocked";
    if (this.#phase === "starting") return "starting";
    if (this.node === null) return "welcome";
    if (ownMember(this.node.core) !== null)
      return part.sync === null || part.verifiedAt !== null ? "member" : "syncing";
    // Who asks to join waits, also while its device reads what the members have written down.
    return part.sync === null || this.identity?.invitation !== null ? "waiting-admission" : "syncing";
  }
}
