/** What a person asks of this device (worker/port.ts, Commands): each checks first, answers or refuses, and loses nothing. */
import { ok, refuse } from "../base/result.ts";
import type { CommandKind } from "../port.ts";
import type * as Council from "./council.ts";
import type * as Explore from "./explore.ts";
import type * as MyEnergy from "./my-energy.ts";
import type * as Bundles from "./bundles.ts";
import type * as Founding from "./founding.ts";
import type * as Pairing from "./pairing.ts";
import type * as Recovery from "./recovery.ts";
import { nodeOf, type Answer, type Ask } from "./asking.ts";
import type { Device } from "./device.ts";
import { setBudget } from "./keeping.ts";
import { newPhrase } from "./new-words.ts";
import { rest } from "./resting.ts";
import { unmoved } from "./unmoved.ts";
import { getWays, setWays } from "./ways.ts";

const leave = async (device: Device, { confirm }: Ask<"leave">): Answer<"leave"> => {
  const name = device.node?.core.contract.name ?? device.light?.light.signed.contract.name;
  if (name !== undefined && confirm.trim() !== name)
    return refuse("confirm-mismatch", "Type the community's name exactly.", "ignore");
  await device.forget();
  return ok({});
};

const MISSING = refuse(
  "not-on-device",
  "This part of the app is not on this device yet; connect to the internet once.",
  "ignore",
);

type FoundingPart = typeof Founding;
/** Once in a community's life, or a neighbour's: loaded when it is asked for. */
const founding = <K extends keyof FoundingPart>(name: K): FoundingPart[K] =>
  (async (device: Device, ask: never) => {
    const part = await import("./founding.ts").catch(() => null);
    return part === null ? MISSING : part[name](device, ask);
  }) as FoundingPart[K];

type PairingPart = typeof Pairing;
/** Only who has a meter needs it: loaded when it is asked for. */
const pairing = <K extends keyof PairingPart>(name: K): PairingPart[K] =>
  // A function of the part, called with its own arguments.
  (async (device: Device, ask: never) => {
    const part = await import("./pairing.ts").catch(() => null);
    return part === null ? MISSING : part[name](device, ask);
  }) as PairingPart[K];

type EnergyPart = typeof MyEnergy;
/** What lies further back than today: loaded when somebody looks. */
const energy = <K extends keyof EnergyPart>(name: K): EnergyPart[K] =>
  // A function of the part, called with its own arguments.
  (async (device: Device, ask: never) => {
    const part = await import("./my-energy.ts").catch(() => null);
    return part === null ? MISSING : part[name](device, ask);
  }) as EnergyPart[K];

/** For whoever runs the community: loaded when somebody looks after it, the months of it on their own. */
const OPERATOR: Pick<Handlers, "operator" | "operator-month" | "operator-file"> = {
  operator: async (device) => {
    const part = await import("./operator.ts").catch(() => null);
    return part?.operatorView(device) ?? MISSING;
  },
  "operator-month": async (device, ask) => {
    const part = await import("./operator-month.ts").catch(() => null);
    return part?.operatorMonth(device, ask) ?? MISSING;
  },
  "operator-file": async (device, ask) => {
    const part = await import("./operator-month.ts").catch(() => null);
    return part?.operatorFile(device, ask) ?? MISSING;
  },
};
type ExplorePart = typeof Explore;
/** For the curious: loaded when somebody looks around. */
const explore = <K extends "chainPage" | "findSteps">(name: K): ExplorePart[K] =>
  (async (device: Device, ask: never) => {
    const part = await import("./explore.ts").catch(() => null);
    return part === null ? MISSING : part[name](device, ask);
  }) as ExplorePart[K];

type CouncilPart = typeof Council;
/** What members decide: loaded when somebody does. */
const council = <K extends "admit" | "refuseApplicant" | "propose" | "preview" | "vote" | "setStrategy">(
  name: K,
): CouncilPart[K] =>
  (async (device: Device, ask: never) => {
    const part = await import("./council.ts").catch(() => null);
    return part === null ? MISSING : part[name](device, ask);
  }) as CouncilPart[K];

