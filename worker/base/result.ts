/**
 * Three kinds of failure are kept apart: a bug (`assert`, throws), a refusal (`Result`, data) and the
 * environment (an adapter's error class that names the user's remedy).
 */

/** Why something from outside was not accepted, and what it says about whoever sent it. */
export type Refusal = {
  /** Stable, kebab-case, for tests and translations. */
  readonly code: string;
  /** One plain sentence that says what to do. */
  readonly message: string;
  /** `ignore`: may be honest (early, late, duplicate). `penalise`: no honest sender does this. */
  readonly verdict: "ignore" | "penalise";
  readonly data?: Readonly<Record<string, string | number | boolean>>;
};

export type Result<T, E = Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const refuse = (
  code: string,
  message: string,
  verdict: Refusal["verdict"] = "penalise",
  data?: Refusal["data"],
): { readonly ok: false; readonly error: Refusal } => ({
  ok: false,
  error: data === undefined ? { code, message, verdict } : { code, message, verdict, data },
});

/** @throws Error when `condition` is false: the program is wrong, not its input. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
