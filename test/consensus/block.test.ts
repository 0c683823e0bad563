/** A block's bytes and signatures: one encoding, a hash that names the header, and every signature asked for. */
import { beforeAll, describe, expect, it } from "vitest";
import { blsAggregate, blsSign, blsVerify, nobleBls } from "../../worker/base/bls.ts";
import { verify } from "../../worker/base/ed25519.ts";
import { memberIndex, stepIndex, type Hash } from "../../worker/base/units.ts";
import { decodeBlock, encodeBlock, hashOf, signHeader, type Block, type Header } from "../../worker/consensus/block.ts";
import { allTrue, checkOfVote, checksOfBlock, checksOfTx, type Checks } from "../../worker/consensus/checks.ts";
import { drawMessage } from "../../worker/consensus/draw.ts";
import { bitfieldOf, membersOf, voteMessage, type Target, type VoteGroup } from "../../worker/consensus/vote.ts";
import { signTx, type Body, type Tx } from "../../worker/ledger/transaction.ts";
import { codeOf, keysOf, valueOf, worldOf, type World } from "../ledger/worlds.ts";
import { cryptometerSecret } from "../../worker/base/keys.ts";
import { ChainMaker, drawFrom } from "./chain-maker.ts";

let world: World;
let chain: ChainMaker;
let block: Block;
let target: Target;

/** Everything signed as it must be: one candidate, V, its distribution, one group of two votes. */
const makeSigned = (): Block => {
  const { community } = world;
  const parent = hashOf(chain.parent);
  const meter = cryptometerSecret(keysOf(0).seed, 0);
  const member = (body: Body, k: number): Tx => signTx(body, k, community, keysOf(k).memberSecret);
  const shareOf = (k: number): Uint8Array =>
    blsSign(drawMessage(community, chain.parent.beacon, stepIndex(1)), keysOf(k).blsSecret);
  const [generation, transfer] = chain.supply(0, 1, 1_000).map((tx) => signTx(tx.body, 0, community, meter)) as [
    Tx,
    Tx,
  ];
  const distribution = member(chain.distribution(1, [transfer], 1_000).body, 1);
  const candidacy = member({ ...chain.candidacy(1, { member: 1 }).body, draw: shareOf(1) } as Body, 1);
  const winner = member({ ...chain.winner(1, [candidacy]).body, draw: shareOf(0) } as Body, 0);
  target = { set: 0, round: 0, kind: "approval", step: stepIndex(0), block: parent };
  const signatures = [0, 2].map((k) => blsSign(voteMessage(community, target), keysOf(k).blsSecret));
  const votes = [
    { ...target, voters: bitfieldOf([0, 2].map(memberIndex)), signature: blsAggregate(signatures) ?? new Uint8Array() },
  ];
  const content = { votes, draw: shareOf(1), rank: 0, miner: memberIndex(1) };
  const made = chain.block(1, [generation, transfer, distribution, candidacy, winner], content);
  return { ...made, signature: signHeader(made.header, keysOf(1).memberSecret) };
};
beforeAll(() => {
  world = worldOf({ members: 3, owners: [0] });
  chain = new ChainMaker(world);
  block = makeSigned();
});

const verdictsOf = ({ ed25519, bls }: Checks): boolean =>
  allTrue({ ed25519: ed25519.map(verify), bls: nobleBls.verifyMany(bls) });
const checks = (b: Block): Checks => valueOf(checksOfBlock(chain.state, world.community, chain.parent, b));

describe("a block's bytes", () => {
  it("come back as the same block with the same hash", () => {
    const back = valueOf(decodeBlock(encodeBlock(block)));
    expect(back).toEqual(block);
    expect(hashOf(back.header)).toBe(hashOf(block.header));
  });

  it("with any byte flipped cannot be read, or are another block that encodes to just these bytes", () => {
    const raw = encodeBlock(block);
    for (let at = 0; at < raw.length; at++) {
      const bad = raw.slice();
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      const read = decodeBlock(bad);
      if (!read.ok) continue;
      expect(encodeBlock(read.value)).toEqual(bad);
      expect(read.value).not.toEqual(block);
    }
  });

  it("cut short or made longer cannot be read", () => {
    const raw = encodeBlock(block);
    expect(codeOf(decodeBlock(raw.subarray(0, raw.length - 1)))).toBe("malformed");
    expect(codeOf(decodeBlock(Uint8Array.of(...raw, 0)))).toBe("malformed");
  });

  it("have a hash that every field of the header changes, and the signature does not", () => {
    const { header } = block;
    const other = (value: number | string): number | string =>
      typeof value === "number" ? value + 1 : `${value.startsWith("0") ? "1" : "0"}${value.slice(1)}`;
    const hashes = (Object.keys(header) as (keyof Header)[]).map((field) =>
      hashOf({ ...header, [field]: other(header[field]) }),
    );
    expect(new Set([hashOf(header), ...hashes]).size).toBe(1 + Object.keys(header).length);
    expect(hashOf({ ...header })).toBe(hashOf(header));
  });
});

