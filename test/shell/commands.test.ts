/** What a person asks: each command checks first, refuses with a code and a sentence, and loses nothing. */
import { beforeAll, describe, expect, it } from "vitest";
import { phraseFrom } from "../../worker/base/keys.ts";
import { CONTRACT_VERSION, decodeContract } from "../../worker/community/contract.ts";
import { identityOp, loadIdentity } from "../../worker/shell/identity.ts";
import { NEW_WORDS_ROW } from "../../worker/shell/new-words.ts";
import { answerOf } from "../../worker/shell/port-worker.ts";
import { openRefused } from "../../worker/shell/refused-store.ts";
import { createMemoryDisk, openMemory } from "../../worker/storage/memory.ts";
import { withSpares } from "../../worker/storage/spare.ts";
import { StoreError } from "../../worker/storage/store.ts";
import { BASE, found, METER, START, Street, words, type House } from "./street.ts";

/** Of 16 bytes of 7f; they are nobody's. */
const WORDS = phraseFrom(new Uint8Array(16).fill(0x7f));
const ASK = { communityName: "Rue du Soleil", memberName: "Ana", preset: "fast", quorum: "majority" } as const;

describe("a fresh device", () => {
  let house: House;
  beforeAll(async () => {
    house = await new Street().open();
  });

  it("welcomes, and has nothing to show of a community yet", async () => {
    expect(house.view).toMatchObject({ phase: "welcome", community: null, problem: null, members: [] });
    expect(await house.code("invite", { base: BASE })).toBe("not-ready");
    expect(await house.code("pair-meter", METER)).toBe("not-ready");
    expect(await house.code("step-detail", { step: 1 })).toBe("not-ready");
    expect(await house.code("vote", { proposal: "p", yes: true })).toBe("not-ready");
  });

  it("shows the same twelve words until something is made of them, and others only when asked for", async () => {
    const ask = (other: boolean) => house.get("new-phrase", { other });
    const [a, b, c, d] = [await ask(true), await ask(false), await ask(true), await ask(false)];
    expect(a).toMatchObject({ words: { length: 12 }, shown: null });
    expect(b).toEqual({ words: a.words, shown: START });
    expect(c.words).not.toEqual(a.words);
    expect(d.words).toEqual(c.words);
  });

  it.each([
    ["no name for the community", { communityName: "  " }, "name-empty"],
    ["no name for the member", { memberName: "" }, "name-empty"],
    ["a name that is too long", { memberName: "é".repeat(41) }, "name-long"],
    ["too few words", { words: ["abandon"] }, "phrase-length"],
    ["a word that is none", { words: [...Array<string>(11).fill("abandon"), "abandom"] }, "word-unknown"],
    ["words that do not belong together", { words: Array<string>(12).fill("abandon") }, "phrase-checksum"],
  ])("does not found a community with %s", async (_, change, code) => {
    const answer = await house.ask("create", { ...ASK, words: await words(house), ...change });
    expect(answer).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(/^[A-Z].*\.$/) } });
    expect(house.device.identity).toBeNull();
  });

  it.each(["", "nothing", `${BASE}#/join`, `${BASE}#/join?i=AAAA`])("does not join by the link %j", async (link) => {
    expect(await house.code("read-invitation", { link })).not.toBe("ok");
    expect(await house.code("join", { link, memberName: "Bo", words: await words(house) })).not.toBe("ok");
    expect(house.device.identity).toBeNull();
  });
});

