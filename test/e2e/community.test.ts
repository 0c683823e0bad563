/**
 * A community runs for real: three browsers, the hub that serves and introduces them, a meter on a cable. Creating,
 * joining, admitting, metering, sharing; then a writer that vanishes, a restart, a cut network, a full disk. The tests
 * are one story and run in order.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { energyText } from "../../src/app/format.ts";
import { publicKeyOf } from "../../worker/base/ed25519.ts";
import type { Millis } from "../../worker/base/units.ts";
import type { Hub } from "../../worker/cli/hub.ts";
import { bytesOfLink, linkOf, makeInvitation, readInvitation } from "../../worker/community/invitation.ts";
import type { View } from "../../worker/port.ts";
import { launchBrowser, startApp } from "./browser.ts";
import { blocksOnDisk, chainOnDisk, energyOf } from "./disk-reader.ts";
import { eventually, openMember, workerScript, type Member, type MemberOptions } from "./member.ts";

const COMMUNITY = "Rue du Soleil 12";
const LOCALE = "en-GB";
/** Market steps that must pass once the meter counts. */
const STEPS = 6;

let hub: Hub;
let browser: Browser;
let script: string;
let link: string;
let anna: Member;
let bram: Member;
let chloe: Member;

const open = (options: MemberOptions): Promise<Member> => openMember(browser, hub.url, script, options);

