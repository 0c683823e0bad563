#!/usr/bin/env node
/**
 * The `commonwatt` command. Plain JavaScript: installs what is missing, teaches Node to read TypeScript, and hands
 * over to main.ts.
 */
// @ts-check
import { ensureInstalled } from "./prepare.mjs";

ensureInstalled();
const { register } = await import("tsx/esm/api");
register();
const { runProcess } = await import("./main.ts");
await runProcess(process.argv.slice(2));