describe("a founder", () => {
  let street: Street;
  let house: House;
  let link: string;
  beforeAll(async () => {
    street = new Street();
    house = await street.open();
    await found(house, "Rue du Soleil", "Ana");
    await street.pass(1_000);
    link = (await house.get("invite", { base: BASE })).link;
  });

  it("gives its time zone to whoever it invites, and both show the days of that place", async () => {
    const [there, here] = [new Street(), new Street()];
    there.zone = "Asia/Kathmandu";
    const founder = await there.open();
    await found(founder, "Boudha", "Maya");
    await there.pass(1_000);
    const invited = (await founder.get("invite", { base: BASE })).link;
    here.zone = "America/New_York";
    const guest = await here.open();
    await guest.get("join", { link: invited, memberName: "Bo", words: await words(guest) });
    await here.pass(1_000);
    expect([founder.view.zone, guest.view.zone]).toEqual(["Asia/Kathmandu", "Asia/Kathmandu"]);
    // Midnight in Nepal, five hours and three quarters ahead.
    expect((guest.device.dayStart(START) + 20_700_000) % 86_400_000).toBe(0);
  });

  it("is a member of a community whose terms keep γ < α < β", () => {
    expect(house.view).toMatchObject({
      phase: "member",
      me: { index: 0, name: "Ana" },
      community: { name: "Rue du Soleil", preset: "fast", quorum: "majority", stepMs: 10_000 },
    });
    const term = (code: string): number => house.view.community?.terms.find((t) => t.code === code)?.value ?? 0;
    expect(term("weightReputation")).toBeLessThan(term("weightEnergy"));
    expect(term("weightEnergy")).toBeLessThan(term("weightAge"));
  });

  it("cannot found or join another on this device", async () => {
    expect(await house.code("create", { ...ASK, words: WORDS })).toBe("already-member");
    expect(await house.code("join", { link, memberName: "Bo", words: WORDS })).toBe("already-member");
  });

  it("invites with a link that says what it is for, valid for seven days, and that nobody can change", async () => {
    const other = await street.open();
    expect(await other.get("read-invitation", { link })).toMatchObject({
      communityName: "Rue du Soleil",
      inviter: "Ana",
      expires: START + 1_000 + 7 * 86_400_000,
      stepMs: 10_000,
      members: 1,
      quorum: "majority",
      lateWindow: 60,
      dso: false,
      iterations: [{ kind: "fixed", portionPpm: 1_000_000 }],
      terms: expect.arrayContaining([
        { code: "weightAge", value: 70 },
        { code: "strikes", value: 3 },
      ]),
    });
    expect(link.startsWith(BASE)).toBe(true);
    const at = link.length - 40;
    const changed = `${link.slice(0, at)}${link[at] === "A" ? "B" : "A"}${link.slice(at + 1)}`;
    expect(await other.code("read-invitation", { link: changed })).toBe("invitation-changed");
    expect(await other.code("join", { link: changed, memberName: "Bo", words: await words(other) })).toBe(
      "invitation-changed",
    );
  });

  it.each([
    ["no name", { label: " " }, "name-empty"],
    ["no peak power", { pMaxW: 0 }, "meter-settings"],
    ["half a watt", { pMaxW: 0.5 }, "meter-settings"],
    ["no starting current", { iMinMa: -1 }, "meter-settings"],
    ["pulses but not how many per kWh", { protocol: "s0" as const }, "meter-settings"],
  ])("does not pair a meter with %s", async (_, change, code) => {
    expect(await house.code("pair-meter", { ...METER, ...change })).toBe(code);
    expect(house.view.meters).toEqual([]);
  });

  it("asks in vain about what is not there", async () => {
    expect(await house.code("step-detail", { step: 0 })).toBe("step-unknown");
    expect(await house.code("step-detail", { step: 1.5 })).toBe("step-unknown");
    expect(await house.code("check-proof", { step: 1, transaction: "ab".repeat(32) })).toBe("transaction-unknown");
    expect(await house.code("admit", { key: "ab".repeat(32), weight: 1, replaces: null })).toBe("applicant-unknown");
    expect(await house.code("vote", { proposal: "ab".repeat(32), yes: true })).toBe("proposal-unknown");
    expect(await house.code("confirm-meter", { id: "none" })).toBe("meter-not-stopped");
  });

  it("tells whether the browser keeps its data, as the page found out", async () => {
    await house.get("storage-persisted", { persisted: true });
    expect(house.view.storage.persisted).toBe(true);
    expect(await house.code("retry-network", {})).toBe("ok");
  });

  it("leaves only when the community's name is typed, and then nothing of it stays on the device", async () => {
    expect(await house.code("leave", { confirm: "rue du soleil" })).toBe("confirm-mismatch");
    expect(house.view.phase).toBe("member");
    await house.get("leave", { confirm: " Rue du Soleil " });
    expect(house.view.phase).toBe("welcome");
    expect(await house.device.store.entries("own")).toEqual([]);
    expect(await house.device.store.entries("chain")).toEqual([]);
    await found(house, "Again", "Ana");
    expect(house.view.community?.name).toBe("Again");
  });
});

