/** What is said before the records are here (src/app/catching-up.ts). */
import { expect, it } from "vitest";
import { catchingUp } from "../../src/app/catching-up.ts";

const words = { syncing: (done: string, of: string): string => `${done} of ${of}`, fetching: "fetching" };

it("A device without the records says how far it is, or that it waits for them, and nothing once they are here", () => {
  expect(catchingUp({ sync: { done: 3, of: 9 }, phase: "member" }, words)).toBe("3 of 9");
  expect(catchingUp({ sync: null, phase: "syncing" }, words)).toBe("fetching");
  expect(catchingUp({ sync: { done: 9, of: 9 }, phase: "member" }, words)).toBeNull();
  expect(catchingUp({ sync: null, phase: "member" }, words)).toBeNull();
});
