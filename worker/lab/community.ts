/**
 * A community of unchanged nodes in one process: memory network, memory disks, one virtual time. The pilot, the
 * simulator and tests make their communities here. Nodes share the memory of signature verdicts, nothing else.
 */
import { nobleBls } from "../base/bls.ts";
import type { Bls } from "../base/bls-scheme.ts";
import { keysFromSeed, type MemberKeys } from "../base/keys.ts";
import { taggedHash } from "../base/hash.ts";
import { utf8ToBytes } from "../base/bytes.ts";
import { assert } from "../base/result.ts";
import { cryptometerSecret } from "../base/keys.ts";
import { publicKeyOf } from "../base/ed25519.ts";
import type { MemberIndex } from "../base/units.ts";
import {
  signContract,
  validateContract,
  type Contract,
  type GeneratorTerms,
  type SignedContract,
} from "../community/contract.ts";
import { contractFrom, type ContractAsk } from "../community/presets.ts";
import { deriveAddress, MAIN_DEVICE } from "../network/address.ts";
import { createMemoryHub, createMemoryNetwork, type MemoryHub } from "../network/memory.ts";
import { createMemoryDisk, openMemory, type MemoryDisk } from "../storage/memory.ts";
import type { Tuning } from "../network/link.ts";
import type { Network } from "../network/network.ts";
import type { Store } from "../storage/store.ts";
import type { MeterTerms } from "../node/desk.ts";
import { openNode, type OpenNode } from "../shell/open-node.ts";
import { createVerifier, engineOn, VerdictMemory, type Verifier } from "../shell/verifier.ts";
import type { Clock } from "../shell/runner.ts";
import type { SharedVerifier } from "./shared-verifier.ts";
import type { VirtualTime } from "./virtual-time.ts";

export type Inhabitant = {
  readonly keys: MemberKeys;
  readonly disk: MemoryDisk;
  readonly address: string;
  node: OpenNode | null;
};
export type LabTime = Pick<VirtualTime, "clock" | "surroundings" | "watch">;

/** What of one node's surroundings is other than perfect. */
export type Setting = {
  readonly clock?: Clock;
  /** `wait` is told when the disk begins and ends to take its (virtual) time. */
  readonly store?: (store: Store, wait: (is: boolean) => void) => Store;
  readonly network?: (network: Network) => Network;
  /** How its links behave, where not as on devices. */
  readonly tuning?: Partial<Tuning>;
};

export const memberKeys = (seed: string, i: number): MemberKeys =>
  keysFromSeed(taggedHash("lab-member", utf8ToBytes(`${seed}/${i}`)));

/** Terms of the genesis for `n` members, weight 1 each unless told; generator g belongs to member `owners[g]`. */
export const labContract = (
  members: readonly MemberKeys[],
  ask: Omit<ContractAsk, "members" | "generators">,
  generators: readonly { owner: number; terms: MeterTerms }[],
  change: Partial<Contract> = {},
): SignedContract => {
  const terms = (g: { owner: number; terms: MeterTerms }): GeneratorTerms => {
    const keys = members[g.owner];
    assert(keys !== undefined, "a generator's owner is a member");
    return {
      ...g.terms,
      owner: g.owner as MemberIndex,
      key: publicKeyOf(cryptometerSecret(keys.seed, 0)),
      endorsement: null,
    };
  };
  const contract: Contract = {
    ...contractFrom({
      ...ask,
      members: members.map((k) => ({ key: k.memberKey, blsKey: k.blsKey, blsProof: k.blsProof, weight: 1, vpp: true })),
      generators: generators.map(terms),
    }),
    ...change,
  };
  const valid = validateContract(contract);
  if (!valid.ok) throw new Error(valid.error.message);
  const founder = members[0];
  assert(founder !== undefined, "a community has a founder");
  return signContract(contract, founder.memberSecret);
};

