/** A new build takes over when it is asked to or when nothing goes on, and never while a pulse could be missed. */
import { describe, expect, test } from "vitest";
import { isOwnScript } from "../../src/bridge/trusted.ts";
import { DEAF_MS, nothingGoesOn, pulsesAreDue, type Quiet } from "../../src/app/quiet.ts";
import type { PeerBridge } from "../../src/bridge/peerjs.ts";
import { startPeersLater } from "../../src/bridge/peers-later.ts";
import type { PeerCommand, PeerEvent } from "../../worker/port-peer.ts";
import type { MeterView } from "../../worker/port-meter.ts";
import { fixtureMeter } from "./fixture-view.ts";
import { scenarioView } from "./scenarios.ts";

const now = 1_000_000_000_000;
const options = { now, stepMs: 900_000, dayStart: now - 14 * 3_600_000, t0: 999_000_000_000 };

/** 1,000 pulses a kWh: one is 1 Wh, at 3,600 W one a second. */
const pulses = (liveW: number | null, sinceMs: number, part: Partial<MeterView> = {}): MeterView => ({
  ...fixtureMeter(options),
  protocol: "pulse",
  state: "counting",
  resolutionMwh: 1_000,
  liveW,
  lastReading: now - sinceMs,
  ...part,
});

describe("pulses", () => {
  test("a meter with a register loses nothing at any time", () => {
    expect(pulsesAreDue([pulses(3_600, 100, { protocol: "p1" }), pulses(3_600, 100, { protocol: "s0" })], now)).toBe(
      false,
    );
  });
  test("while they come fast there is no moment for a new build", () => {
    for (const since of [0, 300, 900, 5_000, 59_000]) expect(pulsesAreDue([pulses(3_600, since)], now)).toBe(true);
  });
  test("just after a pulse there is, when the next one is far: even at twice the power", () => {
    const slow = 100; // One each 36 s.
    expect(pulsesAreDue([pulses(slow, 0)], now)).toBe(false);
    expect(pulsesAreDue([pulses(slow, 18_000 - DEAF_MS - 1)], now)).toBe(false);
    expect(pulsesAreDue([pulses(slow, 18_000 - DEAF_MS)], now)).toBe(true);
    expect(pulsesAreDue([pulses(slow, 40_000)], now)).toBe(true);
  });
  test("a meter that stands still is no hindrance, nor one that nobody reads", () => {
    expect(pulsesAreDue([pulses(null, 60_000, { state: "silent" })], now)).toBe(false);
    expect(pulsesAreDue([pulses(null, 59_000)], now)).toBe(true);
    expect(pulsesAreDue([pulses(3_600, 100, { state: "unplugged" })], now)).toBe(false);
    expect(pulsesAreDue([pulses(null, 0, { lastReading: null })], now)).toBe(false);
  });
  test("of several meters the one that pulses decides", () => {
    expect(pulsesAreDue([pulses(100, 0), pulses(3_600, 100)], now)).toBe(true);
  });
});

describe("nothing goes on", () => {
  const quiet: Quiet = {
    view: scenarioView("meter", options),
    now,
    route: "home",
    demo: false,
    unseenSince: now - 60_000,
  };
  test("when nobody has looked for a minute", () => {
    expect(nothingGoesOn(quiet)).toBe(true);
    expect(nothingGoesOn({ ...quiet, unseenSince: null })).toBe(false);
    expect(nothingGoesOn({ ...quiet, unseenSince: now - 59_000 })).toBe(false);
  });
  test("but not in the middle of something: a form, a meter that is being found, the demo, pulses", () => {
    expect(nothingGoesOn({ ...quiet, route: "pair" })).toBe(false);
    expect(nothingGoesOn({ ...quiet, route: "create" })).toBe(false);
    expect(nothingGoesOn({ ...quiet, demo: true })).toBe(false);
    expect(nothingGoesOn({ ...quiet, view: scenarioView("listening", options) })).toBe(false);
    expect(nothingGoesOn({ ...quiet, view: scenarioView("starting", options) })).toBe(false);
    const view = { ...scenarioView("member", options), meters: [pulses(3_600, 100)] };
    expect(nothingGoesOn({ ...quiet, view })).toBe(false);
  });
});

describe("scripts that may run", () => {
  const page = "https://sun.example/street/?x#/join?i=abc";
  test("are the build's workers and its service worker, beside the page", () => {
    for (const path of ["assets/node.worker-Sn0KMP_a.js", "assets/lab.worker-COy-w2CX.js", "service.worker.js"]) {
      expect(isOwnScript(`./${path}`, page), path).toBe(true);
      expect(isOwnScript(`https://sun.example/street/${path}`, page), path).toBe(true);
    }
  });
  test("are no others", () => {
    for (const url of [
      "https://evil.example/street/service.worker.js",
      "https://sun.example/service.worker.js",
      "./service.worker.js?x=1",
      "./assets/index-Sn0KMP_a.js",
      "./assets/../signal/node.worker-Sn0KMP_a.js",
      "data:text/javascript,1",
      "blob:https://sun.example/1",
      "javascript:1",
      "http://[",
    ]) {
      expect(isOwnScript(url, page), url).toBe(false);
    }
  });
});

describe("PeerJS that is loaded later", () => {
  const open: PeerCommand = { kind: "open", server: 1, url: "", ice: [], id: "a", token: "t" };
  const dial: PeerCommand = { kind: "dial", server: 1, link: 2, id: "b" };
  const bridgeTo = (got: PeerCommand[]): PeerBridge => ({
    command: (command) => void got.push(command),
    iceServers: () => [],
    attachByHand: () => false,
  });
  const turn = () => new Promise((done) => setImmediate(done));
  test("gets every command in its order, and is loaded once", async () => {
    const got: PeerCommand[] = [];
    let loads = 0;
    const load = async () => ((loads += 1), bridgeTo(got));
    const { command: send, bridge } = startPeersLater(load, () => undefined);
    send({ kind: "shut" });
    expect(loads).toBe(0);
    send(open);
    send(dial);
    await turn();
    send({ kind: "close", link: 2 });
    expect(got).toEqual([open, dial, { kind: "close", link: 2 }]);
    expect([loads, (await bridge()) === null]).toEqual([1, false]);
  });
  test("is tried again when it could not be had", async () => {
    const heard: PeerEvent[] = [];
    const got: PeerCommand[] = [];
    let loads = 0;
    const load = async () => {
      loads += 1;
      if (loads === 1) throw new Error("offline");
      return bridgeTo(got);
    };
    const { command: send } = startPeersLater(load, (event) => heard.push(event));
    send(open);
    await turn();
    expect(heard).toEqual([{ kind: "lost", server: 1, reason: "not on this device" }]);
    send(open);
    await turn();
    expect(got).toEqual([open]);
  });
});
