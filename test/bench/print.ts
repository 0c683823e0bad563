/** Runs measurements and prints a line for each figure. A figure that is no number is a measurement that went wrong. */
import { expect } from "vitest";
import type { Bench, Figure } from "./base.ts";

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2));

export const print = (where: string, title: string, figures: readonly Figure[]): void => {
  for (const { name, value, unit } of figures) {
    expect(value, name).toBeGreaterThan(0);
    process.stdout.write(`${where} · ${title} · ${name}: ${digits(value)} ${unit}\n`);
  }
};

export const runAll = async (where: string, benches: readonly Bench[]): Promise<void> => {
  for (const { name, run } of benches) print(where, name, await run());
};
