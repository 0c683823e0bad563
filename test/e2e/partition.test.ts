/**
 * Two streets lose sight of each other (§IV.C, PROTOCOL.md §7): five real browsers, two cut off from three for four
 * market steps. The three go on to finality, the two go on provisionally; healed, there is one chain, every step has its
 * block, nothing that was final is undone, and the two are told in plain words what was replaced. One story, in order.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hub } from "../../worker/cli/hub.ts";
import type { View } from "../../worker/port.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { cut, heal, prepareCutting } from "./cutting.ts";
import { chainOnDisk, energyOf } from "./disk-reader.ts";
import { eventually, openMember, workerScript, type Member } from "./member.ts";

const COMMUNITY = "Two Streets";
const NAMES = ["Anna", "Bram", "Chloé", "Dirk", "Elif"] as const;
/** Market steps for which the streets do not see each other. */
const STEPS_APART = 4;
const OPEN_MS = 120_000;

let hub: Hub;
let browser: Browser;
let all: Member[];
let few: Member[];
let many: Member[];
/** What the two had when the line came back. */
let apart: View;

beforeAll(async () => {
  const [app, chromium, script] = await Promise.all([startApp(), launchBrowser(), workerScript()]);
  [hub, browser] = [app, chromium];
  const meter = { startSecond: Math.floor(Date.now() / 1_000), startWh: 7_000_000, whPerSecond: 1 };
  all = await Promise.all(
    NAMES.map((name, i) =>
      openMember(browser, hub.url, script, {
        name,
        plan: { meter: i === 0 ? meter : null, disk: "normal" },
        before: prepareCutting,
      }),
    ),
  );
  [few, many] = [all.slice(0, 2), all.slice(2)];
});
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

const viewsOf = (members: readonly Member[]): Promise<View[]> => Promise.all(members.map((member) => member.view()));
const heightOf = (view: View | undefined): number => view?.head?.height ?? 0;
/** Waits until all of them have one head, at least this high. */
const agreed = (members: readonly Member[], height: number): Promise<View> =>
  eventually(
    async () => {
      const views = await viewsOf(members);
      const [first] = views;
      const heads = new Set(views.map((view) => view.head?.hash));
      return first !== undefined && heads.size === 1 && heightOf(first) >= height ? first : null;
    },
    async () =>
      (await viewsOf(members))
        .map(({ me, head, final, peers }) => JSON.stringify({ me: me?.name, head, final, peers: peers.length }))
        .join("\n"),
    OPEN_MS,
  );

test("five neighbours become one community, and Anna's roof counts", async () => {
  const [anna, ...others] = all;
  if (anna === undefined) throw new Error("nobody is here");
  await anna.create(COMMUNITY);
  const link = await anna.invite();
  await Promise.all(others.map((member) => member.join(link)));
  await anna.pairMeter("Roof");
  await anna.goto("#/community");
  for (const { name } of others) await anna.button(`Admit ${name}`).click();
  await Promise.all(others.map((member) => member.until("is a member", ({ phase }) => phase === "member", OPEN_MS)));
  await anna.until("all vote", ({ members }) => members.length === 5 && members.every(({ active }) => active), OPEN_MS);
  await anna.until("energy on the chain", ({ todayGeneratedMwh }) => todayGeneratedMwh > 0, OPEN_MS);
  await Promise.all(all.map((member) => member.goto("#/")));
  await agreed(all, 3);
}, 240_000);

test("cut in two, each street has its block for every step; only the three reach finality", async () => {
  const before = await agreed(all, 1);
  await cut(few, many);
  const from = heightOf(before);
  await Promise.all([agreed(few, from + STEPS_APART + 1), agreed(many, from + STEPS_APART + 1)]);
  const [left, right] = await Promise.all([viewsOf(few), viewsOf(many)]);
  for (const view of left)
    expect(view.peers.map(({ name }) => name).filter((n) => NAMES.indexOf(n as never) > 1)).toEqual([]);
  const [alone] = left;
  if (alone === undefined) throw new Error("nobody is here");
  apart = alone;
  expect(alone.final?.height).toBeLessThanOrEqual(from + 1);
  await many[0]?.until("final without the two", ({ final }) => (final?.height ?? 0) >= from + STEPS_APART);
  expect(new Set([alone.head?.hash, right[0]?.head?.hash]).size).toBe(2);
}, 240_000);

test("healed, there is one chain with every step, nothing is lost, and the two are told what was replaced", async () => {
  await heal(all);
  const final = (await viewsOf(many))[0]?.final;
  const view = await agreed(all, heightOf(apart) + 2);
  for (const member of all) {
    const own = await member.until("final again", (v) => (v.final?.height ?? 0) > heightOf(apart), OPEN_MS);
    expect(own.blocks.some(({ gapBefore }) => gapBefore)).toBe(false);
  }
  // What the three made final while they were apart is still there.
  const chain = await chainOnDisk(many[0]?.page as never, view.head?.hash ?? "");
  expect(chain.some(({ header }) => header.height === final?.height)).toBe(true);
  const { generatedMwh, byMember } = energyOf(chain);
  expect([...byMember.values()].reduce((a, b) => a + b, 0)).toBe(generatedMwh);
  for (const member of few) {
    const { healed } = await member.until("is told", (v) => v.healed !== null);
    expect(healed?.blocks).toBeGreaterThanOrEqual(2);
    await member.goto("#/");
    await member.reads("You are back with the others.");
    await member.reads(new RegExp(`${healed?.blocks} steps \\(`));
  }
  for (const member of many) expect((await member.view()).healed).toBeNull();
}, 240_000);

test("and the roof's energy of the steps apart is shared in its own steps", async () => {
  const [anna] = all;
  const to = apart.head?.step ?? 0;
  const made = (view: View): boolean =>
    view.today
      .filter(({ step }) => step <= to && step > to - STEPS_APART)
      .every(({ generatedMwh }) => generatedMwh >= 9_000);
  const view = await anna?.until("the steps apart are whole", made, OPEN_MS);
  expect(view?.problem).toBeNull();
}, 180_000);
