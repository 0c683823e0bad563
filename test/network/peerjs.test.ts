/** The worker half of the PeerJS network against a page that a test plays: names, retries, and a page that is frozen. */
import { describe, expect, it } from "vitest";
import { ADDRESS_COUNT, deriveAddress, deriveToken, MAIN_DEVICE, rendezvous } from "../../worker/network/address.ts";
import type { NetworkEvent } from "../../worker/network/network.ts";
import { createPeerJsNetwork, type PeerJsNetwork } from "../../worker/network/peerjs.ts";
import type { PeerCommand } from "../../worker/port-peer.ts";
import { COMMUNITY, keyOf, secretOf, selfOf } from "../contracts/network-checks.ts";
import { createVirtualTime, type VirtualTime } from "./virtual.ts";

type Stage = {
  readonly time: VirtualTime;
  readonly network: PeerJsNetwork;
  readonly commands: PeerCommand[];
  readonly events: NetworkEvent[];
  readonly opens: () => string[];
  readonly states: () => string[];
};

const nameOf = (n: number): string => deriveAddress(COMMUNITY, keyOf("a"), MAIN_DEVICE, n);

const start = (servers: readonly string[] = []): Stage => {
  const time = createVirtualTime();
  const commands: PeerCommand[] = [];
  const events: NetworkEvent[] = [];
  const network = createPeerJsNetwork({
    self: selfOf({ name: "a" }),
    surroundings: time,
    servers,
    post: (command) => commands.push(command),
  });
  network.start((event) => events.push(event));
  time.run(0);
  return {
    time,
    network,
    commands,
    events,
    opens: () => commands.flatMap((command) => (command.kind === "open" ? [command.id] : [])),
    states: () => events.flatMap((event) => (event.kind === "signalling" ? [event.state] : [])),
  };
};

const open = (stage: Stage): void => stage.network.receive({ kind: "open", server: 0, id: stage.opens().at(-1) ?? "" });

describe("a member's names on the signalling server", () => {
  it("can be computed by whoever knows the community and the key, and tell neither", () => {
    expect(rendezvous(COMMUNITY, keyOf("a"))).toEqual([nameOf(0), nameOf(1), nameOf(2)]);
    expect(nameOf(0)).toMatch(/^[0-9a-f]{32}-0$/u);
    expect(deriveAddress(COMMUNITY, keyOf("b"), MAIN_DEVICE, 0)).not.toBe(nameOf(0));
    expect(deriveAddress(COMMUNITY, keyOf("a"), "phone", 0)).not.toBe(nameOf(0));
    expect(nameOf(0)).not.toContain(keyOf("a").slice(0, 8));
  });

  it("are taken with a token that only the member can make", () => {
    const { commands } = start();
    expect(commands).toEqual([
      {
        kind: "open",
        server: 0,
        url: "",
        ice: [],
        id: nameOf(0),
        token: deriveToken(COMMUNITY, secretOf("a"), MAIN_DEVICE),
      },
    ]);
  });
});

