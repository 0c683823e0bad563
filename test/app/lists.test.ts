/** Lists on screens: Svelte stops a screen whose list has one key twice, and two neighbours or two roofs may have one name. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const ROOT = new URL("../../src/", import.meta.url);
/** Lists whose names are the app's own. */
const OWN_NAMES = ["Picture", "Listen", "Done", "Proof", "OperatorSums", "Balance"].map((name) => `/${name}.svelte`);

test("no list of neighbours, roofs or links has names or keys of members for its keys: two may have the same", () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".svelte"));
  const keys = files
    .filter((name) => !OWN_NAMES.some((own) => name.endsWith(own)))
    .flatMap((name) =>
      [...readFileSync(new URL(name, ROOT), "utf8").matchAll(/\{#each .* \(([\w.]+)\)\}/g)].map(
        ([, key]) => `${name}: ${key}`,
      ),
    );
  expect(keys.length).toBeGreaterThan(40);
  expect(keys.filter((one) => /(: |\.)(name|label|line)$|share\.member$|peer\.key$/.test(one))).toEqual([]);
});
