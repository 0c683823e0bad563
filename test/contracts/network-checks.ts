/** What every Network promises, as checks that run in Node on virtual time and in pages over WebRTC. */
import { toHex, utf8ToBytes } from "../../worker/base/bytes.ts";
import { publicKeyOf } from "../../worker/base/ed25519.ts";
import { sha256 } from "../../worker/base/hash.ts";
import { ok, refuse, type Result } from "../../worker/base/result.ts";
import type { PublicKey } from "../../worker/base/units.ts";
import type { Identity, Network, NetworkEvent, Self } from "../../worker/network/network.ts";
import { holds, same, type Check } from "./check.ts";

/** One network of the adapter under test. */
export type NetworkBed = {
  /** A node at a place of its own; not started. */
  readonly join: (self: Self) => Promise<Network>;
  /** Lets the network do its work until `done` says so. @throws Error when it never does. */
  readonly until: (done: () => boolean, what: string) => Promise<void>;
  /** Lets whatever is under way happen. */
  readonly settle: () => Promise<void>;
};

/** A node under test with everything that happened to it. */
export type Node = {
  readonly network: Network;
  readonly key: PublicKey;
  readonly events: NetworkEvent[];
  readonly address: () => string;
  readonly of: <K extends NetworkEvent["kind"]>(kind: K) => Extract<NetworkEvent, { kind: K }>[];
};

export const COMMUNITY = toHex(sha256(utf8ToBytes("community")));
export const secretOf = (name: string): Uint8Array => sha256(utf8ToBytes(`secret of ${name}`));
export const keyOf = (name: string): PublicKey => publicKeyOf(secretOf(name));

const everybody = (): Result<void> => ok(undefined);

export type Role = {
  readonly name: string;
  readonly community?: string;
  readonly admit?: Self["admit"];
  readonly identity?: Partial<Identity>;
  readonly secret?: Uint8Array;
};

export const selfOf = ({
  name,
  community = COMMUNITY,
  admit = everybody,
  identity = {},
  secret = secretOf(name),
}: Role): Self => ({
  community,
  identity: { key: keyOf(name), role: "member", ...identity },
  secret,
  admit,
});

/** Joins and waits until it can be reached. */
export const bring = async (bed: NetworkBed, role: Role): Promise<Node> => {
  const network = await bed.join(selfOf(role));
  const events: NetworkEvent[] = [];
  network.start((event) => events.push(event));
  await bed.until(() => network.addresses().length > 0, `${role.name} is on the network`);
  return {
    network,
    key: keyOf(role.name),
    events,
    address: () => network.addresses()[0] ?? "",
    of: (kind) => events.filter((event) => event.kind === kind) as never,
  };
};

/** Dials and waits until both sides are up. */
export const link = async (bed: NetworkBed, from: Node, to: Node): Promise<void> => {
  const before = [from.of("up").length, to.of("up").length] as const;
  from.network.dial(to.address());
  await bed.until(() => from.of("up").length > before[0] && to.of("up").length > before[1], "both sides are up");
};

const upOf = (node: Node, other: Node): number => {
  const up = node.of("up").findLast(({ identity }) => identity.key === other.key);
  if (up === undefined) throw new Error("no link to that node");
  return up.peer;
};

const numbered = (i: number, size: number): Uint8Array => {
  const message = new Uint8Array(size);
  for (let at = 0; at < size; at++) message[at] = (i * 7 + at * 13 + (at >>> 8)) % 256;
  return message;
};

const inOrder = (messages: readonly { readonly bytes: Uint8Array }[], sizes: readonly number[]): boolean =>
  messages.length === sizes.length &&
  messages.every(({ bytes }, i) => {
    const expected = numbered(i, sizes[i] ?? 0);
    return bytes.length === expected.length && bytes.every((byte, at) => byte === expected[at]);
  });

const check = (name: string, run: (bed: NetworkBed) => Promise<void>): Check<NetworkBed> => ({ name, run });

