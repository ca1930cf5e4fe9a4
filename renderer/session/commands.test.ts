import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileModule } from 'svelte/compiler';

// Runes need the compiler; the module is turned into plain JavaScript first.
const source = readFileSync(fileURLToPath(new URL('commands.svelte.ts', import.meta.url)), 'utf8');
const { stripTypeScriptTypes } = await import('node:module');
const compiled = compileModule(stripTypeScriptTypes(source), { generate: 'server', filename: 'commands.svelte.js' });
const code = compiled.js.code.replace(/import .* from '(svelte[^']*)'/g, (line, name: string) =>
  line.replace(name, import.meta.resolve(name)),
);
const { COMMANDS, Commands, keyOf } = (await import(
  `data:text/javascript,${encodeURIComponent(code)}`
)) as typeof import('./commands.svelte.ts');

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

test('keys are named as the list names them', () => {
  assert.equal(keyOf(press('n')), 'n');
  assert.equal(keyOf(press('R', { shiftKey: true })), 'Shift+R');
  assert.equal(keyOf(press('?', { shiftKey: true })), '?');
  assert.equal(keyOf(press('Enter', { ctrlKey: true })), 'Mod+Enter');
  assert.equal(keyOf(press('N')), 'n', 'caps lock is not shift');
  assert.equal(keyOf(press('Z', { metaKey: true, shiftKey: true })), 'Mod+Shift+Z');
});

test('no two commands that can be bound at once share a key', () => {
  const together = [
    ['window', 'worklist'],
    ['window', 'segment'],
    ['window', 'viewer', 'report'],
  ];
  for (const groups of together) {
    const seen = new Map<string, string>();
    for (const command of COMMANDS.filter((one) => groups.includes(one.group))) {
      for (const key of command.keys) {
        assert.equal(seen.get(key), undefined, `${key}: ${seen.get(key)} and ${command.id}`);
        seen.set(key, command.id);
      }
    }
  }
});

test('ids are unique and begin with their group', () => {
  assert.equal(new Set(COMMANDS.map((command) => command.id)).size, COMMANDS.length);
  for (const command of COMMANDS) assert.ok(command.id.startsWith(`${command.group}.`), command.id);
});

test('the last one bound runs, and unbinding takes back only its own', () => {
  const commands = new Commands();
  const ran: string[] = [];
  const first = commands.bind({ 'viewer.reset': () => ran.push('first') });
  commands.bind({ 'viewer.reset': () => ran.push('second') });
  first();
  commands.run('viewer.reset');
  assert.deepEqual(ran, ['second']);
  assert.equal(commands.can('viewer.cine'), false);
});

test('a key that the reader gave a command works, and the one it came with no longer does', () => {
  const commands = new Commands();
  assert.deepEqual(commands.keysOf('viewer.flip'), ['h']);
  commands.changes = { 'viewer.flip': ['q'] };
  assert.deepEqual(commands.keysOf('viewer.flip'), ['q']);
  assert.deepEqual(commands.keysOf('viewer.invert'), ['i']);
});
