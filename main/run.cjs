// Starts a TypeScript entry after a check of the runtime: an old Node cannot even read the entry's types.
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const [major = 0] = process.versions.node.split('.').map(Number);
const NEEDED = 24;
if (major < NEEDED) {
  console.error(
    `Sightline needs Node ${NEEDED} or newer, and this is ${process.version} (${process.execPath}).\n` +
      'npm ci installs a Node 24 for most machines (node-<os>-<cpu>, an optional package) and npm scripts use it.\n' +
      'Where it was left out (npm ci --omit=optional, or a machine it does not exist for), install Node 24 yourself.',
  );
  process.exit(1);
}
const [entry, ...rest] = process.argv.slice(2);
if (!entry) {
  console.error('Usage: node main/run.cjs <entry.ts> [arguments]');
  process.exit(1);
}
const path = resolve(join(__dirname, '..'), entry);
process.argv = [process.argv[0], path, ...rest];
import(pathToFileURL(path).href).catch((error) => {
  console.error(error);
  process.exit(1);
});