describe("an expired invitation", () => {
  it("is refused, and says so", async () => {
    const street = new Street();
    const ana = await street.open();
    await found(ana, "Rue du Soleil", "Ana");
    const { link } = await ana.get("invite", { base: BASE });
    const bo = await new Street(START + 7 * 86_400_000 + 1).open();
    expect(await bo.code("join", { link, memberName: "Bo", words: await words(bo) })).toBe("invitation-expired");
  });
});

describe("words that were written down", () => {
  it("stand there again after a reload, which is no lost identity, and go when the community is there", async () => {
    const disk = createMemoryDisk();
    const street = new Street();
    const written = await words(await street.open(disk));
    const house = await street.open(disk);
    expect(house.view).toMatchObject({ phase: "welcome", problem: null });
    expect(await words(house)).toEqual(written);
    await house.get("create", { ...ASK, words: written });
    expect(await house.device.store.get("own", NEW_WORDS_ROW)).toBeUndefined();
    expect(await house.code("new-phrase", { other: true })).toBe("already-member");
    await house.get("leave", { confirm: "Rue du Soleil" });
    expect(await words(house)).not.toEqual(written);
  });
});

describe("a disk", () => {
  it("that refuses blocks the device and names the remedy; a command is refused with the same code", async () => {
    const house = await new Street().open(createMemoryDisk(), openRefused(new StoreError("denied")));
    expect(house.view).toMatchObject({ phase: "blocked", problem: { code: "storage-denied", severity: "trouble" } });
    const ask = { ...ASK, words: WORDS };
    expect(await answerOf(house.device, { name: "create", ask })).toEqual({
      ok: false,
      error: { code: "denied", message: new StoreError("denied").message },
    });
  });

  it("that is full when a community is founded leaves no half of it", async () => {
    const disk = createMemoryDisk({ quotaBytes: 10 });
    const house = await new Street().open(disk);
    const ask = { ...ASK, words: WORDS };
    expect(await answerOf(house.device, { name: "create", ask })).toMatchObject({ ok: false, error: { code: "full" } });
    expect(house.view.phase).toBe("welcome");
    disk.quotaBytes = Number.MAX_SAFE_INTEGER;
    expect(await house.code("create", ask)).toBe("ok");
  });

  it("with a community of an earlier version says that, and not that keys are lost", async () => {
    const disk = createMemoryDisk();
    const first = await new Street().open(disk);
    await found(first, "Rue du Soleil", "Ana");
    const store = await openMemory({ disk });
    const identity = await loadIdentity(store);
    if (identity === null) throw new Error("the device has an identity");
    const contract = identity.contract.slice();
    expect(contract[0]).toBe(CONTRACT_VERSION);
    contract[0] = CONTRACT_VERSION - 1;
    await withSpares(store).commit([identityOp({ ...identity, contract })]);
    const house = await new Street().open(disk);
    expect(house.view).toMatchObject({ phase: "blocked", problem: { code: "community-outdated" } });
    expect(await house.code("create", { ...ASK, words: WORDS })).toBe("identity-lost");
    expect(await house.code("leave", { confirm: "" })).toBe("ok");
    expect(house.view.phase).toBe("welcome");
  });

  it("with a contract that was altered in both of its copies is no identity any more, and says how to come back", async () => {
    const disk = createMemoryDisk();
    const first = await new Street().open(disk);
    await found(first, "Rue du Soleil", "Ana");
    const store = await openMemory({ disk });
    const identity = await loadIdentity(store);
    if (identity === null) throw new Error("the device has an identity");
    const contract = identity.contract.slice();
    contract[60] = (contract[60] ?? 0) ^ 1;
    expect(decodeContract(contract).ok).toBe(false);
    await withSpares(store).commit([identityOp({ ...identity, contract })]);
    const house = await new Street().open(disk);
    expect(house.view).toMatchObject({ phase: "blocked", problem: { code: "identity-lost" } });
  });
});