describe("getting onto the signalling server", () => {
  it("is open under its name once the page says so, and has no address before", () => {
    const stage = start();
    expect([stage.network.addresses(), stage.states()]).toEqual([[], ["connecting"]]);
    open(stage);
    expect([stage.network.addresses(), stage.states()]).toEqual([[nameOf(0)], ["connecting", "open"]]);
  });

  it("takes the next name at once when one is taken, and waits when all are", () => {
    const stage = start();
    for (let n = 0; n < ADDRESS_COUNT; n++) stage.network.receive({ kind: "id-taken", server: 0, id: nameOf(n) });
    expect(stage.opens()).toEqual(Array.from({ length: ADDRESS_COUNT }, (_, n) => nameOf(n)));
    expect(stage.states()).toEqual(["connecting", "retrying"]);
    stage.time.run(1000);
    expect(stage.opens().at(-1)).toBe(nameOf(0));
  });

  it("after a loss tries again under the same name: at once to a minute apart, doubling, each with some chance in it", () => {
    const stage = start();
    open(stage);
    const pauses: number[] = [];
    for (let i = 0; i < 10; i++) {
      const before = stage.opens().length;
      const lostAt = stage.time.now();
      stage.network.receive({ kind: "lost", server: 0, reason: "network" });
      while (stage.opens().length === before) stage.time.run(1);
      pauses.push(stage.time.now() - lostAt);
    }
    pauses.forEach((pause, i) => {
      const full = Math.min(60_000, 1000 * 2 ** i);
      expect(pause).toBeGreaterThanOrEqual(full / 2);
      expect(pause).toBeLessThanOrEqual(full + 1);
    });
    expect(new Set(stage.opens())).toEqual(new Set([nameOf(0)]));
    open(stage);
    stage.network.receive({ kind: "lost", server: 0, reason: "network" });
    const before = stage.opens().length;
    stage.time.run(1001);
    expect(stage.opens().length).toBe(before + 1);
  });

  it("tries again when the page says nothing", () => {
    const stage = start();
    stage.time.run(31_001);
    expect(stage.opens()).toHaveLength(2);
  });

  it("when the page becomes visible it does not wait out a back-off, and leaves an open connection alone", () => {
    const stage = start();
    open(stage);
    stage.network.nudge("visible");
    expect(stage.opens()).toHaveLength(1);
    stage.network.receive({ kind: "lost", server: 0, reason: "network" });
    stage.network.nudge("visible");
    expect(stage.opens()).toHaveLength(2);
  });

  it("when the network is back it opens anew, since an open socket may be dead without knowing it", () => {
    const stage = start();
    open(stage);
    stage.network.nudge("online");
    expect([stage.opens().length, stage.states().at(-1)]).toEqual([2, "connecting"]);
    open(stage);
    expect(stage.network.addresses()).toEqual([nameOf(0)]);
  });

  it("after stop it says shut, hears nothing and asks for nothing", () => {
    const stage = start();
    open(stage);
    stage.network.stop();
    const heard = stage.events.length;
    stage.network.receive({ kind: "lost", server: 0, reason: "network" });
    stage.network.nudge("online");
    stage.time.run(120_000);
    expect(stage.commands.at(-1)).toEqual({ kind: "shut" });
    expect([stage.events.length, stage.network.addresses()]).toEqual([heard, []]);
  });
});

describe("dialling through the page", () => {
  const refusals = (stage: Stage): unknown[] =>
    stage.events.flatMap((event) => (event.kind === "refused" ? [event.refusal.data?.["reason"]] : []));

  it("numbers its dials even, one per address, and hears when nobody is there", () => {
    const stage = start();
    open(stage);
    for (const address of ["x", "y", "x"]) stage.network.dial(address);
    expect(stage.commands.filter(({ kind }) => kind === "dial")).toEqual([
      { kind: "dial", link: 2, server: 0, id: "x" },
      { kind: "dial", link: 4, server: 0, id: "y" },
    ]);
    stage.network.receive({ kind: "down", link: 2, reason: "nobody there" });
    stage.time.run(1);
    expect(refusals(stage)).toEqual(["nobody there"]);
  });

  it("fails at once while it is not on the server, and after half a minute when the page is frozen", () => {
    const stage = start();
    stage.network.dial("x");
    stage.time.run(1);
    open(stage);
    stage.network.dial("x");
    stage.time.run(30_001);
    expect(refusals(stage)).toEqual(["not on the signalling server", "the page did not answer"]);
    expect(stage.commands.at(-1)).toEqual({ kind: "close", link: 2 });
  });

  it("closes a link that it has given up or never dialled, and ignores what comes over it", () => {
    const stage = start();
    open(stage);
    stage.network.receive({ kind: "up", link: 8, peer: "x", dialled: true, local: "sha-256 AA", remote: "sha-256 BB" });
    expect(stage.commands.at(-1)).toEqual({ kind: "close", link: 8 });
    stage.network.receive({ kind: "data", link: 8, bytes: Uint8Array.of(1) });
    stage.network.receive({ kind: "down", link: 8, reason: "closed" });
    expect(stage.events.map(({ kind }) => kind)).toEqual(["signalling", "signalling"]);
  });

  it("rubbish over an incoming link ends it with a refusal, never a throw", () => {
    const stage = start();
    open(stage);
    stage.network.receive({
      kind: "up",
      link: 1,
      peer: "x",
      dialled: false,
      local: "sha-256 AA",
      remote: "sha-256 BB",
    });
    stage.network.receive({ kind: "data", link: 1, bytes: new Uint8Array() });
    expect(stage.events.at(-1)).toMatchObject({
      kind: "refused",
      by: "us",
      dialled: false,
      refusal: { code: "malformed" },
    });
    expect(stage.commands.at(-1)).toEqual({ kind: "close", link: 1 });
  });
});

