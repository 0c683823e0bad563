/**
 * Puts one node together from its disk, its keys and a network, the same in a browser's worker, in the pilot and in
 * tests. Decides who gets past hello: members, applicants with an invitation of a member, nobody else.
 */
import type { Bls } from "../base/bls-scheme.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { MemberKeys } from "../base/keys.ts";
import { cryptometerSecret } from "../base/keys.ts";
import type { PublicKey } from "../base/units.ts";
import { communityId, type SignedContract } from "../community/contract.ts";
import { readInvitation } from "../community/invitation.ts";
import type { Core } from "../node/core.ts";
import { finalHeightOf, restoreCore, type DiskImage } from "../node/load.ts";
import { heightRange, SNAP } from "../node/disk.ts";
import { readLight } from "../node/light-disk.ts";
import { isProven } from "../node/light-trust.ts";
import { Machine } from "../node/machine.ts";
import type { Identity, Network, Self } from "../network/network.ts";
import { StoreError, type Store } from "../storage/store.ts";
import { bookOp, loadBook } from "./address-book.ts";
import { heldHandOvers } from "./hand-overs.ts";
import { Librarian } from "./librarian.ts";
import { assertWhole, deltaOps } from "./mend.ts";
import { Neighbours } from "./neighbours.ts";
import { Pruner } from "./pruner.ts";
import { Runner, type Clock } from "./runner.ts";
import { upgradeRows } from "./upgrade-rows.ts";
import { heldBelow } from "./snapshots.ts";
import type { Verifier } from "./verifier.ts";

export type NodeOptions = {
  readonly store: Store;
  readonly keys: MemberKeys;
  readonly signed: SignedContract;
  /** What an applicant shows at the door. */
  readonly invitation: Uint8Array | null;
  /** Where to look for the first neighbours. */
  readonly addresses: readonly string[];
  readonly clock: Clock;
  readonly verify: Verifier;
  /** What signs and adds up votes; noble by default. */
  readonly bls?: Bls | undefined;
  readonly network: (self: Self) => Network;
  /** Links to keep; the mesh's own target by default. */
  readonly degree?: number | undefined;
  /** How often to look for others though there are links enough; the mesh's own pace by default. */
  readonly exploreMs?: number | undefined;
  readonly onChange: () => void;
  readonly onStoreError: (error: StoreError | null) => void;
  /** The node has stopped, and is to be opened again: its disk has another beginning. */
  readonly onRestart: () => void;
  readonly onCrash: (error: unknown) => void;
};
export type OpenNode = {
  readonly runner: Runner<Machine>;
  readonly core: Core;
  readonly network: Network;
  readonly neighbours: Neighbours;
  readonly pruner: Pruner;
  readonly close: () => Promise<void>;
};

const imageOf = async (store: Store): Promise<DiskImage> => {
  const finalHeight = finalHeightOf(await store.get("meta", "heads"));
  const [meta, state, lines, blocks, deltas, own, journal, settings] = await Promise.all([
    store.entries("meta"),
    store.entries("state"),
    store.entries("chain", heightRange("line", 0)),
    store.entries("chain", heightRange("body", finalHeight ?? 0)),
    store.entries("chain", heightRange("delta", finalHeight ?? 0)),
    store.entries("own"),
    store.entries("journal"),
    store.entries("settings"),
  ]);
  return { meta, state, lines, blocks, deltas, own, journal, settings };
};

