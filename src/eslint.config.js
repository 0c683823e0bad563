/** ESLint reads only the .svelte files; oxlint, which is faster, does the rest (.oxlintrc.json). */
import svelte from "eslint-plugin-svelte";
import ts from "typescript-eslint";

export default [
  { ignores: ["**/*.ts", "**/*.js"] },
  ...svelte.configs.recommended,
  {
    files: ["**/*.svelte"],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      "svelte/button-has-type": "error",
      "svelte/no-at-html-tags": "error",
      "svelte/no-target-blank": "error",
      "svelte/require-event-dispatcher-types": "error",
      "svelte/valid-compile": "error",
    },
  },
];
