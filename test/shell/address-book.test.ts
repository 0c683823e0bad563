/** Where neighbours answered is there again after a restart, and never more than a hint. */
import { expect, test } from "vitest";
import type { PublicKey } from "../../worker/base/units.ts";
import { deriveAddress, MAIN_DEVICE } from "../../worker/network/address.ts";
import { BOOK_ROW, bookOp, loadBook } from "../../worker/shell/address-book.ts";
import { openMemory } from "../../worker/storage/memory.ts";
import { BASE, found, Street, words } from "./street.ts";

const KEY = "ab".repeat(32) as PublicKey;
const ADDRESS = deriveAddress("c0".repeat(32), KEY, MAIN_DEVICE, 0);
const ENTRY = { address: ADDRESS, key: KEY, lastSuccess: 1_700_000_000_000, failures: 0 };

test("a book is read back as it was written, without what is no address", async () => {
  const store = await openMemory();
  expect(await loadBook(store)).toEqual([]);
  await store.commit([bookOp([ENTRY, { ...ENTRY, address: "https://elsewhere" }])]);
  expect(await loadBook(store)).toEqual([ENTRY]);
});

test("a damaged book is an empty one", async () => {
  const store = await openMemory();
  await store.commit([{ table: "settings", key: BOOK_ROW, value: Uint8Array.of(255, 255, 1) }]);
  expect(await loadBook(store)).toEqual([]);
});

test("a neighbour that was met stands in the book on disk within a step", async () => {
  const street = new Street();
  const ana = await street.open();
  await found(ana, "Rue du Soleil", "Ana");
  await street.pass(1_000);
  const { link } = await ana.get("invite", { base: BASE });
  const bo = await street.open();
  await bo.get("join", { link, memberName: "Bo", words: await words(bo) });
  await street.pass(25_000);
  const book = await loadBook(bo.device.store);
  expect(book.map(({ key }) => key)).toEqual([ana.device.keys?.memberKey]);
});

test("servers that a member names stand in its invitations, and in the settings of who joins by one", async () => {
  const street = new Street();
  const ana = await street.open();
  await found(ana, "Rue du Soleil", "Ana");
  expect(await ana.get("ways", {})).toEqual({ signalling: [], ice: [] });
  const turn = { urls: ["turn:relay.example:3478"], username: "sun", credential: "roof" };
  expect(await ana.code("set-ways", { signalling: ["nothing like a host /"], ice: [] })).toBe("server-unreadable");
  await ana.get("set-ways", { signalling: [" hub.example ", "", "https://two.example/signal"], ice: [turn] });
  const ways = { signalling: ["https://hub.example/", "https://two.example/signal"], ice: [turn] };
  expect(await ana.get("ways", {})).toEqual(ways);
  const { link } = await ana.get("invite", { base: BASE });
  const bo = await street.open();
  await bo.get("join", { link, memberName: "Bo", words: await words(bo) });
  expect(await bo.get("ways", {})).toEqual(ways);
});