const talking: readonly Check<NetworkBed>[] = [
  check("after dialling both sides are up, each with the other's proved identity", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    const [atA] = a.of("up");
    const [atB] = b.of("up");
    same(
      [atA?.identity, atA?.dialled, atA?.address],
      [{ key: b.key, role: "member" }, true, b.address()],
      "what a knows",
    );
    same(
      [atB?.identity, atB?.dialled, atB?.address],
      [{ key: a.key, role: "member" }, false, a.address()],
      "what b knows",
    );
  }),
  check("messages arrive whole and in order in both directions, also empty ones", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    const sizes = Array.from({ length: 200 }, (_, i) => (i * 97) % 1500);
    sizes.forEach((size, i) => {
      a.network.send(upOf(a, b), numbered(i, size));
      b.network.send(upOf(b, a), numbered(i, size));
    });
    await bed.until(() => a.of("message").length >= 200 && b.of("message").length >= 200, "400 messages");
    holds(inOrder(a.of("message"), sizes), "at a");
    holds(inOrder(b.of("message"), sizes), "at b");
  }),
  check("messages of many frames arrive whole, and small ones behind them wait their turn", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    const sizes = [1024 * 1024, 3, 16_375, 16_376, 4 * 1024 * 1024, 1];
    sizes.forEach((size, i) => a.network.send(upOf(a, b), numbered(i, size)));
    await bed.until(() => b.of("message").length >= sizes.length, "all messages");
    holds(inOrder(b.of("message"), sizes), "every byte");
  }),
  check("a message longer than the limit is the caller's bug", async (bed) => {
    const a = await bring(bed, { name: "a" });
    let thrown = false;
    try {
      a.network.send(0, new Uint8Array(4 * 1024 * 1024 + 1));
    } catch {
      thrown = true;
    }
    holds(thrown, "throws");
  }),
];

const leaving: readonly Check<NetworkBed>[] = [
  check("disconnect tells both sides the reason, once, and later sends are dropped", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    const [atA, atB] = [upOf(a, b), upOf(b, a)];
    a.network.disconnect(atA, "enough");
    same(a.of("down").length, 0, "no event from inside the call");
    a.network.send(atA, Uint8Array.of(1));
    await bed.until(() => a.of("down").length > 0 && b.of("down").length > 0, "both are down");
    a.network.disconnect(atA, "again");
    await bed.settle();
    same(a.of("down"), [{ kind: "down", peer: atA, reason: "enough" }], "at a");
    same(b.of("down"), [{ kind: "down", peer: atB, reason: "enough" }], "at b");
    same(b.of("message").length, 0, "nothing arrived afterwards");
  }),
  check("a message sent just before disconnecting still arrives", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    a.network.send(upOf(a, b), numbered(0, 300_000));
    a.network.disconnect(upOf(a, b), "enough");
    await bed.until(() => b.of("down").length > 0, "b is down");
    holds(inOrder(b.of("message"), [300_000]), "the message");
  }),
  check("when one side stops the other hears that it closed, and it cannot be reached any more", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    const address = b.address();
    b.network.stop();
    const heard = b.events.length;
    same(b.network.addresses(), [], "addresses");
    await bed.until(() => a.of("down").length > 0, "a is down");
    same(
      a.of("down").map(({ reason }) => reason),
      ["closed"],
      "reason",
    );
    a.network.dial(address);
    await bed.until(() => a.of("refused").length > 0, "the dial ends");
    same(
      a.of("refused").map(({ refusal, by }) => [refusal.code, by]),
      [["unreachable", "them"]],
      "refusal",
    );
    same(b.events.length, heard, "no event after stop");
  }),
  check("after a link is down it can be dialled again", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    await link(bed, a, b);
    a.network.disconnect(upOf(a, b), "enough");
    await bed.until(() => a.of("down").length > 0 && b.of("down").length > 0, "both are down");
    await link(bed, a, b);
    a.network.send(upOf(a, b), numbered(0, 10));
    await bed.until(() => b.of("message").length > 0, "a message");
  }),
];

const isRefused = (node: Node, code: string, by: "us" | "them") => (): boolean =>
  node.of("refused").some((event) => event.refusal.code === code && event.by === by);

