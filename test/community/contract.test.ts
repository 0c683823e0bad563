/** The community's contract: each wrong term is named, and what was signed cannot be changed. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { equalBytes } from "../../worker/base/bytes.ts";
import { decode } from "../../worker/base/codec.ts";
import { publicKeyOf, sign } from "../../worker/base/ed25519.ts";
import {
  communityId,
  decodeContract,
  encodeContract,
  endorsementMessage,
  quorumOf,
  signContract,
  signedContractCodec,
  validateContract,
  verifyContract,
  type Contract,
  type GeneratorTerms,
  type MemberTerms,
} from "../../worker/community/contract.ts";
import { contractFrom, firstStep, PRESETS } from "../../worker/community/presets.ts";
import type { MemberIndex } from "../../worker/base/units.ts";
import { codeOf, keysOf, refusal, T0, valueOf, worldOf } from "../ledger/worlds.ts";

let good: Contract;
let first: MemberTerms;
let second: MemberTerms;
let meter: GeneratorTerms;
const dsoSecret = new Uint8Array(32).fill(9);
const dso = publicKeyOf(dsoSecret);
const founderSecret = (): Uint8Array => keysOf(0).memberSecret;
const endorse = (g: GeneratorTerms, secret: Uint8Array = dsoSecret): GeneratorTerms => ({
  ...g,
  endorsement: sign(endorsementMessage(g), secret),
});

beforeAll(() => {
  good = worldOf({ members: 2 }).contract;
  [first, second] = good.members as [MemberTerms, MemberTerms];
  [meter] = good.generators as [GeneratorTerms];
});

const fieldOf = (change: Partial<Contract>): unknown => {
  const refused = refusal(validateContract({ ...good, ...change }));
  expect(refused.code).toBe("contract-invalid");
  expect(refused.message).toContain(`contract's ${String(refused.data?.["field"])} is wrong`);
  return refused.data?.["field"];
};
const portions = (...ppm: number[]): Contract["iterations"] => ppm.map((portionPpm) => ({ kind: "fixed", portionPpm }));

type Wrong = readonly [why: string, field: keyof Contract, change: () => Partial<Contract>];
const WRONG: readonly Wrong[] = [
  ["is of an older version", "version", () => ({ version: 1 })],
  ["is of a newer version", "version", () => ({ version: 4 })],
  ["has no name", "name", () => ({ name: " " })],
  ["has a name with blanks around it", "name", () => ({ name: "Solar " })],
  ["has a name that no encoding holds", "name", () => ({ name: "é".repeat(41) })],
  ["has a name that is no text", "name", () => ({ name: "sun\uD800" })],
  ["has steps of no length", "stepMs", () => ({ stepMs: 0 })],
  ["has steps longer than anybody waits", "stepMs", () => ({ stepMs: 2 ** 40, t0: 0 as Contract["t0"] })],
  ["has a take-over at once", "takeoverMs", () => ({ takeoverMs: 0 })],
  ["has no validity of tokens", "tokenValidity", () => ({ tokenValidity: 0 })],
  ["has no activity window", "activityWindow", () => ({ activityWindow: 0 })],
  ["lets a member rest before it can be heard again", "activityWindow", () => ({ activityWindow: 3 })],
  ["has no late window", "lateWindow", () => ({ lateWindow: 0 })],
  ["has no cap of age", "ageCap", () => ({ ageCap: 0 })],
  ["has no reputation window", "reputationWindow", () => ({ reputationWindow: 0 })],
  ["has no time for ballots", "ballotWindow", () => ({ ballotWindow: 0 })],
  ["has ballots of more than a year", "ballotWindow", () => ({ ballotWindow: 35_041 })],
  ["puts off what is adopted for more than a week", "adoptionDelay", () => ({ adoptionDelay: 673 })],
  ["is changed at once by a ballot", "adoptionDelay", () => ({ adoptionDelay: 0 })],
  ["is changed by a ballot after the end of time", "adoptionDelay", () => ({ adoptionDelay: Number.MAX_SAFE_INTEGER })],
  ["bars at the first sight", "strikes", () => ({ strikes: 0 })],
  ["pays its miners at once", "rewardDelay", () => ({ rewardDelay: 0 })],
  ["begins between two steps", "t0", () => ({ t0: (T0 + 1) as Contract["t0"] })],
  ["has a number that is not whole", "openDelayMs", () => ({ openDelayMs: 0.5 })],
  ["has a number below 0", "feePpm", () => ({ feePpm: -1 })],
  ["closes the gate at T_i", "closeLeadMs", () => ({ closeLeadMs: 0 })],
  ["closes the gate before it opens", "closeLeadMs", () => ({ openDelayMs: 840_000 })],
  ["distributes after the block", "distributeDelayMs", () => ({ distributeDelayMs: 2_001 })],
  ["publishes in the second half of the next step", "publishDelayMs", () => ({ publishDelayMs: 450_001 })],
  ["has γ = α", "weightReputation", () => ({ weightReputation: 20 })],
  ["has γ > α", "weightReputation", () => ({ weightReputation: 21 })],
  ["has no γ", "weightReputation", () => ({ weightReputation: 0 })],
  ["has α = β", "weightEnergy", () => ({ weightEnergy: 70 })],
  ["has α > β", "weightEnergy", () => ({ weightEnergy: 71 })],
  ["has a β above a million", "weightAge", () => ({ weightAge: 1_000_001 })],
  ["has fees above the whole", "feePpm", () => ({ feePpm: 1_000_001 })],
  ["has fee and loss above the whole", "lossPpm", () => ({ feePpm: 600_000, lossPpm: 400_001 })],
  ["has a quorum below half", "quorumDen", () => ({ quorumNum: 1, quorumDen: 3 })],
  ["has a quorum of all", "quorumDen", () => ({ quorumNum: 2, quorumDen: 2 })],
  ["has no quorum", "quorumNum", () => ({ quorumNum: 0 })],
  [
    "has a quorum that no arithmetic holds",
    "quorumNum",
    () => ({ quorumNum: Number.MAX_SAFE_INTEGER - 1, quorumDen: Number.MAX_SAFE_INTEGER }),
  ],
  ["has no sharing rule", "iterations", () => ({ iterations: [] })],
  ["has an iteration that shares nothing", "iterations", () => ({ iterations: portions(0, 1_000_000) })],
  ["shares more than there is", "iterations", () => ({ iterations: portions(1_000_001) })],
  ["leaves something unshared", "iterations", () => ({ iterations: portions(500_000, 999_999) })],
  ["has four iterations", "iterations", () => ({ iterations: portions(1, 1, 1, 1_000_000) })],
  ["has no member", "members", () => ({ members: [], generators: [] })],
  ["has a member twice", "members", () => ({ members: [first, { ...second, key: first.key }] })],
  ["has a voting key twice", "members", () => ({ members: [first, { ...second, blsKey: first.blsKey }] })],
  ["gives nobody anything", "members", () => ({ members: [{ ...first, weight: 0 }] })],
  ["has a weight above a million", "members", () => ({ members: [{ ...first, weight: 1_000_001 }] })],
  ["has nobody who distributes", "members", () => ({ members: [{ ...first, vpp: false }] })],
  ["lacks a proof of possession", "members", () => ({ members: [{ ...first, blsProof: new Uint8Array(48) }] })],
  ["has another's proof of possession", "members", () => ({ members: [{ ...first, blsProof: second.blsProof }] })],
  ["has a meter twice", "generators", () => ({ generators: [meter, meter] })],
  ["has a meter of nobody", "generators", () => ({ generators: [{ ...meter, owner: 2 as MemberIndex }] })],
  ["has a meter without a peak", "generators", () => ({ generators: [{ ...meter, pMaxW: 0 }] })],
  ["has a meter of more than a gigawatt", "generators", () => ({ generators: [{ ...meter, pMaxW: 1_000_000_001 }] })],
  ["has a meter without a resolution", "generators", () => ({ generators: [{ ...meter, resolutionMwh: 0 }] })],
  [
    "has a meter that counts in gigawatt-hours",
    "generators",
    () => ({ generators: [{ ...meter, resolutionMwh: 1_000_000_001 }] }),
  ],
  ["has an endorsement of nobody", "generators", () => ({ generators: [endorse(meter)] })],
  ["lacks the grid operator's endorsement", "generators", () => ({ dso })],
  ["has an endorsement of somebody else", "generators", () => ({ dso, generators: [endorse(meter, founderSecret())] })],
  [
    "has an endorsement of other terms",
    "generators",
    () => ({ dso, generators: [{ ...endorse(meter), pMaxW: meter.pMaxW + 1 }] }),
  ],
];

describe("a contract", () => {
  it.each(WRONG)("that %s is refused and names %s", (_, field, change) => {
    expect(fieldOf(change())).toBe(field);
  });

  it("of good terms is accepted, with and without a grid operator", () => {
    expect(validateContract(good).ok).toBe(true);
    expect(validateContract({ ...good, members: [first], generators: [] }).ok).toBe(true);
    expect(validateContract({ ...good, dso, generators: [endorse(meter)] }).ok).toBe(true);
    expect(validateContract({ ...good, quorumNum: 2, quorumDen: 3, name: "é".repeat(40) }).ok).toBe(true);
  });

  it.each(["paper", "fast"] as const)("of preset %s is valid as it stands, with γ < α < β and d = 4", (preset) => {
    const now = (T0 + 123_456) as Contract["t0"];
    const t0 = firstStep(now, PRESETS[preset].stepMs);
    const ask = { name: " Sun ", preset, t0, members: [first] };
    const contract = contractFrom({ ...ask, quorum: "majority" });
    expect(valueOf(validateContract(contract))).toBe(contract);
    expect(validateContract(contractFrom({ ...ask, quorum: "two-thirds" })).ok).toBe(true);
    expect(contract.name).toBe("Sun");
    expect(contract.tokenValidity).toBe(4);
    expect(t0).toBeLessThanOrEqual(now);
    expect(now - t0).toBeLessThan(contract.stepMs);
  });

  it("of preset paper has the market's quarter hour, t_d and t_e", () => {
    expect(PRESETS.paper).toMatchObject({ stepMs: 900_000, openDelayMs: 30_000, closeLeadMs: 60_000 });
    expect(PRESETS.fast).toMatchObject({ stepMs: 10_000, openDelayMs: 1_000, closeLeadMs: 3_000 });
  });
});

describe("a signed contract", () => {
  it("comes back from its bytes, and keeps its id", () => {
    const signed = signContract({ ...good, dso, generators: [endorse(meter)] }, founderSecret());
    const back = valueOf(decodeContract(encodeContract(signed)));
    expect(back).toEqual(signed);
    expect(communityId(back.contract)).toBe(communityId(signed.contract));
  });

  it("of anybody but its founder is refused", () => {
    expect(codeOf(verifyContract(signContract(good, keysOf(1).memberSecret)))).toBe("contract-signature");
    expect(codeOf(verifyContract({ ...signContract(good, founderSecret()), signature: new Uint8Array(64) }))).toBe(
      "contract-signature",
    );
  });

  it("with any term changed has another id, so it is refused", () => {
    const signed = signContract(good, founderSecret());
    const other = { ...signed, contract: { ...good, lateWindow: good.lateWindow + 1 } };
    expect(communityId(other.contract)).not.toBe(communityId(good));
    expect(codeOf(verifyContract(other))).toBe("contract-signature");
  });

  it("with any byte flipped cannot be read, or is another contract or signature", () => {
    const signed = signContract({ ...good, members: [first], generators: [] }, founderSecret());
    const raw = encodeContract(signed);
    const id = communityId(signed.contract);
    for (let at = 0; at < raw.length; at++) {
      const bad = raw.slice();
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      const read = decode(signedContractCodec, bad, "contract");
      const isSame = read.ok && communityId(read.value.contract) === id;
      expect(isSame && equalBytes(read.value.signature, signed.signature)).toBe(false);
    }
  });

  it("with a byte flipped, cut short or made longer is refused", () => {
    const raw = encodeContract(signContract({ ...good, members: [first], generators: [] }, founderSecret()));
    fc.assert(
      fc.property(fc.nat(raw.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad = raw.slice();
        bad[at] = (bad[at] ?? 0) ^ flip;
        expect(decodeContract(bad).ok).toBe(false);
      }),
      { numRuns: 40 },
    );
    expect(codeOf(decodeContract(raw.subarray(1)))).toBe("malformed");
    expect(codeOf(decodeContract(Uint8Array.of(...raw, 0)))).toBe("malformed");
  });
});

describe("the quorum", () => {
  it("is the smallest number that is more than the contract's fraction", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4096 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(1000),
        (n, half, more) => {
          const den = 2 * half + more;
          const num = half + more;
          fc.pre(num < den);
          const quorum = quorumOf({ ...good, quorumNum: num, quorumDen: den }, n);
          expect(quorum * den).toBeGreaterThan(n * num);
          expect((quorum - 1) * den).toBeLessThanOrEqual(n * num);
          expect(quorum).toBeLessThanOrEqual(n);
        },
      ),
    );
  });

  it.each([
    [1, 1, 1],
    [2, 2, 2],
    [3, 2, 3],
    [4, 3, 3],
    [17, 9, 12],
  ])("of %i voters is %i for a majority and %i for two thirds", (n, majority, thirds) => {
    expect(quorumOf(good, n)).toBe(majority);
    expect(quorumOf({ ...good, quorumNum: 2, quorumDen: 3 }, n)).toBe(thirds);
  });
});
