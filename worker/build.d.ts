/** Set by vite.config.ts: a short hash of everything the app is built from, equal for equal sources. */
declare const __BUILD__: string;
