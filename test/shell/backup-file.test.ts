/** The encrypted file of a device (PROTOCOL.md §10.4): opens with its passphrase, whole, and not otherwise. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Hash, PublicKey } from "../../worker/base/units.ts";
import { COST, openBackup, sealBackup, type Backup } from "../../worker/shell/backup-file.ts";

const CHEAP = { logN: 4, r: 8, p: 1 };
const none = (): void => {};
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const backup: Backup = {
  made: 1_700_000_000_000,
  community: "a".repeat(64) as Hash,
  communityName: "Rue du Soleil",
  member: "b".repeat(64) as PublicKey,
  memberName: "Ana",
  rows: [
    { table: "own", key: "identity", value: Uint8Array.of(1, 2, 3) },
    { table: "journal", key: "roof/count", value: new Uint8Array(1_000).fill(9) },
    { table: "home", key: "use/x/0", value: Uint8Array.of() },
  ],
};
const seal = async (passphrase = "a long passphrase", cost = CHEAP): Promise<Uint8Array> => {
  const sealed = await sealBackup(backup, passphrase, random, none, cost);
  if (!sealed.ok) throw new Error(sealed.error.code);
  return sealed.value;
};
const codeOf = async (file: Uint8Array, passphrase = "a long passphrase"): Promise<string> => {
  const opened = await openBackup(file, passphrase, none);
  return opened.ok ? "ok" : opened.error.code;
};

describe("a backup file", () => {
  it("holds every row, and opens with its passphrase", async () => {
    const opened = await openBackup(await seal(), "a long passphrase", none);
    expect(opened).toEqual({ ok: true, value: backup });
  });
  it("takes a passphrase in whichever form the keyboard writes its accents", async () => {
    const file = await seal("caf\u00e9 au soleil");
    expect(await codeOf(file, "cafe\u0301 au soleil")).toBe("ok");
  });
  it("is another file each time: salt and nonce are fresh", async () => {
    const [one, other] = [await seal(), await seal()];
    expect(one.subarray(12, 40)).not.toEqual(other.subarray(12, 40));
  });
  it("does not open with any other passphrase", async () => {
    const file = await seal();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (passphrase) => {
        fc.pre(passphrase.normalize("NFKC") !== "a long passphrase");
        expect(await codeOf(file, passphrase)).toBe("passphrase-wrong");
      }),
      { numRuns: 30 },
    );
  });
  it("does not open with any bit changed, nor cut, nor longer", async () => {
    const file = await seal();
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(7), async (at, bit) => {
        const bad = file.slice();
        // A cost that is changed upwards is tried first, and that must stay cheap here.
        fc.pre(at < 9 || at > 11);
        bad[at] = (bad[at] ?? 0) ^ (1 << bit);
        expect(["passphrase-wrong", "backup-unreadable", "backup-newer"]).toContain(await codeOf(bad));
      }),
      { numRuns: 60 },
    );
    for (const length of [0, 7, 39, 40, 56, file.length - 1])
      expect(["passphrase-wrong", "backup-unreadable"]).toContain(await codeOf(file.slice(0, length)));
    expect(await codeOf(Uint8Array.from([...file, 0]))).toBe("passphrase-wrong");
  });
  it("may not ask for more memory than a phone has", async () => {
    const file = await seal();
    for (const [at, value] of [
      [9, 30],
      [9, 0],
      [10, 64],
      [11, 32],
    ] as const) {
      const greedy = file.slice();
      greedy[at] = value;
      expect(await codeOf(greedy)).toBe("backup-unreadable");
    }
  });
  it("of a newer version says so", async () => {
    const newer = await seal();
    newer[8] = 2;
    expect(await codeOf(newer)).toBe("backup-newer");
  });
  it("costs what PROTOCOL.md says, and its progress ends at one", async () => {
    expect(COST).toEqual({ logN: 16, r: 8, p: 2 });
    const parts: number[] = [];
    await sealBackup(backup, "a long passphrase", random, (part) => parts.push(part), { logN: 10, r: 8, p: 1 });
    expect(parts.at(-1)).toBeCloseTo(1, 1);
  });
});