describe("a block's signatures", () => {
  it("are the miner's on the header and its draw, one a transaction, one a draw share, one a group of votes", () => {
    const { ed25519, bls } = checks(block);
    expect([ed25519.length, bls.length]).toEqual([1 + 5, 1 + 2 + 1]);
    expect(bls[3]?.keys).toEqual([keysOf(0).blsKey, keysOf(2).blsKey]);
    expect(verdictsOf(checks(block))).toBe(true);
    expect(valueOf(chain.validate(block))).toEqual(block.header);
  });

  it("do not hold for a header, transaction, draw, miner or voter exchanged", () => {
    const [first, ...rest] = block.txs as [Tx, ...Tx[]];
    const [group] = block.votes;
    if (group === undefined || first.body.kind !== "generation") throw new Error("the block has both");
    const longer: Tx = { ...first, body: { ...first.body, to: (first.body.to + 1) as typeof first.body.to } };
    const forged: Block[] = [
      { ...block, header: { ...block.header, rank: 1 } },
      { ...block, header: { ...block.header, miner: memberIndex(2) } },
      { ...block, signature: new Uint8Array(64) },
      { ...block, draw: drawFrom(1) },
      { ...block, txs: [longer, ...rest] },
      { ...block, txs: [...rest.slice(0, 1).map((tx) => ({ ...tx, signature: first.signature })), ...rest.slice(1)] },
      { ...block, votes: [{ ...group, voters: bitfieldOf([0, 1, 2].map(memberIndex)) }] },
      { ...block, votes: [{ ...group, kind: "confirmation" }] },
      { ...block, votes: [{ ...group, round: 1 }] },
    ];
    expect(forged.map((b) => verdictsOf(checks(b)))).toEqual(forged.map(() => false));
  });

  it("of a group that is known need no check, but a proper list of voters", () => {
    const asked: VoteGroup[] = [];
    const known = (group: VoteGroup): boolean => asked.push(group) > 0;
    const { bls } = checks(block);
    expect(valueOf(checksOfBlock(chain.state, world.community, chain.parent, block, known)).bls).toEqual(
      bls.slice(0, 3),
    );
    expect(asked).toEqual(block.votes);
    const nobody = { ...block, votes: block.votes.map((v) => ({ ...v, voters: new Uint8Array(0) })) };
    expect(codeOf(checksOfBlock(chain.state, world.community, chain.parent, nobody, known))).toBe("votes-bitfield");
  });

  it("of somebody who is not known are refused before any is checked", () => {
    const [first] = block.txs as [Tx];
    const ask = (b: Block): string => codeOf(checksOfBlock(chain.state, world.community, chain.parent, b));
    expect(ask({ ...block, header: { ...block.header, miner: memberIndex(9) } })).toBe("signer-unknown");
    expect(ask({ ...block, votes: block.votes.map((v) => ({ ...v, voters: bitfieldOf([memberIndex(9)]) })) })).toBe(
      "votes-bitfield",
    );
    expect(ask({ ...block, votes: block.votes.map((v) => ({ ...v, voters: new Uint8Array(0) })) })).toBe(
      "votes-bitfield",
    );
    expect(codeOf(checksOfTx(chain.state, world.community, { ...first, signer: 1 }))).toBe("signer-mismatch");
    const distribution = block.txs[2] as Tx;
    expect(codeOf(checksOfTx(chain.state, world.community, { ...distribution, signer: 9 }))).toBe("signer-unknown");
  });

  it("of a single vote hold for its member, community, set, round, kind, step and block alone", () => {
    const vote = {
      ...target,
      member: memberIndex(2),
      signature: blsSign(voteMessage(world.community, target), keysOf(2).blsSecret),
    };
    const valid = (over: Partial<typeof vote>, community = world.community): boolean => {
      const job = checkOfVote(chain.state, community, { ...vote, ...over });
      return job !== undefined && blsVerify(job);
    };
    expect(valid({})).toBe(true);
    expect(valid({ member: memberIndex(1) })).toBe(false);
    expect(valid({}, "ab".repeat(32) as Hash)).toBe(false);
    for (const over of [
      { set: 1 },
      { round: 1 },
      { kind: "confirmation" },
      { step: stepIndex(1) },
      { block: "ab".repeat(32) as Hash },
    ] as const) {
      expect(valid(over)).toBe(false);
    }
    expect(checkOfVote(chain.state, world.community, { ...vote, member: memberIndex(3) })).toBeUndefined();
  });
});

describe("a list of voters", () => {
  it("is a bitfield, lowest member first, and only its shortest form is read", () => {
    for (const members of [[0], [7], [8], [0, 1, 2, 9, 4095]]) {
      expect(membersOf(bitfieldOf(members.map(memberIndex)))).toEqual(members);
    }
    expect(bitfieldOf([0, 9].map(memberIndex))).toEqual(Uint8Array.of(1, 2));
    expect(membersOf(Uint8Array.of(1, 0))).toBeNull();
    expect(membersOf(new Uint8Array(0))).toBeNull();
  });
});
