#!/usr/bin/env node
// Plain JavaScript that any Node from 14 on can parse: says which Node is needed before loading the rest.
const [major, minor] = process.versions.node.split('.').map(Number);
if ((major === 22 && minor >= 20) || (major === 24 && minor >= 12) || major >= 26) {
  import('../dist/cli/main.js').catch((error) => {
    console.error(error);
    process.exitCode = 70;
  });
} else {
  console.error(`plimsoll needs Node 22.20+, 24.12+ or 26+; this is ${process.versions.node} (${process.execPath}).`);
  process.exitCode = 3;
}