/** Whether a node waits for virtual time: then it is as good as idle, or time would never go on. */
class Waiting {
  isOn = false;
  #tell: () => void = () => {};
  set(is: boolean): void {
    this.isOn = is;
    if (is) this.#tell();
  }
  /** Resolves when it begins to wait. */
  next(): Promise<void> {
    return new Promise((resolve) => (this.#tell = resolve));
  }
}

export class LabCommunity {
  readonly time: LabTime;
  readonly signed: SignedContract;
  readonly hub: MemoryHub;
  readonly inhabitants: Inhabitant[];
  readonly #bls: Bls;
  readonly #verify: Verifier;
  readonly #mesh: { readonly degree: number; readonly exploreMs: number } | undefined;
  readonly #shared: SharedVerifier | null;
  readonly #setting: (i: number) => Setting;
  readonly #unwatch = new Map<number, () => void>();
  /** The first bug of any node; a run with one is worth nothing. */
  crash: unknown = null;
  onChange: (index: number) => void = () => {};

  constructor(o: {
    time: LabTime;
    signed: SignedContract;
    keys: readonly MemberKeys[];
    community: string;
    latency?: (from: string, to: string) => number;
    /** How many links a node keeps and how often it tries others; as on devices by default. */
    mesh?: { readonly degree: number; readonly exploreMs: number };
    /** What signs, adds up and checks votes and draws; noble by default. */
    bls?: Bls;
    /** Where signatures are checked; at once, with a shared memory of verdicts, by default. */
    verifier?: SharedVerifier;
    verify?: Verifier;
    /** Asked at each start; a perfect one by default. */
    setting?: (i: number) => Setting;
  }) {
    this.#setting = o.setting ?? (() => ({}));
    this.#shared = o.verifier ?? null;
    this.#mesh = o.mesh;
    this.time = o.time;
    this.signed = o.signed;
    this.hub = createMemoryHub({ surroundings: o.time.surroundings, latency: o.latency ?? (() => 20) });
    this.#bls = o.bls ?? nobleBls;
    this.#verify = o.verify ?? createVerifier(new VerdictMemory(), engineOn(this.#bls));
    this.inhabitants = o.keys.map((keys) => ({
      keys,
      disk: createMemoryDisk(),
      address: deriveAddress(o.community, keys.memberKey, MAIN_DEVICE, 0),
      node: null,
    }));
  }
  inhabitant(i: number): Inhabitant {
    const found = this.inhabitants[i];
    assert(found !== undefined, "the community has such a member");
    return found;
  }
  node(i: number): OpenNode {
    const { node } = this.inhabitant(i);
    assert(node !== null, "the node is open");
    return node;
  }
  /** @throws the first bug of any node. */
  check(): void {
    if (this.crash !== null)
      throw this.crash instanceof Error ? this.crash : new Error("a node stopped", { cause: this.crash });
  }
  get open(): OpenNode[] {
    return this.inhabitants.flatMap((i) => i.node ?? []);
  }
  /** Starts, or starts again from its disk. */
  async start(i: number): Promise<OpenNode> {
    const who = this.inhabitant(i);
    const setting = this.#setting(i);
    const wait = new Waiting();
    const plain = await openMemory({ disk: who.disk });
    const store = setting.store?.(plain, (is) => wait.set(is)) ?? plain;
    const verify = this.#shared?.for((is) => wait.set(is)) ?? this.#verify;
    who.node = await openNode({
      store,
      keys: who.keys,
      signed: this.signed,
      invitation: null,
      addresses: [],
      clock: setting.clock ?? this.time.clock,
      verify,
      bls: this.#bls,
      network: (self) => {
        const { surroundings } = this.time;
        const network = createMemoryNetwork({
          hub: this.hub,
          address: who.address,
          self,
          surroundings,
          ...(setting.tuning === undefined ? {} : { tuning: setting.tuning }),
        });
        return setting.network?.(network) ?? network;
      },
      degree: this.#mesh?.degree,
      exploreMs: this.#mesh?.exploreMs,
      onChange: () => this.onChange(i),
      // A node whose disk refuses waits, on virtual time, until it is asked again.
      onStoreError: (error) => wait.set(error !== null),
      onRestart: () => this.#restart(i),
      onCrash: (error) => (this.crash ??= error),
    });
    const { runner } = who.node;
    this.#unwatch.set(
      i,
      this.time.watch(() => (runner.isIdle || wait.isOn ? null : Promise.race([runner.idle(), wait.next()]))),
    );
    return who.node;
  }
  /** Time waits until the node goes on from its new beginning. */
  #restart(i: number): void {
    const restarting = this.stop(i).then(async () => {
      await this.start(i);
      unwatch();
    });
    const unwatch = this.time.watch(() => restarting);
    restarting.catch((error: unknown) => (this.crash ??= error));
  }
  /** Like pulling the plug: what is on disk stays. */
  async stop(i: number): Promise<void> {
    const who = this.inhabitant(i);
    await who.node?.close();
    this.#unwatch.get(i)?.();
    this.#unwatch.delete(i);
    who.node = null;
  }
}
