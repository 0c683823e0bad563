/**
 * Puts a light node together from its disk, its keys and a network (PROTOCOL.md §8.1), as open-node.ts does a full one.
 * What a full node of this device left on the disk stays there untouched.
 */
import { decode } from "../base/codec.ts";
import { ok, refuse, type Result } from "../base/result.ts";
import type { PublicKey } from "../base/units.ts";
import { communityId } from "../community/contract.ts";
import { ALARM_PREFIX, readAlarm, type HeldAlarm } from "../node/alarms.ts";
import { profileRow } from "../node/disk.ts";
import { Light } from "../node/light.ts";
import { dropsOf, LIGHT_PREFIX, readLight } from "../node/light-disk.ts";
import type { Profile } from "../node/messages.ts";
import type { Identity, Network } from "../network/network.ts";
import type { Store } from "../storage/store.ts";
import { bookOp, loadBook } from "./address-book.ts";
import { Neighbours } from "./neighbours.ts";
import type { NodeOptions } from "./open-node.ts";
import { Runner } from "./runner.ts";

/** A light node serves nobody: a few links are enough for it. */
const LIGHT_DEGREE = 3;

export type OpenLight = {
  readonly runner: Runner<Light>;
  readonly light: Light;
  readonly network: Network;
  readonly neighbours: Neighbours;
  readonly close: () => Promise<void>;
};
export type LightOptions = Omit<NodeOptions, "invitation" | "bls">;

/** Of twelve links so many are for those whom the contract does not name: whoever says to be a member may take these. */
const MAX_STRANGERS = 8;

/** It believes nobody unchecked, so whoever says to be a member may come; for applicants it can do nothing. */
export const admissionOf = ({
  peers,
  signed,
}: Pick<Light, "peers" | "signed">): ((identity: Identity) => Result<void>) => {
  const founders = new Set(signed.contract.members.map((m) => m.key));
  return ({ key, role }) => {
    const strangers = [...peers.all.values()].filter((p) => !founders.has(p.identity.key)).length;
    const isWelcome = role === "member" && (founders.has(key) || strangers < MAX_STRANGERS);
    return isWelcome ? ok(undefined) : refuse("busy", "This device keeps its own figures only.", "ignore");
  };
};

const under = (prefix: string): { from: string; to: string } => ({ from: prefix, to: `${prefix.slice(0, -1)}0` });

export const openLight = async (o: LightOptions): Promise<OpenLight> => {
  const { store, clock, verify, onChange, onStoreError, onCrash } = o;
  const [rows, alarms, names] = await Promise.all([
    store.entries("meta", under(LIGHT_PREFIX)),
    alarmsOn(store),
    namesOn(store),
  ]);
  const read = readLight(o.signed.contract, rows);
  const drops = dropsOf(read, rows);
  if (drops.length > 0) await store.commit(drops);
  const gone = new Set(drops.map((op) => op.key));
  const changed = drops.flatMap(({ key, value }) => (value === null ? [] : [[key, value] as const]));
  const kept = [...rows.filter(([key]) => !gone.has(key)), ...changed];
  const { memberKey, memberSecret, blsSecret } = o.keys;
  const light = new Light({
    keys: { memberKey, memberSecret, blsSecret },
    signed: o.signed,
    state: drops.length === 0 ? read : readLight(o.signed.contract, kept),
    alarms,
    names,
  });
  const community = communityId(o.signed.contract);
  const network = o.network({
    community,
    identity: { key: memberKey, role: "member" },
    secret: memberSecret,
    admit: admissionOf(light),
  });
  const neighbours = new Neighbours({
    network,
    clock,
    self: memberKey,
    community,
    stepMs: o.signed.contract.stepMs,
    degree: o.degree ?? LIGHT_DEGREE,
    exploreMs: o.exploreMs,
    members: (): PublicKey[] => o.signed.contract.members.map((m) => m.key).filter((k) => k !== memberKey),
    book: await loadBook(store),
    keep: (book) => runner.along(bookOp(book)),
  });
  const runner: Runner<Light> = new Runner({
    machine: light,
    librarian: null,
    prune: null,
    onRestart: () => {},
    store,
    network,
    neighbours,
    clock,
    verify,
    onChange,
    onStoreError,
    onCrash,
  });
  runner.start();
  neighbours.start(o.addresses);
  return {
    runner,
    light,
    network,
    neighbours,
    close: async () => {
      neighbours.stop();
      runner.stop();
      await runner.idle();
      await store.close();
    },
  };
};

const alarmsOn = async (store: Store): Promise<HeldAlarm[]> =>
  (await store.entries("meta", under(ALARM_PREFIX))).flatMap(([, row]) => readAlarm(row) ?? []);

/** Also those that it heard while it kept everything. */
const namesOn = async (store: Store): Promise<Profile[]> =>
  (await store.entries("settings", under("name/"))).flatMap(([, raw]) => {
    const read = decode(profileRow, raw, "name");
    return read.ok ? [read.value] : [];
  });
