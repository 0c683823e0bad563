/** Which screens are shown in which state: for the screenshots (screens.ts) and for axe (accessible.test.ts). */
import type { Page } from "playwright";
import { newDraft, type Draft } from "../../src/app/wizard/draft.ts";
import type { Scenario } from "../app/scenarios.ts";

export type Shot = {
  readonly name: string;
  readonly scenario: Scenario;
  readonly hash: string;
  readonly act?: (page: Page) => Promise<void>;
  /** What was said before while pairing a meter, beside a Linky that was found. */
  readonly draft?: Partial<Draft>;
};

const fill = async (page: Page): Promise<void> => {
  await page.locator("input[name=community]").fill("Rue du Soleil 12");
  await page.locator("input[name=member]").fill("Chlo\u00e9");
};
const press = (page: Page, at = 0): Promise<void> => page.locator("main .action button").nth(at).click();

/** The played worker takes long files for true proofs. */
const choose = async (page: Page, bytes: number): Promise<void> => {
  const file = {
    name: "rue-du-soleil-769-864.cwproof",
    mimeType: "application/octet-stream",
    buffer: Buffer.alloc(bytes),
  };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.locator("main p[translate=no]").waitFor();
};

export const LINKY: Draft = {
  ...newDraft,
  kind: "tic",
  via: "serial",
  port: { usbVendorId: 0x0403, usbProductId: 0x6001 },
  protocol: "tic",
  line: { baudRate: 9_600, dataBits: 7, parity: "even" },
  resolutionMwh: 1_000,
};

/** The fixtures' steps count from nine days before midnight; this one ends at 13:45 that day. */
const STEP = 9 * 96 + 55;

const restoreFile = async (page: Page, passphrase: string): Promise<void> => {
  await page.locator("input[name=way]").nth(1).check();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "a.backup", mimeType: "application/octet-stream", buffer: Buffer.from([1]) });
  await page.locator("input[name=passphrase]").fill(passphrase);
  await press(page);
};

