/** Whose questions are answered, in which order, and what they cost (PROTOCOL.md §8.6). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Counter, GUEST, GUESTS, MEMBERS } from "../../worker/shell/counter.ts";

type Errand = { readonly peer: number; readonly n: number };
const at = (time: { now: number }, accountOf: (peer: number) => string = (peer) => `m${peer}`): Counter<Errand> =>
  new Counter(accountOf, () => time.now);
const all = (counter: Counter<Errand>): Errand[] => {
  const out: Errand[] = [];
  for (let next = counter.next(); next !== null; next = counter.next()) out.push(next);
  return out;
};

describe("questions", () => {
  it("are answered one of each in turn, however many one of them asks", () => {
    const counter = at({ now: 0 });
    for (let n = 0; n < 50; n++) counter.take({ peer: 1, n });
    counter.take({ peer: 2, n: 0 });
    counter.take({ peer: 3, n: 0 });
    expect(all(counter).slice(0, 3)).toEqual([
      { peer: 1, n: 0 },
      { peer: 2, n: 0 },
      { peer: 3, n: 0 },
    ]);
  });

  it("law: nobody waits for more than one answer of each other neighbour", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5 }), { maxLength: 200 }), (peers) => {
        const counter = at({ now: 0 });
        const taken = peers.filter((peer, n) => counter.take({ peer, n })).length;
        const order = all(counter).map(({ peer }) => peer);
        expect(order.length).toBe(taken);
        for (const peer of new Set(order)) {
          const first = order.indexOf(peer);
          expect(new Set(order.slice(0, first)).size).toBe(first);
        }
      }),
    );
  });

  it("beyond 64 of one are declined, and that is said once a second", () => {
    const time = { now: 0 };
    const counter = at(time);
    const taken = Array.from({ length: 1_024 }, (_, n) => counter.take({ peer: 1, n })).filter(Boolean);
    expect(taken.length).toBe(64);
    expect(counter.take({ peer: 2, n: 0 })).toBe(true);
    expect([counter.mayDecline(1), counter.mayDecline(1)]).toEqual([true, false]);
    time.now = 1_000;
    expect(counter.mayDecline(1)).toBe(true);
  });

  it("are paid for: who is in debt is declined until the time has made it good", () => {
    const time = { now: 0 };
    const counter = at(time);
    counter.spend(1, MEMBERS.burst + 500);
    expect(counter.take({ peer: 1, n: 0 })).toBe(false);
    time.now = 499;
    expect(counter.take({ peer: 1, n: 0 })).toBe(false);
    time.now = 501;
    expect(counter.take({ peer: 1, n: 0 })).toBe(true);
  });

  it("of one member on several links, one after the other too, are paid from one purse", () => {
    const counter = at({ now: 0 }, () => "one member");
    counter.spend(1, MEMBERS.burst);
    counter.forget(1);
    expect(counter.take({ peer: 2, n: 0 })).toBe(false);
  });

  it("of whoever is no member share a purse, which is smaller", () => {
    const counter = at({ now: 0 }, () => GUEST);
    counter.spend(1, GUESTS.burst);
    expect(counter.take({ peer: 2, n: 0 })).toBe(false);
    expect(GUESTS.burst).toBeLessThan(MEMBERS.burst);
  });

  it("go with their link", () => {
    const counter = at({ now: 0 }, () => "one member");
    counter.take({ peer: 1, n: 0 });
    counter.take({ peer: 2, n: 0 });
    counter.forget(1);
    expect(all(counter)).toEqual([{ peer: 2, n: 0 }]);
  });
});
