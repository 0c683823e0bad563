/** All scenarios of the simulator, in the order in which they are listed and run. */
import { ABSENCES } from "./absences.ts";
import { AUCTIONEERS } from "./auctioneers.ts";
import { CROWDS } from "./crowds.ts";
import { LIARS } from "./liars.ts";
import { SPLITS } from "./split.ts";
import type { Scenario } from "./scenario.ts";
import { THIEVES } from "./thieves.ts";

export const SCENARIOS: readonly Scenario[] = [...ABSENCES, ...LIARS, ...SPLITS, ...AUCTIONEERS, ...THIEVES, ...CROWDS];

export const scenarioOf = (name: string): Scenario | undefined => SCENARIOS.find((s) => s.name === name);
