/**
 * `npm start`: from a fresh clone to a link to open. Installs what is missing, builds the app when its sources are
 * not those of the last build, and serves it. Arguments go to `commonwatt serve`.
 */
// @ts-check
import { dist, ensureBuilt, ensureInstalled } from "./prepare.mjs";

ensureInstalled();
if (!ensureBuilt()) {
  process.stderr.write("The app could not be built: the lines above say why.\n");
  process.exit(1);
}
process.argv.splice(2, 0, "serve", "--any-port", "--dir", dist);
await import("./commonwatt.mjs");
