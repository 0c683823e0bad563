/**
 * A device that keeps its own figures only (PROTOCOL.md §8.1), and one that comes in without any server (§8), in Chromium:
 * a member chooses light, sees its own proved figures on every screen that shows them, keeps everything again and votes;
 * an applicant whose signalling is dead connects by hand, and is admitted. One story, in order.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { energyText } from "../../src/app/format.ts";
import type { Hub } from "../../worker/cli/hub.ts";
import type { View } from "../../worker/port.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { eventually, openMember, workerScript, type Member } from "./member.ts";

const COMMUNITY = "Rue du Soleil 12";
const LOCALE = "en-GB";

let hub: Hub;
let browser: Browser;
let script: string;
let link: string;
let anna: Member;
let bram: Member;
let chloe: Member;
let dirk: Member;

beforeAll(async () => {
  [hub, browser, script] = await Promise.all([startApp(), launchBrowser(), workerScript()]);
  const meter = { startSecond: Math.floor(Date.now() / 1_000), startWh: 1_234_567, whPerSecond: 1 };
  [anna, bram, chloe] = await Promise.all([
    openMember(browser, hub.url, script, { name: "Anna", plan: { meter, disk: "normal" } }),
    openMember(browser, hub.url, script, { name: "Bram" }),
    openMember(browser, hub.url, script, { name: "Chloé" }),
  ]);
  await anna.create(COMMUNITY);
  link = await anna.invite();
  await Promise.all([bram.join(link), chloe.join(link)]);
  await anna.goto("#/community");
  for (const { name } of [bram, chloe]) await anna.button(`Admit ${name}`).click();
  await Promise.all([bram, chloe].map((member) => member.until("is a member", ({ phase }) => phase === "member")));
  await anna.until("everybody votes", ({ members }) => members.length === 3 && members.every(({ active }) => active));
  await anna.pairMeter("Roof");
  await bram.goto("#/community");
  await bram.button("Yes").click();
  await anna.until("energy on the chain", ({ todayGeneratedMwh }) => todayGeneratedMwh > 0);
});
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

/** What Anna's whole chain says that Chloé was credited, up to a step. */
const creditedTo = async (step: number): Promise<number> =>
  (await anna.until("the same is final", ({ final }) => (final?.step ?? 0) >= step)).today
    .filter((one) => one.step <= step)
    .reduce((sum, one) => sum + one.mineMwh, 0);
const creditOf = (view: View): number => view.members.find(({ me }) => me)?.creditedMwh ?? -1;

test("Chloé lets her device keep her own figures only, and says so under Health", async () => {
  await chloe.goto("#/health");
  await chloe.page.locator("input[name=kind][value=light]").check();
  await chloe.until("is light", ({ kind }) => kind?.now === "light");
  await chloe.reads("Its own figures only, each proved.");
  // Her neighbours are called as before, though she keeps no list of members.
  await chloe.until("her neighbours' names", ({ peers }) => peers.map(({ name }) => name).includes("Anna"));
  expect((await chloe.view()).keep).toBeNull();
  await chloe.page.locator("input[name=room]").waitFor({ state: "detached" });
});

test("her total goes on growing, proved, and every screen that shows it shows the same", async () => {
  const before = creditOf(await chloe.view());
  // Her register comes with the head's proof, the credits that it is made of with the next question.
  const view = await chloe.until(
    "more is credited to her, step by step",
    (now) => creditOf(now) > before && now.todayMineMwh === now.totalMineMwh && now.problem === null,
  );
  expect(view.members).toHaveLength(1);
  expect(view.light).toMatchObject({ reaching: null, unjudgedSteps: 0 });
  // All have one weight, so what Anna had of each step is what Chloé had, but for the last milliwatt-hour.
  const anna = await creditedTo(view.final?.step ?? 0);
  expect(Math.abs(view.totalMineMwh - anna)).toBeLessThan(view.final?.step ?? 0);
  const { view: shown, today, total } = await chloe.home();
  expect([today, total]).toEqual([energyText(shown.todayGeneratedMwh, LOCALE), energyText(shown.totalMineMwh, LOCALE)]);
  await chloe.reads("You have been credited");
  await chloe.reads(/Each is proved; the newest proof was made/);
  await chloe.goto("#/chain");
  await chloe.reads("This device keeps your own figures only.");
  await chloe.reads("You have been credited");
  await chloe.link("My energy by day, month and year").click();
  await chloe.reads("my share");
  await chloe.page.getByRole("button", { name: "Month" }).click();
  await chloe.link("Statement to print").click();
  await chloe.reads("Virtual generation meter");
  await chloe.reads("Made on a device that keeps this member");
  expect(await chloe.button("Save its proof file").count()).toBe(0);
  const register = await chloe.page.locator("article tbody td.number").nth(1).innerText();
  expect(Number(register)).toBeGreaterThan(0);
});

test("Dirk, whose signalling is dead, asks to join by two codes that people carry", async () => {
  dirk = await openMember(browser, hub.url, script, { name: "Dirk" });
  await dirk.context.routeWebSocket(/.*/, (socket) => void socket.close());
  await dirk.page.reload();
  await dirk.join(link);
  await dirk.reads(`Your request waits: nobody of ${COMMUNITY} is online.`);
  await dirk.link("Connect two devices side by side").click();
  await dirk.button("Show a code").click();
  const offer = await dirk.page.locator("main textarea[readonly]").inputValue();
  await bram.page.goto(offer);
  const answer = await eventually(
    async () => {
      const given = bram.page.locator("main textarea[readonly]");
      return (await given.count()) === 0 ? null : given.inputValue();
    },
    () => bram.text(),
    20_000,
  );
  const code = dirk.page.locator("textarea[name=code]");
  await eventually(
    async () => ((await code.count()) === 0 ? null : true),
    () => dirk.text(),
    5_000,
  );
  await code.fill(answer);
  await dirk.button("Use this text").click();
  await dirk.reads("Connected to Bram.");
  await dirk.goto("#/");
  await dirk.reads(`${COMMUNITY} has your request.`);
  await anna.goto("#/community");
  await anna.button("Admit Dirk").click();
  await anna.until("it is put to the vote", ({ proposals }) => proposals.some(({ state }) => state === "open"));
  expect((await dirk.view()).signalling).not.toBe("open");
});

test("Chloé keeps everything again, where she left off, and with her vote Dirk is in", async () => {
  await chloe.goto("#/health");
  await chloe.page.locator("input[name=kind][value=full]").check();
  await chloe.until("is full", ({ kind, sync }) => kind?.now === "full" && sync === null);
  await chloe.goto("#/community");
  await chloe.button("Yes").click();
  await dirk.until("is a member", ({ phase }) => phase === "member");
  await dirk.context.close();
  const { blocks } = await chloe.until("blocks", (view) => view.blocks.length > 0);
  const step = blocks[0]?.step ?? 0;
  await anna.until("all four, or those who are here, vote", (view) =>
    view.blocks.some((block) => block.step > step + 1 && block.approvals >= 3),
  );
  await chloe.goto("#/health");
  await chloe.until("how much it keeps", ({ keep }) => keep !== null);
  await chloe.page.locator("input[name=room][value=all]").check();
  await chloe.button("Keep this much").click();
  await chloe.until("keeps all", ({ keep }) => keep?.budgetBytes === null);
  await chloe.page.reload();
  await chloe.until("still keeps all", ({ keep }) => keep?.budgetBytes === null);
  for (const { name, complaints } of [anna, bram, chloe])
    expect(
      complaints.filter((line) => !/Service Worker registration blocked/.test(line)),
      name,
    ).toEqual([]);
});