describe("on several signalling servers", () => {
  const SERVERS = ["https://one.example/", "https://two.example/"];

  it("takes its name on each, is open with the first of them and off only when all are lost", () => {
    const stage = start(SERVERS);
    expect(stage.commands.flatMap((c) => (c.kind === "open" ? [[c.server, c.url, c.id]] : []))).toEqual([
      [0, SERVERS[0], nameOf(0)],
      [1, SERVERS[1], nameOf(0)],
    ]);
    stage.network.receive({ kind: "open", server: 1, id: nameOf(0) });
    expect([stage.states(), stage.network.addresses()]).toEqual([["connecting", "open"], [nameOf(0)]]);
    stage.network.receive({ kind: "lost", server: 0, reason: "network" });
    expect(stage.states()).toEqual(["connecting", "open"]);
    stage.network.receive({ kind: "lost", server: 1, reason: "network" });
    expect([stage.states().at(-1), stage.network.addresses()]).toEqual(["retrying", []]);
  });

  it("has each name that others can call it by, where one is taken on one server only", () => {
    const stage = start(SERVERS);
    stage.network.receive({ kind: "open", server: 0, id: nameOf(0) });
    stage.network.receive({ kind: "id-taken", server: 1, id: nameOf(0) });
    stage.network.receive({ kind: "open", server: 1, id: nameOf(1) });
    expect(stage.network.addresses()).toEqual([nameOf(0), nameOf(1)]);
  });

  it("calls somebody on one server after the other, and gives up after the last that is open", () => {
    const stage = start([...SERVERS, "https://three.example/"]);
    for (const server of [0, 2]) stage.network.receive({ kind: "open", server, id: nameOf(0) });
    stage.network.dial("x");
    stage.network.receive({ kind: "down", link: 2, reason: "nobody there" });
    const dials = stage.commands.flatMap((c) => (c.kind === "dial" ? [[c.link, c.server, c.id]] : []));
    expect(dials).toEqual([
      [2, 0, "x"],
      [4, 2, "x"],
    ]);
    expect(stage.events.filter(({ kind }) => kind === "refused")).toEqual([]);
    stage.network.receive({ kind: "down", link: 4, reason: "nobody there either" });
    stage.time.run(1);
    expect(stage.events.at(-1)).toMatchObject({ kind: "refused", address: "x", refusal: { code: "unreachable" } });
  });
});

describe("a link that was made by hand", () => {
  it("says hello like any other, whether or not a signalling server has us", () => {
    const stage = start();
    const prints = { local: "sha-256 AA", remote: "sha-256 BB" };
    stage.network.receive({ kind: "up", link: 1, peer: "", dialled: true, ...prints });
    stage.network.receive({ kind: "up", link: 3, peer: "", dialled: false, ...prints });
    const sends = stage.commands.flatMap((c) => (c.kind === "send" ? [c.link] : []));
    expect(sends).toEqual([1, 3]);
    expect(stage.commands.filter(({ kind }) => kind === "close")).toEqual([]);
  });
});
