/**
 * This device's part in a community: its disk, its keys, its node and meters, and the views for the screens. What a
 * person asks for is carried out by commands.ts. Keys are durable before they are used.
 */
import { cryptometerSecret, keysFromPhrase, type MemberKeys } from "../base/keys.ts";
import { assert } from "../base/result.ts";
import { decodeContract } from "../community/contract.ts";
import type { Ways } from "../community/invitation.ts";
import type { Self } from "../network/network.ts";
import type { View } from "../port.ts";
import { withSpares } from "../storage/spare.ts";
import { StoreError, type Op, type Store } from "../storage/store.ts";
import { bookOp } from "./address-book.ts";
import { Books } from "./books.ts";
import { Care } from "./care.ts";
import { Decisions } from "./decisions.ts";
import { DeviceMeters } from "./device-meters.ts";
import type { DeviceNetwork, DeviceOptions } from "./device-options.ts";
import { applicationOf, identityOp, type DeviceIdentity } from "./identity.ts";
import { Forks } from "./forks.ts";
import type { Household } from "./household.ts";
import type { MeterPart } from "./meter-part.ts";
import type { Meters } from "./meters.ts";
import { hasMeter, isMissed, isNeeded, Kinds } from "./kinds.ts";
import { firstOfDay } from "./light-view.ts";
import { forgetNewWords } from "./new-words.ts";
import { Notices } from "./notices.ts";
import { trustOfFull } from "./full-trust.ts";
import type { OpenLight } from "./open-light.ts";
import type { Recogniser } from "./recognising.ts";
import { openNode, type OpenNode } from "./open-node.ts";
import { Effects } from "./proposals.ts";
import { writeDown } from "./resting.ts";
import { viewOf } from "./device-view.ts";
import { dayStartAt, loadPlace, type Place } from "./place.ts";
import { loadWays, NO_WAYS } from "./ways.ts";

/** Between two views: a burst of changes makes one. */
const PUBLISH_MS = 100;
/** Screens that show time passing need no view; a live state that stands still gets one now and then. */
const REFRESH_MS = 5_000;

export class Device {
  readonly o: DeviceOptions;
  readonly notices: Notices;
  readonly decisions: Decisions;
  readonly books: Books;
  readonly forks: Forks;
  readonly #effects = new Effects();
  readonly kinds: Kinds;
  #running: OpenNode | OpenLight | null = null;
  keys: MemberKeys | null = null;
  identity: DeviceIdentity | null = null;
  ways: Ways = NO_WAYS;
  /** Whose days are shown; null: this device's own. */
  place: Place | null = null;
  readonly #meters: DeviceMeters;
  readonly care: Care;
  persisted: boolean | null = null;
  #storeError: StoreError | null = null;
  #phase: "starting" | "ready" | "blocked" = "starting";
  #usage: { usedBytes: number; quotaBytes: number } | null = null;
  #online = true;
  #due = false;
  #lonelySince: number | null = null;
  #asApplicant = false;
  /** Opening, and what is to follow it: one after another, and none is lost. */
  #turn: Promise<void> = Promise.resolve();
  /** So many wait to be opened anew, or are. */
  #reopening = 0;

