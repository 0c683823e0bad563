/**
 * Rules for the app's sentences that no compiler checks, read from the syntax trees: French puts a narrow no-break space
 * before its double signs and calls a market step "créneau"; a sentence that no screen says is not kept.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
const sources = filesBelow("src").filter((path) => /\.(ts|svelte)$/.test(path));
const read = (path: string): string => readFileSync(path, "utf8");

const treeOf = (path: string): ts.SourceFile => ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
};

type Said = { readonly place: string; readonly text: string };
/** Every piece of text in a file, as it is shown; what is put into a template stands for a letter. */
const saidIn = (root: ts.Node, file: ts.SourceFile): Said[] => {
  const said: Said[] = [];
  const add = (node: ts.Node, text: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    said.push({ place: `${file.fileName}:${line + 1}`, text });
  };
  walk(root, (node) => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) add(node, node.text);
    if (ts.isTemplateExpression(node))
      add(node, [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("x"));
  });
  return said;
};

/** The French of a file that holds all three languages: what stands under `fr`. */
const frenchIn = (path: string): Said[] => {
  const file = treeOf(path);
  if (/(^|[/-])fr(-\w+)?\.ts$/.test(path)) return saidIn(file, file);
  const parts: Said[] = [];
  walk(file, (node) => {
    const isFrench =
      (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && /^"?fr"?$/.test(node.name.getText(file));
    if (isFrench && node.initializer !== undefined) parts.push(...saidIn(node.initializer, file));
  });
  return parts;
};
const french = sources.filter((path) => path.endsWith(".ts")).flatMap(frenchIn);

describe("French sentences", () => {
  test("have a narrow no-break space, and no other, before : ; ? ! and inside « »", () => {
    const isWrong = (text: string): boolean =>
      /[ \u00a0][:;?!»]|«[ \u00a0]|[\p{L})»][;?!]|\p{L}:(?!\/|[\d\p{L}])/u.test(text);
    expect(french.length).toBeGreaterThan(900);
    expect(french.filter(({ text }) => isWrong(text)).map(({ place, text }) => `${place}: ${text}`)).toEqual([]);
  });

  test("call a market step créneau: a pas is only what a register advances by", () => {
    const isStep = (text: string): boolean =>
      /\b(le|ce|chaque|un|premier|dernier|prochain) pas\b(?! encore)|\b(ces|les|des) pas qui\b/iu.test(text);
    const meters = /pas du compteur|pas de l’index/i;
    expect(
      french.filter(({ text }) => isStep(text) && !meters.test(text)).map(({ place, text }) => `${place}: ${text}`),
    ).toEqual([]);
  });
});

/** The names of all that a file of sentences says, with where; of one language only, the compiler holds the others to it. */
const namesIn = (path: string): { readonly name: string; readonly place: string }[] => {
  const file = treeOf(path);
  const names: { name: string; place: string }[] = [];
  walk(file, (node) => {
    if (!ts.isPropertyAssignment(node) && !ts.isPropertySignature(node)) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    names.push({ name: node.name.getText(file).replaceAll('"', ""), place: `${path}:${line + 1}` });
  });
  return names;
};

test("Every sentence's name is said somewhere outside the sentences", () => {
  const isText = (path: string): boolean =>
    /\/(text|care)\//.test(path) && /-?(en|fr|nl|connect|keep)(-\w+)?\.ts$/.test(path);
  // A code of the worker names a sentence too, and so does a port's type.
  const others = [...sources.filter((path) => !isText(path)), ...filesBelow("worker").filter((p) => p.endsWith(".ts"))];
  const words = new Set(others.flatMap((path) => read(path).match(/[\w$]+(?:-[\w$]+)*/g) ?? []));
  const named = sources.filter((path) => isText(path) && !/(fr|nl)(-\w+)?\.ts$/.test(path)).flatMap(namesIn);
  expect(named.length).toBeGreaterThan(700);
  expect(named.filter(({ name }) => !words.has(name)).map(({ name, place }) => `${place}: ${name}`)).toEqual([]);
});