export const SHOTS: readonly Shot[] = [
  { name: "01-welcome", scenario: "welcome", hash: "#/" },
  { name: "02-create", scenario: "welcome", hash: "#/create", act: fill },
  {
    name: "03-phrase",
    scenario: "welcome",
    hash: "#/create",
    act: async (page) => (await fill(page), await press(page), await page.locator("main ol li").first().waitFor()),
  },
  {
    name: "04-phrase-check",
    scenario: "welcome",
    hash: "#/create",
    act: async (page) => {
      await fill(page);
      await press(page);
      await page.locator("main ol li").first().waitFor();
      await page.locator("main .button").click();
      await page.locator("fieldset label").first().click();
    },
  },
  { name: "15-restore", scenario: "welcome", hash: "#/restore" },
  {
    name: "16-restore-file",
    scenario: "welcome",
    hash: "#/restore",
    act: async (page) => {
      await restoreFile(page, "a long passphrase");
      await page.locator("input[name=alone]").waitFor();
    },
  },
  {
    name: "15c-restore-wrong-word",
    scenario: "welcome",
    hash: "#/restore",
    act: async (page) => {
      await page
        .locator("textarea")
        .fill("above absent wrong abuse access acid acoustic actor adapt address advice afford");
      await page
        .locator("main input:not([type=radio]):not([type=checkbox])")
        .nth(0)
        .fill("https://example.org/#/join?i=good");
      await page.locator("main input:not([type=radio]):not([type=checkbox])").nth(1).fill("Chlo\u00e9");
      await page.locator("main input[type=checkbox]").check();
      await press(page);
      await page.locator("[aria-invalid=true]").first().waitFor();
    },
  },
  {
    name: "16z-restore-wrong",
    scenario: "welcome",
    hash: "#/restore",
    act: async (page) => {
      await restoreFile(page, "wrong passphrase");
      await page.locator("[aria-invalid=true]").first().waitFor();
    },
  },
  { name: "17-backup", scenario: "member", hash: "#/backup" },
  { name: "05-join", scenario: "welcome", hash: "#/join?i=good" },
  { name: "06-join-refused", scenario: "welcome", hash: "#/join?i=bad" },
  { name: "07-waiting", scenario: "waiting", hash: "#/" },
  { name: "07b-waiting-offline", scenario: "waiting-offline", hash: "#/" },
  { name: "07c-waiting-adopted", scenario: "waiting-adopted", hash: "#/" },
  { name: "08-waiting-refused", scenario: "refused", hash: "#/" },
  { name: "14-healed", scenario: "healed", hash: "#/" },
  { name: "10-home", scenario: "member", hash: "#/" },
  {
    name: "10b-home-admitted",
    scenario: "waiting",
    hash: "#/",
    act: async (page) => {
      // Asked and closed; admitted meanwhile.
      await page.addInitScript(() => Object.assign(globalThis, { scenario: "member" }));
      await page.reload();
      await page.locator(".banner.healed").waitFor();
    },
  },
  { name: "11-home-trouble", scenario: "trouble", hash: "#/" },
  { name: "11b-home-silent", scenario: "silent", hash: "#/" },
  { name: "11c-home-night", scenario: "night", hash: "#/" },
  { name: "12-home-empty", scenario: "empty", hash: "#/" },
  {
    name: "13-demo",
    scenario: "welcome",
    hash: "#/",
    act: async (page) => {
      await page.locator(".ways button").click();
      await page.locator(".banner.demo").waitFor();
    },
  },
  {
    name: "13b-demo-again",
    scenario: "welcome",
    hash: "#/",
    act: async (page) => {
      await page.locator(".ways button").click();
      await page.locator(".banner.demo").waitFor();
      await page.reload();
      await page.locator(".banner.demo summary").click();
    },
  },
  {
    name: "20-community",
    scenario: "busy",
    hash: "#/community",
    act: (page) => page.locator("#division").waitFor(),
  },
  {
    name: "21-invite",
    scenario: "member",
    hash: "#/invite",
    act: async (page) => (await press(page), await page.locator("svg[role=img]").waitFor()),
  },
  {
    name: "22-ballots",
    scenario: "council",
    hash: "#/community",
    act: (page) => page.locator("#division").waitFor(),
  },
  {
    name: "23-applicant",
    scenario: "busy",
    hash: "#/community",
    act: (page) => page.locator("article details summary").first().click(),
  },
  {
    name: "24-rule",
    scenario: "member",
    hash: "#/rule",
    act: async (page) => {
      await page.locator("input[name=rule]").nth(1).check();
      await page.locator("main caption").waitFor();
    },
  },
  {
    name: "25-rule-rounds",
    scenario: "member",
    hash: "#/rule",
    act: async (page) => {
      await page.locator("input[name=rule]").nth(2).check();
      await page.locator("input[name=round-0]").fill("130");
      await page.locator("[aria-invalid=true]").waitFor();
    },
  },
  {
    name: "26-terms",
    scenario: "member",
    hash: "#/terms",
    act: async (page) => {
      await page.locator("input[name=feePpm]").fill("2");
      await page.locator("main caption").waitFor();
    },
  },
  {
    name: "27-neighbour",
    scenario: "barred",
    hash: "#/neighbour/3",
    act: (page) => page.locator("input[name=colour]").nth(3).check(),
  },
  { name: "28b-community-silent", scenario: "silent", hash: "#/community" },
  { name: "28-community-barred", scenario: "barred", hash: "#/community" },
  { name: "29-leave", scenario: "member", hash: "#/leave" },
  { name: "29b-left", scenario: "left", hash: "#/leave" },
  { name: "70-operator", scenario: "crowd", hash: "#/operator" },
  { name: "70b-operator-calm", scenario: "household", hash: "#/operator" },
  {
    name: "70c-operator-open",
    scenario: "busy",
    hash: "#/operator",
    act: async (page) => {
      await page.locator("main details").first().waitFor();
      for (const summary of await page.locator("main summary").all()) await summary.click();
    },
  },
  {
    name: "71-operator-month",
    scenario: "elder",
    hash: "#/operator/2026-05-01",
    act: (page) => page.locator("main tfoot").first().waitFor(),
  },
  {
    name: "71b-operator-month-crowd",
    scenario: "crowd",
    hash: "#/operator/2026-06-01",
    act: (page) => page.locator("main tfoot").first().waitFor(),
  },
  { name: "71c-operator-unknown", scenario: "elder", hash: "#/operator/2025-03-01" },
  { name: "30-chain", scenario: "member", hash: "#/chain", act: (page) => page.locator("#writers").waitFor() },
  {
    name: "30b-chain-find",
    scenario: "member",
    hash: "#/chain",
    act: async (page) => {
      await page.locator("details summary").click();
      await page.locator("details .segments button").nth(2).click();
      await press(page);
      await page.locator("details li").first().waitFor();
    },
  },
  {
    name: "30c-chain-find-hash",
    scenario: "member",
    hash: "#/chain",
    act: async (page) => {
      await page.locator("details summary").click();
      await page.locator("details .segments button").nth(3).click();
      await page.locator("input[name=hash]").fill("7f2a");
      await press(page);
      await page.locator("details li").first().waitFor();
    },
  },
  { name: "31-step", scenario: "member", hash: `#/step/${STEP}` },
  { name: "31b-step-open", scenario: "member", hash: `#/step/${STEP + 2}` },
  { name: "31c-step-incidents", scenario: "member", hash: `#/step/${STEP - 2}` },
  { name: "31d-step-future", scenario: "member", hash: `#/step/${STEP + 40}` },
  { name: "33-voting", scenario: "member", hash: "#/voting" },
  {
    name: "34-voting-share",
    scenario: "barred",
    hash: "#/voting",
    act: async (page) => {
      await page.locator("input[name=strategy]").nth(3).check();
      await page.locator("input[name=share]").fill("0");
    },
  },
  {
    name: "32-proof",
    scenario: "member",
    hash: `#/step/${STEP}`,
    act: async (page) => {
      await page.locator(".entry a").first().click();
      await page.locator("main svg[role=img]").waitFor();
    },
  },
  {
    name: "35-save-proof",
    scenario: "member",
    hash: `#/step/${STEP}`,
    act: async (page) => {
      await page.locator("input[name=range]").nth(1).check();
      await page.locator("section[aria-labelledby=save-proof] button").click();
    },
  },
  {
    name: "36-verify",
    scenario: "welcome",
    hash: "#/verify",
    act: (page) => page.locator(".drop").waitFor(),
  },
  { name: "37-verify-holds", scenario: "welcome", hash: "#/verify", act: (page) => choose(page, 2_000) },
  { name: "38-verify-refused", scenario: "welcome", hash: "#/verify", act: (page) => choose(page, 20) },
  { name: "40-meter-none", scenario: "member", hash: "#/meter" },
  { name: "41-meter", scenario: "meter", hash: "#/meter" },
  { name: "42-meter-stopped", scenario: "busy", hash: "#/meter" },
  { name: "15-home-household", scenario: "household", hash: "#/" },
  { name: "16-energy-day", scenario: "household", hash: "#/energy" },
  { name: "16b-energy-week", scenario: "elder", hash: "#/energy/week/2026-03-25" },
  {
    name: "16c-energy-month",
    scenario: "elder",
    hash: "#/energy/month/2026-05-01",
    act: (page) => page.locator("main details summary").click(),
  },
  { name: "16d-energy-year", scenario: "elder", hash: "#/energy/year" },
  { name: "16e-energy-autumn", scenario: "elder", hash: "#/energy/day/2025-10-26" },
  { name: "16f-energy-unknown", scenario: "elder", hash: "#/energy/day/2025-03-30" },
  { name: "16g-home-totals", scenario: "elder", hash: "#/" },
  { name: "17-statement", scenario: "elder", hash: "#/statement/month/2026-05-01" },
  { name: "44-meter-household", scenario: "household", hash: "#/meter" },
  {
    name: "45-pair-household",
    scenario: "member",
    hash: "#/pair",
    act: (page) => page.locator("input[name=role]").nth(1).check(),
  },
  { name: "46-reconcile", scenario: "meter", hash: "#/reconcile/0" },
  {
    name: "47-reconcile-out",
    scenario: "meter",
    hash: "#/reconcile/0",
    act: async (page) => {
      await page.locator("textarea").fill("21/06/2026 14:00; 8412,331\n21/06/2026 14:15; 8412,998");
      await press(page);
      await page.locator("main table").waitFor();
    },
  },
  { name: "43-pair", scenario: "member", hash: "#/pair" },
  {
    name: "43b-pair-wires",
    scenario: "member",
    hash: "#/pair",
    act: (page) => page.locator("[data-kind=tic]").click(),
  },
  { name: "43c-pair-port", scenario: "member", hash: "#/pair/port" },
  { name: "43d-pair-listen", scenario: "listening", hash: "#/pair/listen", draft: { protocol: null } },
  { name: "43e-pair-found", scenario: "recognised", hash: "#/pair/listen", draft: { protocol: null } },
  { name: "43f-pair-compare", scenario: "recognised", hash: "#/pair/confirm", draft: {} },
  {
    name: "43g-pair-plate",
    scenario: "recognised",
    hash: "#/pair/plate",
    draft: {},
    act: async (page) => {
      await page.locator("input[name=whole]").fill("3x230/400 V 0,25-5(60) A Cl. B");
      await page.locator("main dl").waitFor();
    },
  },
  { name: "43h-pair-done", scenario: "meter", hash: "#/pair/done", draft: { paired: "meter-1" } },
  { name: "50-health", scenario: "member", hash: "#/health" },
  { name: "50b-health-trouble", scenario: "trouble", hash: "#/health" },
  { name: "51-light-home", scenario: "light", hash: "#/" },
  { name: "52-light-health", scenario: "light", hash: "#/health" },
  { name: "53-light-chain", scenario: "light", hash: "#/chain" },
  { name: "53b-light-step", scenario: "light", hash: `#/step/${STEP}` },
  { name: "54-light-energy", scenario: "light", hash: "#/energy/year" },
  { name: "55-light-statement", scenario: "light", hash: "#/statement/month/2026-06-21" },
  {
    name: "56-health-room",
    scenario: "member",
    hash: "#/health",
    act: (page) => page.locator("input[name=room]").last().check(),
  },
  { name: "51-connect", scenario: "member", hash: "#/connect" },
  {
    name: "52-connect-offer",
    scenario: "member",
    hash: "#/connect",
    act: async (page) => {
      await page.locator("main .row button").first().click();
      await page.locator("main svg[role=img]").waitFor({ timeout: 20_000 });
      await page.locator("textarea[name=code]").fill("nothing of ours");
      await page.locator("main form button").click();
    },
  },
  {
    name: "53-connect-servers",
    scenario: "member",
    hash: "#/connect",
    act: (page) => page.locator("main summary").click(),
  },
  { name: "60-blocked", scenario: "blocked", hash: "#/" },
  { name: "61-starting", scenario: "starting", hash: "#/" },
];
