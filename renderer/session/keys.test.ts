import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, CommandId } from './commands.svelte.ts';
import { asDelivered, holderOf, keysOf, readChanges, refusalOf, withKey, withoutKey } from './keys.ts';

const COMMANDS: readonly Command[] = [
  { id: 'window.help', title: 'Help', keys: ['?', 'F1'], group: 'window' },
  { id: 'worklist.down', title: 'Down', keys: ['j'], group: 'worklist' },
  { id: 'viewer.flip', title: 'Mirror', keys: ['h'], group: 'viewer' },
  { id: 'viewer.cancel', title: 'Leave', keys: ['Escape'], group: 'viewer' },
  { id: 'report.edit', title: 'Edit', keys: ['e'], group: 'report' },
];
const of = (id: CommandId, changes = {}): readonly string[] => {
  const command = COMMANDS.find((one) => one.id === id);
  assert.ok(command);
  return keysOf(command, changes);
};

test('a key that is taken over leaves no command with the same key', () => {
  assert.equal(holderOf(COMMANDS, {}, 'viewer.flip', 'e')?.id, 'report.edit');
  const changed = withKey(COMMANDS, {}, 'viewer.flip', 'e', 'h');
  assert.deepEqual(of('viewer.flip', changed), ['e']);
  assert.deepEqual(of('report.edit', changed), []);
  assert.equal(holderOf(COMMANDS, changed, 'viewer.flip', 'e'), null);
});

test('the same key may do one thing in the worklist and another beside the images', () => {
  assert.equal(holderOf(COMMANDS, {}, 'viewer.flip', 'j'), null);
  const changed = withKey(COMMANDS, {}, 'viewer.flip', 'j', null);
  assert.deepEqual(of('viewer.flip', changed), ['h', 'j']);
  assert.deepEqual(of('worklist.down', changed), ['j']);
});

test('back to what it came with keeps nothing, also where another had taken the key', () => {
  const changed = withKey(COMMANDS, {}, 'viewer.flip', 'e', 'h');
  assert.deepEqual(asDelivered(COMMANDS, changed, 'viewer.flip'), { 'report.edit': [] });
  assert.deepEqual(asDelivered(COMMANDS, asDelivered(COMMANDS, changed, 'viewer.flip'), 'report.edit'), {});
  const without = withoutKey(COMMANDS, {}, 'viewer.cancel', 'Escape');
  assert.deepEqual(of('viewer.cancel', without), []);
  assert.deepEqual(asDelivered(COMMANDS, without, 'viewer.cancel'), {});
});

test('keys that the window or the reader’s hands need elsewhere are refused in words', () => {
  for (const key of ['Control', 'Mod+Meta', 'Tab', 'Shift+Tab', 'Escape', 'Mod+w', 'F5'])
    assert.notEqual(refusalOf(key), null, key);
  for (const key of ['q', 'Shift+Q', 'Alt+1', 'F2', ' ', 'Mod+e']) assert.equal(refusalOf(key), null, key);
  assert.deepEqual(withKey(COMMANDS, {}, 'viewer.flip', 'Tab', 'h'), {});
});

test('what is stored and not understood is left out', () => {
  assert.deepEqual(readChanges(null, COMMANDS), {});
  assert.deepEqual(readChanges('{', COMMANDS), {});
  assert.deepEqual(readChanges('[1]', COMMANDS), {});
  const stored = { 'viewer.flip': ['q'], 'viewer.gone': ['x'], 'report.edit': 'e', 'window.help': [1] };
  assert.deepEqual(readChanges(JSON.stringify(stored), COMMANDS), { 'viewer.flip': ['q'] });
  const changed = withKey(COMMANDS, {}, 'viewer.flip', 'q', 'h');
  assert.deepEqual(readChanges(JSON.stringify(changed), COMMANDS), changed);
});
