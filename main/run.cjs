// Starts a TypeScript entry with a Node that can read it: an old Node cannot even read the entry's types, so this file
// is in the JavaScript that every Node knows.
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const NEEDED = 24;
const [major = 0] = process.versions.node.split('.').map(Number);

// npm ci brings a Node of its own (node-<os>-<cpu>, an optional package). npm scripts find it first on their path, but
// npm 10 drops its link when it leaves out the same program of the other machines: then it is started from here.
const ownNode = () => {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const packages = [`node-${os}-${process.arch}`, `node-bin-${os}-${process.arch}`];
  return packages
    .map((name) => join(__dirname, '..', 'node_modules', name, 'bin', file))
    .find((path) => existsSync(path) && resolve(path) !== resolve(process.execPath));
};

const [entry, ...rest] = process.argv.slice(2);
if (!entry) {
  console.error('Usage: node main/run.cjs <entry.ts> [arguments]');
  process.exit(1);
}
if (major >= NEEDED) {
  const path = resolve(join(__dirname, '..'), entry);
  process.argv = [process.argv[0], path, ...rest];
  import(pathToFileURL(path).href).catch((error) => {
    console.error(error);
    process.exit(1);
  });
} else {
  const node = ownNode();
  if (!node) {
    console.error(
      `Sightline needs Node ${NEEDED} or newer, and this is ${process.version} (${process.execPath}).\n` +
        'npm ci installs a Node 24 for most machines (node-<os>-<cpu>, an optional package) and npm scripts use it.\n' +
        'Where it was left out (npm ci --omit=optional, or a machine it does not exist for), install Node 24 yourself.',
    );
    process.exit(1);
  }
  const child = spawn(node, [__filename, entry, ...rest], { stdio: 'inherit' });
  // Whoever tells only this process means the one that does the work.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code === null ? (signal ? 130 : 1) : code));
}
