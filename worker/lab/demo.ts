/**
 * The demo: the member's own device and four neighbours, all real nodes of this code in one worker, `fast` preset,
 * memory network and disks. The sunshine is a made-up day on which the sun moves ninety times as fast. Everything shown
 * comes from that chain; nothing of it is kept. The neighbours vote on what the member proposes (demo-votes.ts).
 */
import { cryptometerSecret, keysFromPhrase, phraseFrom, type MemberKeys } from "../base/keys.ts";
import { mwh, type Millis } from "../base/units.ts";
import { communityId, encodeContract } from "../community/contract.ts";
import { firstStep, PRESETS } from "../community/presets.ts";
import { deriveAddress, MAIN_DEVICE } from "../network/address.ts";
import { createMemoryNetwork } from "../network/memory.ts";
import type { Surroundings } from "../network/network.ts";
import type { MeterTerms } from "../node/desk.ts";
import type { View } from "../port.ts";
import { Device } from "../shell/device.ts";
import { identityOp } from "../shell/identity.ts";
import type { OpenNode } from "../shell/open-node.ts";
import type { Clock } from "../shell/runner.ts";
import { createVerifier, VerdictMemory } from "../shell/verifier.ts";
import { openMemory } from "../storage/memory.ts";
import { LabCommunity, labContract } from "./community.ts";
import { DemoVoter } from "./demo-votes.ts";
import { powerAt } from "./sunny-day.ts";
import type { VirtualTime } from "./virtual-time.ts";

export type DemoOptions = {
  readonly clock: Clock;
  readonly surroundings: Surroundings;
  readonly random: (length: number) => Uint8Array;
  readonly dayStart: (now: number) => number;
  readonly publish: (view: View) => void;
  /** Told what each node is still doing: time that can wait waits for it (virtual-time.ts). */
  readonly watch?: VirtualTime["watch"];
};

const NEIGHBOURS = ["Ana", "Bruno", "Chloé", "Dirk"] as const;
const ROOFS = [
  { owner: 1, label: "School roof", peakW: 9_000 },
  { owner: 3, label: "Bakery roof", peakW: 5_000 },
] as const;
/** How fast the sun moves: a 10-second step sees a quarter of an hour of its way. Power and energy are those of real time. */
const SPEED = 90;
const HOUR_MS = 3_600_000;
/** Its days have no night: after the evening the next morning follows at once. The first begins at nine. */
const SUNRISE_MS = 6 * HOUR_MS;
const DAYLIGHT_MS = 15 * HOUR_MS;
const BEGIN_MS = 3 * HOUR_MS;
/** How often a neighbour looks at what is proposed, and how long the first and each one after it thinks. */
const LOOK_MS = 1_000;
const THOUGHT_MS = 3_000;

/** The time of its day, in ms since midnight, so long after the demo began. */
export const demoTime = (sinceMs: number): number => SUNRISE_MS + ((BEGIN_MS + sinceMs * SPEED) % DAYLIGHT_MS);
const READ_MS = 1_000;
const LATENCY_MS = 15;

const termsOf = (peakW: number): MeterTerms => ({ resolutionMwh: 1, pMinW: 57, mpePpm: 20_000, pMaxW: peakW });

/** The member's own device comes first; its neighbours are plain nodes. */
export const startDemo = async (o: DemoOptions): Promise<Device> => {
  const words = phraseFrom(o.random(16));
  const own: MemberKeys = keysFromPhrase(words);
  const neighbours = NEIGHBOURS.map(() => keysFromPhrase(phraseFrom(o.random(16))));
  const keys = [own, ...neighbours];
  const now = o.clock.now();
  const t0 = firstStep(now, PRESETS.fast.stepMs);
  const signed = labContract(
    keys,
    { name: "Demo Street", preset: "fast", quorum: "majority", t0 },
    ROOFS.map((r) => ({ owner: r.owner, terms: termsOf(r.peakW) })),
  );
  const watch = o.watch ?? (() => () => {});
  const time = { clock: o.clock, surroundings: o.surroundings, watch };
  const lab = new LabCommunity({
    time,
    signed,
    keys,
    community: communityId(signed.contract),
    latency: () => LATENCY_MS,
  });
  const store = await openMemory({ disk: lab.inhabitant(0).disk });
  await store.commit([
    identityOp({ words, name: "Nora", contract: encodeContract(signed), invitation: null, addresses: [], since: now }),
  ]);
  const device = new Device({
    store,
    clock: o.clock,
    random: o.random,
    dayStart: o.dayStart,
    // The street of the demo is wherever it is looked at.
    zone: null,
    publish: o.publish,
    demo: true,
    verify: createVerifier(new VerdictMemory()),
    network: (self) =>
      createMemoryNetwork({
        hub: lab.hub,
        address: deriveAddress(communityId(signed.contract), own.memberKey, MAIN_DEVICE, 0),
        self,
        surroundings: o.surroundings,
      }),
  });
  await device.start();
  watch(() => (device.node === null || device.node.runner.isIdle ? null : device.node.runner.idle()));
  for (const [i, name] of NEIGHBOURS.entries()) {
    const { runner } = await lab.start(i + 1);
    runner.machine.introduce(name, null, o.clock.now());
    runner.post({ kind: "time" });
    letVote(o.clock, lab.node(i + 1), new DemoVoter((i + 1) * THOUGHT_MS));
  }
  for (const roof of ROOFS) await startRoof(o, lab, roof, now);
  return device;
};

const letVote = (clock: Clock, { runner, core }: OpenNode, voter: DemoVoter): void => {
  const look = (): void => {
    for (const { proposal, yes } of voter.votes(core, clock.now())) void runner.order({ kind: "vote", proposal, yes });
    clock.at(clock.now() + LOOK_MS, look);
  };
  look();
};

/** A roof's register, in whole mWh, read once a second. */
const startRoof = async (
  o: DemoOptions,
  lab: LabCommunity,
  roof: (typeof ROOFS)[number],
  began: Millis,
): Promise<void> => {
  const { runner } = lab.node(roof.owner);
  const { contract } = lab.signed;
  const terms = termsOf(roof.peakW);
  const config = {
    stepMs: contract.stepMs,
    t0: contract.t0,
    quantumMwh: mwh(1),
    mode: contract.metering,
    tickMinMs: READ_MS,
    graceMs: Math.floor((contract.publishDelayMs * 3) / 4),
    journalMs: 5_000,
    pMaxW: terms.pMaxW,
    resolutionMwh: 1,
  };
  const secret = cryptometerSecret(lab.inhabitant(roof.owner).keys.seed, 0);
  await runner.order({ kind: "add-meter", meter: roof.label, label: roof.label, keyNumber: 0, config, terms, secret });
  let register = 0;
  let last: number = began;
  const read = (): void => {
    const at = o.clock.now();
    const watts = powerAt(roof.peakW, demoTime(at - began), roof.owner * 700_000);
    register += Math.floor((watts * (at - last)) / 3_600);
    last = at;
    runner.reading(roof.label, mwh(register), at);
    o.clock.at(at + READ_MS, read);
  };
  read();
};
