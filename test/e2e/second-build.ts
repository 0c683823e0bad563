/**
 * The same app as another build, in the place of the first: every file of `assets` under another name, another build id,
 * and a service worker that keeps these files. What a deployment does, without building twice.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A name's hash, backwards: as long, and another one. */
const renamed = (name: string): string =>
  name.replace(
    /-([\w-]{8})(\.\w+(?:\.map)?)$/,
    (_, hash: string, end: string) => `-${hash.split("").toReversed().join("")}${end}`,
  );

/** @param dir a copy of the built app that a hub serves. @param build the id of that build, and of the other. */
export const putSecondBuild = (dir: string, build: { readonly old: string; readonly next: string }): void => {
  const assets = join(dir, "assets");
  const names = readdirSync(assets).filter((name) => renamed(name) !== name);
  const rewrite = (path: string, also: (text: string) => string = (text) => text): string => {
    let text = readFileSync(path, "utf8");
    for (const name of names) text = text.replaceAll(name, renamed(name));
    text = also(text.replaceAll(build.old, build.next));
    writeFileSync(path, text);
    return text;
  };
  for (const name of readdirSync(assets)) if (/\.(js|css)$/.test(name)) rewrite(join(assets, name));
  for (const name of names) renameSync(join(assets, name), join(assets, renamed(name)));
  const page = rewrite(join(dir, "index.html"));
  const revision = createHash("md5").update(page).digest("hex");
  rewrite(join(dir, "service.worker.js"), (text) =>
    text
      .replace(/(revision:[`"'])[0-9a-f]{32}([`"'],url:[`"']index\.html)/, `$1${revision}$2`)
      .replace(/(url:[`"']index\.html[`"'],revision:[`"'])[0-9a-f]{32}/, `$1${revision}`),
  );
};