/** Whether somebody may come in, judged by the chain as this node knows it now. */
export const admission =
  (core: Core, now: () => number): ((identity: Identity) => Result<void>) =>
  (identity) => {
    // A node that is not a member yet, or is catching up, cannot judge: it believes nothing it is told unchecked anyway.
    if (identity.role === "member") {
      if (core.memberOf(identity.key) !== null || core.wasMember(identity.key)) return ok(undefined);
      if (!core.knowsMembers(now()))
        return core.hasRoomForStrangers
          ? ok(undefined)
          : refuse("busy", "This device has neighbours enough; try another.", "ignore");
      return refuse("not-a-member", "This key is not a member of the community; ask to be admitted.", "ignore");
    }
    if (core.memberOf(identity.key) !== null) return ok(undefined);
    const invitation = readInvitation(identity.invitation ?? new Uint8Array(), now() as never);
    if (!invitation.ok && invitation.error.code === "invitation-expired") return invitation;
    const good =
      invitation.ok &&
      invitation.value.community === core.chain.community &&
      core.memberOf(invitation.value.inviter) !== null;
    return good
      ? ok(undefined)
      : refuse(
          "bad-invitation",
          "This invitation is not from a member of the community; ask your neighbour for a new one.",
        );
  };

const machineOn = async (core: Core, store: Store, pruner: Pruner, meta: DiskImage["meta"]): Promise<Machine> => {
  const machine = new Machine(core);
  const { trust } = readLight(core.signed.contract, meta);
  // Without its proof it was this chain's own.
  if (isProven(trust)) machine.leap.trust(trust);
  const lacking = await heldHandOvers(core, store);
  if (lacking !== null) machine.leap.complete(lacking);
  const held = await heldBelow(core, store, pruner);
  if (held !== null) machine.leap.fill(held);
  machine.leap.resume(await store.entries("chain", SNAP));
  return machine;
};

/** As whom it comes to others: an applicant with its invitation until it is admitted. */
const identityOf = (core: Core, { keys: { memberKey: key }, invitation }: NodeOptions): Identity =>
  core.me !== null || invitation === null ? { key, role: "member" } : { key, role: "applicant", invitation };

export const openNode = async (o: NodeOptions): Promise<OpenNode> => {
  await upgradeRows(o.store);
  const image = await imageOf(o.store);
  const keys = { memberKey: o.keys.memberKey, memberSecret: o.keys.memberSecret, blsSecret: o.keys.blsSecret };
  const hasHeads = image.meta.some(([key]) => key === "heads");
  // Before its first block a node has the genesis and no heads; later the row was lost.
  if (!hasHeads && image.lines.length > 1) throw new StoreError("corrupt");
  const core = restoreCore(keys, o.signed, image, (n) => cryptometerSecret(o.keys.seed, n), o.bls);
  if (hasHeads) {
    assertWhole(core, image);
    await o.store.commit(deltaOps(core, image));
  } else await o.store.commit(core.out.effects().flatMap((e) => (e.kind === "commit" ? e.ops : [])));
  const identity = identityOf(core, o);
  const network = o.network({
    community: communityId(o.signed.contract),
    identity,
    secret: o.keys.memberSecret,
    admit: admission(core, o.clock.now),
  });
  const members = (): PublicKey[] =>
    core.chain.state
      .scan("member")
      .map(([, row]) => row.key)
      .filter((k) => k !== o.keys.memberKey);
  const neighbours = new Neighbours({
    network,
    clock: o.clock,
    self: o.keys.memberKey,
    community: core.chain.community,
    stepMs: o.signed.contract.stepMs,
    degree: o.degree,
    exploreMs: o.exploreMs,
    members,
    book: await loadBook(o.store),
    keep: (book) => runner.along(bookOp(book)),
  });
  const pruner = new Pruner(o.store, core);
  const machine = await machineOn(core, o.store, pruner, image.meta);
  const { store, clock, verify, onChange, onStoreError, onCrash, onRestart } = o;
  const librarian = new Librarian(core, o.store, (row) => runner.post({ kind: "damaged", row }));
  const runner = new Runner({
    machine,
    librarian,
    prune: () => pruner.step(),
    store,
    network,
    neighbours,
    clock,
    verify,
    onChange,
    onStoreError,
    onCrash,
    onRestart,
  });
  runner.start();
  neighbours.start(o.addresses);
  return {
    runner,
    core,
    network,
    neighbours,
    pruner,
    close: async () => {
      neighbours.stop();
      runner.stop();
      await runner.idle();
      await o.store.close();
    },
  };
};