type BundlesPart = typeof Bundles;
/** Seldom asked for: loaded when it is. */
const bundles = <K extends "ownBundle" | "readBundle">(name: K): BundlesPart[K] =>
  (async (device: Device, ask: never) => {
    const part = await import("./bundles.ts").catch(() => null);
    return part === null ? MISSING : part[name](device, ask);
  }) as BundlesPart[K];
type RecoveryPart = typeof Recovery;
/** Once or twice in a device's life: loaded when it is asked for. */
const recovery = <K extends keyof RecoveryPart>(name: K): RecoveryPart[K] =>
  (async (device: Device, ask: never) => {
    const part = await import("./recovery.ts").catch(() => null);
    return part === null ? MISSING : (part[name] as (device: Device, ask: never) => unknown)(device, ask);
  }) as unknown as RecoveryPart[K];

type Handlers = { readonly [K in CommandKind]: (device: Device, ask: Ask<K>) => Answer<K> };
const HANDLERS: Handlers = {
  "new-phrase": newPhrase,
  create: founding("create"),
  "read-invitation": founding("openInvitation"),
  join: founding("join"),
  invite: founding("invite"),
  admit: council("admit"),
  "refuse-applicant": council("refuseApplicant"),
  propose: council("propose"),
  preview: council("preview"),
  vote: council("vote"),
  "set-strategy": council("setStrategy"),
  "dismiss-healed": async (device) => {
    await device.notices.dismiss();
    device.changed();
    return ok({});
  },
  "pair-meter": pairing("pairMeter"),
  "confirm-meter": pairing("confirmMeter"),
  "forget-meter": pairing("forgetMeter"),
  recognise: pairing("startRecognising"),
  "stop-listening": pairing("stopListening"),
  "meter-budget": pairing("meterBudget"),
  // Asked for once a month: loaded when it is.
  reconcile: async (device, ask) => {
    const part = await import("./reconciling.ts").catch(() => null);
    return part?.reconcileMeter(device, ask) ?? MISSING;
  },
  "my-energy": energy("myEnergy"),
  "my-energy-file": energy("myEnergyFile"),
  "my-registers": energy("myRegisters"),
  ...OPERATOR,
  "reach-back": energy("reachBack"),
  "chain-page": explore("chainPage"),
  "find-steps": explore("findSteps"),
  "community-week": async (device, ask) => {
    const part = await import("./week.ts").catch(() => null);
    return part?.communityWeek(device, ask) ?? MISSING;
  },
  "step-detail": async (device, { step }) => {
    const node = nodeOf(device);
    if (!node.ok) return node;
    const part = await import("./details.ts").catch(() => null);
    if (part === null) return MISSING;
    return unmoved(node.value, () => part.stepDetail(node.value.core, device, step, device.o.clock.now()));
  },
  "check-proof": async (device, { step, transaction }) => {
    const node = nodeOf(device);
    if (!node.ok) return node;
    const part = await import("./details.ts").catch(() => null);
    return part?.checkProof(node.value.core, device, step, transaction) ?? MISSING;
  },
  "make-bundle": bundles("ownBundle"),
  "check-bundle": bundles("readBundle"),
  "retry-network": async (device) => {
    device.nudge();
    return ok({});
  },
  surroundings: async (device, seen) => {
    device.kinds.see(seen);
    device.checkKind();
    return ok({});
  },
  "set-kind": async (device, { choice }) => {
    await device.kinds.choose(choice);
    device.checkKind();
    device.changed();
    return ok({});
  },
  "set-budget": setBudget,
  "restore-words": recovery("restoreWords"),
  "save-backup": recovery("exportDevice"),
  "read-backup": recovery("readBackup"),
  "restore-backup": recovery("restoreBackup"),
  "dismiss-mended": async (device) => {
    device.care.dismiss();
    device.changed();
    return ok({});
  },
  ways: getWays,
  "set-ways": setWays,
  "storage-persisted": async (device, { persisted }) => {
    device.persisted = persisted;
    device.changed();
    return ok({});
  },
  rest: async (device) => {
    await rest(device);
    return ok({});
  },
  leave,
};

/** @throws StoreError when the disk refuses: the caller makes it a refusal with the same code. */
export const runCommand = <K extends CommandKind>(device: Device, name: K, ask: Ask<K>): Answer<K> =>
  HANDLERS[name](device, ask);