const refusing: readonly Check<NetworkBed>[] = [
  check("an address where nobody is ends as unreachable", async (bed) => {
    const a = await bring(bed, { name: "a" });
    a.network.dial("0123456789abcdef0123456789abcdef-0");
    same(a.of("refused").length, 0, "no event from inside the call");
    await bed.until(() => a.of("refused").length > 0, "refused");
    const [event] = a.of("refused");
    same([event?.address, event?.refusal.code], ["0123456789abcdef0123456789abcdef-0", "unreachable"], "refusal");
  }),
  check("whoever is not a member is refused, and hears why in a sentence that says what to do", async (bed) => {
    const admit: Self["admit"] = ({ key }) =>
      key === keyOf("b")
        ? ok(undefined)
        : refuse("not-a-member", "Somebody who is no member called; there is nothing to do.", "ignore");
    const [member, stranger] = [await bring(bed, { name: "a", admit }), await bring(bed, { name: "stranger" })];
    stranger.network.dial(member.address());
    await bed.until(isRefused(stranger, "not-a-member", "them"), "the stranger hears it");
    await bed.until(isRefused(member, "not-a-member", "us"), "the member knows it");
    holds(/ask a member for an invitation/u.test(stranger.of("refused")[0]?.refusal.message ?? ""), "says what to do");
    same(stranger.of("up").length + member.of("up").length, 0, "nobody was up");
  }),
  check("refusals work the other way round too: a member that dials a stranger", async (bed) => {
    const admit: Self["admit"] = () => refuse("not-a-member", "Not a member.", "ignore");
    const [member, stranger] = [await bring(bed, { name: "a", admit }), await bring(bed, { name: "stranger" })];
    member.network.dial(stranger.address());
    await bed.until(isRefused(stranger, "not-a-member", "them"), "the stranger hears it");
    await bed.until(isRefused(member, "not-a-member", "us"), "the member knows it");
  }),
  check(
    "an applicant comes in with an invitation that is accepted, and is refused with one that has expired",
    async (bed) => {
      const good = utf8ToBytes("invitation");
      const admit: Self["admit"] = ({ role, invitation }) => {
        if (role === "member") return ok(undefined);
        return invitation !== undefined && toHex(invitation) === toHex(good)
          ? ok(undefined)
          : refuse("invitation-expired", "It has expired.", "ignore");
      };
      const member = await bring(bed, { name: "a", admit });
      const invited = await bring(bed, { name: "b", identity: { role: "applicant", invitation: good } });
      await link(bed, invited, member);
      same(
        member.of("up")[0]?.identity,
        { key: invited.key, role: "applicant", invitation: good },
        "what the member knows",
      );
      const late = await bring(bed, { name: "c", identity: { role: "applicant", invitation: utf8ToBytes("old") } });
      late.network.dial(member.address());
      await bed.until(isRefused(late, "invitation-expired", "them"), "the late one hears it");
    },
  ),
  check("a node of another community is refused, and both know", async (bed) => {
    const a = await bring(bed, { name: "a" });
    const other = await bring(bed, { name: "b", community: toHex(sha256(utf8ToBytes("other"))) });
    a.network.dial(other.address());
    const knows = (node: Node): boolean =>
      isRefused(node, "other-community", "us")() || isRefused(node, "other-community", "them")();
    await bed.until(() => knows(a) && knows(other), "both know");
  }),
  check("a key whose secret the caller does not have is refused", async (bed) => {
    const a = await bring(bed, { name: "a" });
    const thief = await bring(bed, { name: "b", secret: secretOf("thief") });
    thief.network.dial(a.address());
    await bed.until(isRefused(thief, "bad-signature", "them"), "the thief hears it");
    await bed.until(isRefused(a, "bad-signature", "us"), "a knows it");
    same(a.of("up").length, 0, "never up");
  }),
  check("two nodes that dial each other at once keep one link, the same on both sides", async (bed) => {
    const [a, b] = [await bring(bed, { name: "a" }), await bring(bed, { name: "b" })];
    a.network.dial(b.address());
    b.network.dial(a.address());
    const open = (node: Node): NetworkEvent[] => {
      const down = new Set(node.of("down").map(({ peer }) => peer));
      return node.of("up").filter(({ peer }) => !down.has(peer));
    };
    await bed.until(() => open(a).length === 1 && open(b).length === 1, "one link each");
    await bed.settle();
    same([open(a).length, open(b).length], [1, 1], "still one link each");
    a.network.send(upOf(a, b), numbered(0, 5));
    b.network.send(upOf(b, a), numbered(0, 5));
    await bed.until(() => a.of("message").length === 1 && b.of("message").length === 1, "it works both ways");
  }),
];

export const networkChecks: readonly Check<NetworkBed>[] = [...talking, ...leaving, ...refusing];