beforeAll(async () => {
  [hub, browser, script] = await Promise.all([startApp(), launchBrowser(), workerScript()]);
  const meter = { startSecond: Math.floor(Date.now() / 1_000), startWh: 1_234_567, whPerSecond: 1 };
  [anna, bram, chloe] = await Promise.all([
    open({ name: "Anna", plan: { meter, disk: "normal" } }),
    // With a service worker: Bram's app must open without a network.
    open({ name: "Bram" }),
    open({ name: "Chloé", plan: { meter: null, disk: "normal" } }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

const heightOf = (view: View): number => view.head?.height ?? 0;

/** Waits until all of them have one head, at least this high. */
const agreed = (members: readonly Member[], height: number, timeout = 60_000): Promise<View> =>
  eventually(
    async () => {
      const views = await Promise.all(members.map((member) => member.view()));
      const heads = new Set(views.map((view) => view.head?.hash));
      const [first] = views;
      return first !== undefined && heads.size === 1 && heightOf(first) >= height ? first : null;
    },
    async () => {
      const views = await Promise.all(members.map((member) => member.view()));
      return views
        .map((view) => JSON.stringify({ name: view.me?.name, head: view.head, problem: view.problem }))
        .join("\n");
    },
    timeout,
  );

test("Anna creates a community, writes down her twelve words, and cannot go on with a wrong one", async () => {
  await anna.create(COMMUNITY);
  const { community, members, phase } = await anna.until("is a member", (view) => view.phase === "member");
  expect(community).toMatchObject({ name: COMMUNITY, preset: "fast", stepMs: 10_000 });
  expect(members.map(({ name }) => name)).toEqual(["Anna"]);
  expect(phase).toBe("member");
});

test("Bram and Chloé join by her link, and she admits each with one tap", async () => {
  link = await anna.invite();
  expect(link.startsWith(`${hub.url}#/join?i=`)).toBe(true);
  await Promise.all([bram.join(link), chloe.join(link)]);
  for (const member of [bram, chloe]) await member.reads(`${COMMUNITY} has your request.`);
  await anna.goto("#/community");
  for (const { name } of [bram, chloe]) await anna.button(`Admit ${name}`).click();
  await Promise.all(
    [bram, chloe].map(async (member) => {
      await member.until("is a member", (view) => view.phase === "member", 60_000);
      await member.reads("Soon your share of the sun stands here.");
    }),
  );
});

test("a link with one character changed is refused in a sentence, and nothing else happens", async () => {
  const dora = await open({ name: "Dora" });
  const start = link.indexOf("?i=") + 3;
  for (const part of [0, 0.3, 0.6, 0.9]) {
    const at = start + Math.floor((link.length - start) * part);
    const changed = `${link.slice(0, at)}${link[at] === "A" ? "B" : "A"}${link.slice(at + 1)}`;
    await dora.page.goto(changed);
    await dora.reads(/This invitation (was changed on its way|cannot be read)/);
    expect(await dora.page.locator("input[name=member]").count()).toBe(0);
  }
  const view = await dora.view();
  expect([view.phase, view.signalling]).toEqual(["welcome", "off"]);
  await dora.context.close();
});

test("an invitation signed by no member gets nobody to the door", async () => {
  const emil = await open({ name: "Emil" });
  const raw = bytesOfLink(link);
  const read = raw.ok ? readInvitation(raw.value, Date.now() as Millis) : raw;
  if (!read.ok) throw new Error(read.error.message);
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const forged = makeInvitation({ ...read.value, inviterName: "Anna" }, publicKeyOf(secret), secret);
  await emil.join(linkOf(forged, hub.url));
  await emil.reads("The members do not accept this invitation. Ask your neighbour for a new one.");
  const { problem, peers, phase } = await emil.view();
  expect(problem).toMatchObject({ code: "refused-by-peers", data: { reason: "bad-invitation" } });
  expect([peers, phase]).toEqual([[], "waiting-admission"]);
  for (const member of [anna, bram, chloe]) expect((await member.view()).applicants).toEqual([]);
  await emil.context.close();
});

test("Anna pairs the roof's meter, Bram is asked and agrees, and it counts", async () => {
  await anna.until("everybody votes", ({ members }) => members.length === 3 && members.every(({ active }) => active));
  await anna.pairMeter("Roof south");
  await anna.reads("The members are voting on it.");
  await bram.goto("#/");
  await bram.reads("The community asks for your vote.");
  await bram.link("See the proposal").click();
  await bram.reads("Count the meter of Anna");
  await bram.button("Yes").click();
  await bram.reads("You voted yes.");
  await anna.goto("#/meter");
  await anna.reads("The community counts it.");
  await anna.reads("Counting");
  await anna.until("energy on the chain", (view) => view.todayGeneratedMwh > 0);
});

test(`after ${STEPS} more steps all have one chain, and Home shows what its blocks add up to`, async () => {
  const members = [anna, bram, chloe];
  const from = heightOf(await anna.view());
  await anna.until("steps pass", (view) => heightOf(view) >= from + STEPS, 120_000);
  await agreed(members, from + STEPS);
  for (const member of members) {
    const { view, today, total } = await member.home();
    const chain = await chainOnDisk(member.page, view.head?.hash ?? "");
    expect(chain.length, member.name).toBe(heightOf(view));
    const { generatedMwh, byMember } = energyOf(chain);
    const mine = byMember.get(view.me?.index ?? -1) ?? 0;
    expect(view.todayGeneratedMwh, member.name).toBe(generatedMwh);
    expect(view.totalMineMwh, member.name).toBe(mine);
    expect(view.members.map(({ index, creditedMwh }) => [index, creditedMwh])).toEqual(
      view.members.map(({ index }) => [index, byMember.get(index) ?? 0]),
    );
    expect([today, total]).toEqual([energyText(generatedMwh, LOCALE), energyText(mine, LOCALE)]);
    expect(
      [...byMember.values()].reduce((sum, mwh) => sum + mwh, 0),
      "nothing is lost",
    ).toBe(generatedMwh);
    // 1 Wh a second: ten in every whole step, to the meter's own resolution.
    expect(generatedMwh).toBeGreaterThan((STEPS - 1) * 10_000);
  }
});

test("each of the three proves the same entry of the same block on the spot", async () => {
  const { final } = await agreed([anna, bram, chloe], 1);
  const seen = await Promise.all(
    [anna, bram, chloe].map(async (member) => {
      await member.until("the same is final", (view) => (view.final?.step ?? 0) >= (final?.step ?? 0));
      await member.goto(`#/step/${final?.step}`);
      await member
        .link(/^Check the proof/)
        .first()
        .click();
      await member.reads("It holds.");
      return member.page.locator("dl.digits dd").allInnerTexts();
    }),
  );
  const [first] = seen;
  expect(first).toHaveLength(3);
  expect(seen).toEqual([first, first, first]);
});

test("the current writer's page is closed: the others go on, and it catches up when it is back", async () => {
  await anna.goto("#/chain");
  const { blocks, members } = await anna.view();
  const writer = [anna, bram, chloe].find(({ name }) => name === blocks[0]?.miner);
  if (writer === undefined) throw new Error(`nobody here wrote the last block: ${blocks[0]?.miner}`);
  const others = [anna, bram, chloe].filter((member) => member !== writer);
  await writer.closePage();
  expect(members).toHaveLength(3);
  const from = heightOf(await agreed(others, 1));
  await agreed(others, from + 2);
  const [watcher] = others;
  const after = (await watcher?.view())?.blocks.filter(({ height }) => height > from + 1) ?? [];
  expect(after.map(({ miner }) => miner)).not.toContain(writer.name);
  await watcher?.until("final without it", (view) => (view.final?.height ?? 0) >= from + 1);
  await writer.reopen();
  await agreed([anna, bram, chloe], from + 2);
});

test("Anna reloads whenever she has just signed, goes on from her own disk, and signs nothing twice", async () => {
  const signsMore = async (): Promise<void> => {
    const { size } = anna.signed;
    await eventually(
      async () => (anna.signed.size > size ? true : null),
      async () => "Anna signs nothing",
      60_000,
    );
  };
  for (let reloads = 0; reloads < 3; reloads++) {
    const before = await anna.view();
    await signsMore();
    await anna.page.reload();
    const first = await anna.firstView();
    expect(first.phase).toBe("member");
    expect(heightOf(first)).toBeGreaterThanOrEqual(heightOf(before));
  }
  await signsMore();
  await agreed([anna, bram, chloe], heightOf(await anna.view()) + 1);
  for (const [kind, least] of Object.entries({ "vote/": 10, "candidacy/": 10, "block/": 1 })) {
    const keys = [...anna.signed.keys()].filter((key) => key.startsWith(kind));
    expect(keys.length, kind).toBeGreaterThanOrEqual(least);
  }
  expect([...anna.signed].filter(([, values]) => values.size > 1).map(([key]) => key)).toEqual([]);
  for (const member of [anna, bram, chloe]) {
    const made = (await blocksOnDisk(member.page)).map(({ header }) => `${header.miner} in step ${header.step}`);
    expect(made.length, member.name).toBe(new Set(made).size);
  }
});

test("Bram without a network still opens, says how old it is, and catches up afterwards", async () => {
  await bram.page.waitForFunction(
    async () => (await navigator.serviceWorker.getRegistration())?.active?.state === "activated",
  );
  await bram.context.setOffline(true);
  const before = await bram.view();
  const response = await bram.page.reload();
  expect(response?.fromServiceWorker()).toBe(true);
  const first = await bram.firstView();
  expect(heightOf(first)).toBeGreaterThanOrEqual(heightOf(before));
  await bram.goto("#/");
  await bram.until("is told so", ({ problem }) => problem?.code === "offline");
  await bram.reads("You are offline.");
  await bram.reads(/Last verified .* ago\./);
  const { total } = await bram.home();
  expect(total).toBe(energyText(first.totalMineMwh, LOCALE));
  const others = await agreed([anna, chloe], heightOf(first) + 2);
  await anna.until("final without him", (view) => (view.final?.height ?? 0) > heightOf(first));
  // What a cut-off node writes down alone is final for nobody.
  const alone = await bram.view();
  expect([alone.final, alone.verifiedAt, alone.peers]).toEqual([first.final, first.verifiedAt, []]);
  await bram.context.setOffline(false);
  await agreed([anna, bram, chloe], heightOf(others));
  await bram.until("all is right", (view) => view.problem === null);
});

test("Chloé's disk is full: she is told, nothing of hers is sent, and she goes on when there is room", async () => {
  await chloe.goto("#/");
  await chloe.control({ diskFull: true });
  await chloe.reads("This device has no room left.");
  const [sent, from] = [await chloe.sent(), heightOf(await chloe.view())];
  const head = await agreed([anna, bram], from + 2);
  expect(await chloe.sent()).toBe(sent);
  expect(heightOf(await chloe.view())).toBe(from);
  await chloe.control({ diskFull: false });
  await agreed([anna, bram, chloe], heightOf(head));
  await chloe.until("all is right", (view) => view.problem === null);
  expect([...chloe.signed].filter(([, values]) => values.size > 1)).toEqual([]);
});

test("no page and no worker complained", () => {
  const expected = /Service Worker registration blocked|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED/;
  for (const { name, complaints } of [anna, bram, chloe]) {
    expect(
      complaints.filter((line) => !expected.test(line)),
      name,
    ).toEqual([]);
  }
});
