/** Databases of every earlier version, under fake-indexeddb; the same in Chromium: test/e2e/store.test.ts. */
import "fake-indexeddb/auto";
import { describe, it } from "vitest";
import { killer, migrationChecks } from "./migration-checks.ts";

describe("the database's migrations", () => {
  for (const [i, { name, run }] of migrationChecks.entries())
    it(name, () => run({ name: `earlier-${i}`, killAfter: killer }));
});
