/** Addresses of screens: every route survives being written and read, and nothing unknown leads to an error. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SPANS } from "../../src/app/period.ts";
import {
  hrefOf,
  invitationLink,
  onlyThisComputer,
  PAIR_STEPS,
  parseRoute,
  placeOf,
  tabOf,
  type Route,
} from "../../src/app/route.ts";

const plain = fc.constantFrom(
  ...(["home", "create", "community", "invite", "rule", "terms", "leave", "chain", "voting", "verify"] as const),
  ...(["meter", "health", "restore", "backup"] as const),
);
const date = fc
  .tuple(fc.integer({ min: 2000, max: 2099 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join("-"));
const route: fc.Arbitrary<Route> = fc.oneof(
  plain.map((name): Route => ({ name })),
  fc.record({ name: fc.constant("join" as const), invitation: fc.option(fc.string({ minLength: 1 })) }),
  fc.record({ name: fc.constant("connect" as const), code: fc.option(fc.string({ minLength: 1 })) }),
  fc.record({ name: fc.constant("step" as const), step: fc.nat() }),
  fc.record({ name: fc.constant("pair" as const), step: fc.constantFrom(...PAIR_STEPS) }),
  fc.record({ name: fc.constant("neighbour" as const), member: fc.nat() }),
  fc.record({ name: fc.constant("reconcile" as const), generator: fc.option(fc.nat()) }),
  fc.record({
    name: fc.constant("energy" as const),
    span: fc.constantFrom(...SPANS),
    date: fc.option(date),
  }),
  fc.record({ name: fc.constant("statement" as const), span: fc.constantFrom("month", "year"), date }),
  fc.record({
    name: fc.constant("proof" as const),
    step: fc.nat(),
    transaction: fc.stringMatching(/^[0-9a-f]{64}$/),
  }),
);

describe("a screen's address", () => {
  test("every route that is written is read back as itself", () => {
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(hrefOf(one))).toEqual(one);
      }),
    );
  });

  test("any other address is Home or a known screen, never an error", () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        expect(typeof parseRoute(`#${hash}`).name).toBe("string");
      }),
    );
    expect(parseRoute("#/step/-1")).toEqual({ name: "home" });
    expect(parseRoute("#/nowhere")).toEqual({ name: "home" });
    expect(parseRoute("#/step/7/proof/nothex")).toEqual({ name: "step", step: 7 });
  });

  test("a day that is none is the present one, and going through time stays on one screen", () => {
    expect(parseRoute("#/energy/week/2026-02-30")).toEqual({ name: "energy", span: "week", date: null });
    expect(parseRoute("#/energy/decade")).toEqual({ name: "energy", span: "day", date: null });
    expect(parseRoute("#/statement/week/2026-02-03")).toEqual({ name: "energy", span: "month", date: null });
    expect(placeOf(parseRoute("#/energy/day/2026-02-03"))).toBe(placeOf(parseRoute("#/energy/year")));
    expect(placeOf(parseRoute("#/step/7"))).not.toBe(placeOf(parseRoute("#/step/8")));
    expect(tabOf(parseRoute("#/energy"))).toBe("home");
  });

  test("a step and its proof belong to the chain's tab, an invitation to the community's", () => {
    expect(tabOf(parseRoute("#/step/7"))).toBe("chain");
    expect(tabOf(parseRoute("#/invite"))).toBe("community");
    expect(tabOf(parseRoute("#/pair"))).toBe("meter");
    expect(tabOf(parseRoute("#/voting"))).toBe("chain");
    for (const hash of ["#/rule", "#/terms", "#/leave", "#/neighbour/3"])
      expect(tabOf(parseRoute(hash))).toBe("community");
    for (const hash of ["#/health", "#/connect", "#/connect?c=abc"]) expect(tabOf(parseRoute(hash))).toBe("health");
    expect(tabOf(parseRoute("#/"))).toBe("home");
  });
});

describe("an invitation that was pasted", () => {
  const base = "https://example.org/";
  test.each([
    ["the link", "https://example.org/#/join?i=abc-_1", "https://example.org/#/join?i=abc-_1"],
    [
      "a message around the link",
      "Come in: https://example.org/#/join?i=abc see you",
      "https://example.org/#/join?i=abc",
    ],
    ["the bare invitation", "  abc-_1 ", "https://example.org/#/join?i=abc-_1"],
  ])("%s is understood", (_what, pasted, link) => {
    expect(invitationLink(pasted, base)).toBe(link);
  });

  test.each([[""], ["   "], ["hello, come and join us!"]])("%j is not taken for one", (pasted) => {
    expect(invitationLink(pasted, base)).toBeNull();
  });
});

describe("an invitation link", () => {
  test.each([
    ["http://localhost:4170/#/join?i=a", "localhost:4170"],
    ["http://street.localhost/#/join?i=a", "street.localhost"],
    ["http://127.0.0.1:4170/#/join?i=a", "127.0.0.1:4170"],
    ["http://127.8.9.10/#/join?i=a", "127.8.9.10"],
    ["http://[::1]:4170/#/join?i=a", "[::1]:4170"],
  ])("%s can be opened on this computer only, and says so", (link, host) => {
    expect(onlyThisComputer(link)).toBe(host);
  });

  test.each([
    "https://example.org/#/join?i=a",
    "http://192.168.1.7:4170/#/join?i=a",
    "http://commonwatt.local/#/join?i=a",
    "https://localhost.example.org/#/join?i=a",
  ])("%s can be opened by others", (link) => {
    expect(onlyThisComputer(link)).toBeNull();
  });
});