  constructor(options: DeviceOptions) {
    this.o = { ...options, store: withSpares(options.store) };
    this.notices = new Notices(this.store);
    this.decisions = new Decisions(this.store);
    this.books = new Books(this.store);
    this.forks = new Forks(this.store);
    this.kinds = new Kinds(this.store);
    this.care = new Care(this);
    this.#meters = new DeviceMeters(this, (error) => this.#onStoreError(error));
  }
  /** Null where this device keeps its own figures only, or is of no community. */
  get node(): OpenNode | null {
    return this.#running !== null && "core" in this.#running ? this.#running : null;
  }
  get light(): OpenLight | null {
    return this.#running !== null && "light" in this.#running ? this.#running : null;
  }
  get meters(): Meters | null {
    return this.#meters.part?.meters ?? null;
  }
  get recogniser(): Recogniser | null {
    return this.#meters.part?.recogniser ?? null;
  }
  get household(): Household | null {
    return this.#meters.use?.household ?? null;
  }
  /** Beginning of the community's day that `now` lies in. */
  dayStart(now: number): number {
    return this.place === null ? this.o.dayStart(now) : dayStartAt(this.place, now);
  }
  get store(): Store {
    return this.o.store;
  }
  /** Loads what the disk has and goes on from there. Never throws: what the environment refuses becomes a problem. */
  async start(): Promise<void> {
    await this.guard(async () => {
      this.identity = await this.care.begin();
      if (this.identity !== null) await this.open(this.identity);
      this.#phase = this.care.isLost ? "blocked" : "ready";
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
  /** Writes the identity first, with what belongs to it, then begins to be it. */
  async become(identity: DeviceIdentity, more: readonly Op[] = []): Promise<void> {
    await this.store.commit([...more, identityOp(identity), forgetNewWords]);
    this.identity = identity;
    this.care.isLost = false;
    await this.open(identity);
    this.#phase = "ready";
    this.changed();
  }
  /** @throws what the environment refuses. */
  open(identity: DeviceIdentity): Promise<void> {
    return this.#inTurn(() => this.#open(identity));
  }
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    // Whoever asked hears of a failure; the next goes on.
    this.#turn = done.catch(() => {});
    return done;
  }
  async #open(identity: DeviceIdentity): Promise<void> {
    const { store, clock, verify, demo } = this.o;
    const signed = decodeContract(identity.contract);
    if (!signed.ok) throw new StoreError("corrupt");
    this.keys = keysFromPhrase(identity.words);
    await this.kinds.load();
    this.kinds.joining = demo || identity.invitation !== null;
    this.kinds.meter = await hasMeter(store);
    const wish = this.kinds.wish(clock.now());
    const light = wish.kind === "light" ? await import("./open-light.ts").catch(() => null) : null;
    // Where that part of the app is not on this device yet, it keeps everything until it is.
    this.kinds.become(wish.kind === "light" && light === null ? { kind: "full", reason: "able" } : wish, clock.now());
    const ways = (this.ways = await loadWays(store));
    this.place = await loadPlace(store);
    const options = {
      store,
      clock,
      verify,
      keys: this.keys,
      signed: signed.value,
      addresses: identity.addresses,
      network: (self: Self) => this.o.network(self, ways),
      onChange: () => this.changed(),
      onStoreError: this.#onStoreError,
      onRestart: () => void this.reopen([]),
      onCrash: (error: unknown): never => {
        // Nothing is lost: the disk holds all that was signed. A reload begins again from there.
        this.#storeError = new StoreError("failed", error);
        this.#phase = "blocked";
        this.changed();
        throw error;
      },
    };
    this.#asApplicant = false;
    if (light !== null) {
      this.#meters.forget();
      this.care.freeSpace = null;
      this.care.freeable = null;
      this.#running = await this.care.mending(identity, () => light.openLight(options));
      this.#running.light.introduce(identity.name, clock.now());
      this.#running.light.want(firstOfDay(signed.value.contract, this.dayStart(clock.now())));
      return this.#running.runner.post({ kind: "time" });
    }
    const node = await this.care.mending(identity, () =>
      openNode({ ...options, bls: this.o.bls, invitation: identity.invitation }),
    );
    await this.notices.load(node.core);
    await this.decisions.load();
    await this.forks.load();
    this.#running = node;
    this.care.freeSpace = () => node.pruner.free();
    this.care.freeable = () => node.pruner.freeable;
    this.#asApplicant = identity.invitation !== null && node.core.me === null;
    node.runner.machine.introduce(
      identity.name,
      this.#asApplicant ? applicationOf(identity, this.keys) : null,
      clock.now(),
    );
    node.runner.post({ kind: "time" });
    await this.#meters.open(node);
  }
  /** Loads what a device with a meter needs; null while it is not on this device, or there is no community. */
  meterPart(): Promise<MeterPart | null> {
    return this.#meters.load();
  }
  readonly #failed = (error: unknown): void => {
    this.#storeError = error instanceof StoreError ? error : new StoreError("failed", error);
    this.changed();
  };
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
    await this.#meters.rest();
    await this.#running?.close();
    this.#running = null;
  }
  /** Stops the node between two events; what was signed is on disk, and the disk stays open. */
  async #pause(): Promise<void> {
    this.#running?.neighbours.stop();
    this.#running?.runner.stop();
    await this.#running?.runner.idle();
    await this.household?.idle();
  }
  /** Forgets everything on this device. */
  async forget(): Promise<void> {
    await this.#meters.drop();
    await this.#pause();
    await this.store.wipe();
    this.kinds.forget();
    this.care.isLost = false;
    this.#phase = "ready";
    this.notices.forget();
    this.decisions.forget();
    this.books.forget();
    this.forks.forget();
    this.place = null;
    this.#running = null;
    this.#meters.forget();
    this.identity = null;
    this.keys = null;
    this.changed();
  }
  presence(visible: boolean, online: boolean): void {
    const back = online && !this.#online;
    this.#online = online;
    const network: DeviceNetwork | undefined = this.#running?.network;
    if (back) network?.nudge?.("online");
    else if (visible) network?.nudge?.("visible");
    if (visible || back) this.#running?.runner.post({ kind: "time" });
    // Hidden pages are the ones that are closed or put to sleep, without another word.
    if (!visible) void writeDown(this);
    this.changed();
  }
  nudge(): void {
    const network: DeviceNetwork | undefined = this.#running?.network;
    network?.nudge?.("online");
    this.#running?.neighbours.start([]);
  }
  /**
   * Stops node and meters, writes, and begins anew with what is on disk then: as a member once admitted, as another kind of
   * node, with other servers. Nothing happens where there is no community.
   */
  async reopen(ops: readonly Op[], identity?: DeviceIdentity): Promise<void> {
    this.#reopening += 1;
    await this.#inTurn(() => this.guard(() => this.#reopen(ops, identity ?? this.identity)));
    this.#reopening -= 1;
    this.changed();
  }
  async #reopen(ops: readonly Op[], identity: DeviceIdentity | null): Promise<void> {
    const running = this.#running;
    if (identity === null || running === null) return;
    const { node } = this;
    await this.#meters.rest();
    await this.#pause();
    const trust = node === null ? [] : await trustOfFull(node.core, this.store);
    // With the book, or it would look for its neighbours again.
    await this.store.commit([...ops, ...trust, bookOp(running.neighbours.book)]);
    this.identity = identity;
    await this.#open(identity);
  }
  /** Becomes light or full where that is due by now. */
  checkKind(): void {
    const now = this.o.clock.now();
    const { node, light, kinds } = this;
    if (this.o.demo || this.identity === null || this.#running === null || this.#reopening > 0) return;
    if (node !== null) kinds.meter = (this.meters?.views(0).length ?? 0) > 0;
    kinds.quotaBytes = this.#usage?.quotaBytes ?? null;
    const isClear = node === null || (node.core.me !== null && !node.core.behind);
    const needed = node === null ? light && isMissed(light.light, now) : isNeeded(node.core);
    if (isClear) kinds.note(needed, now).catch(this.#failed);
    if (kinds.isOther(now)) void this.reopen([]);
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
    const isAdmitted = this.#asApplicant && typeof this.node?.core.me === "number";
    if (isAdmitted && this.identity !== null && this.#reopening === 0) {
      // An applicant that was admitted shows itself as a member from now on.
      const member = { ...this.identity, invitation: null };
      void this.reopen([identityOp(member)], member);
    }
    if (this.node !== null) this.#watch(this.node);
    this.light?.light.want(firstOfDay(this.light.light.signed.contract, this.dayStart(this.o.clock.now())));
    this.o.publish(this.view());
  }
  #watch(node: OpenNode): void {
    this.notices.look(node.core, this.o.clock.now()).catch(this.#failed);
    this.forks.look(node.core).catch(this.#failed);
    // What has just become final is on the disk then.
    const books = node.runner.idle().then(() => this.books.look(node.core, this.dayStart(this.o.clock.now())));
    const looks = [this.decisions.look(node.core), books];
    for (const look of looks)
      look.then((isNew) => {
        if (isNew) this.changed();
      }, this.#failed);
  }
  #refresh(): void {
    this.o.clock.at(this.o.clock.now() + REFRESH_MS, () => this.#refresh());
    this.store
      .usage()
      .then((usage) => {
        const { usedBytes, quotaBytes, persisted } = usage;
        this.care.watch(usage, this.o.clock.now());
        this.#usage = { usedBytes, quotaBytes };
        this.persisted = persisted ?? this.persisted;
        this.checkKind();
        this.changed();
      })
      .catch(() => this.changed());
  }
  view(): View {
    const { clock, demo } = this.o;
    const now = clock.now();
    const running = this.#running;
    const peers = running === null ? 0 : "core" in running ? running.core.peers.size : running.light.peers.all.size;
    this.#lonelySince = running === null || peers > 0 ? null : (this.#lonelySince ?? now);
    return viewOf({
      now,
      dayStart: this.dayStart(now),
      zone: this.place?.name ?? null,
      demo,
      stage: this.#phase,
      node: this.node,
      light: this.light,
      identity: this.identity,
      kept: { effects: this.#effects, notices: this.notices, decisions: this.decisions, books: this.books },
      meters: this.meters,
      listening: this.recogniser?.view ?? null,
      household: this.#meters.use,
      care: this.care.view(),
      keeping: this.care.problem,
      storeError: this.#storeError,
      online: this.#online,
      lonelySince: this.#lonelySince,
      storage: {
        persisted: this.persisted,
        usedBytes: this.#usage?.usedBytes ?? null,
        quotaBytes: this.#usage?.quotaBytes ?? null,
      },
      kind: demo ? null : this.kinds.view,
    });
  }
}
