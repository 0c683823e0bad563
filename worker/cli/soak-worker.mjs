/** The process of one soak worker: plain JavaScript, so that it starts anywhere; hands over to soak-run.ts. */
// @ts-check
const { register } = await import("tsx/esm/api");
register();
const { serve } = await import("./soak-run.ts");
serve();
