/** The reader's own keys: what she changed, over the list of commands. */
import type { Command, CommandId } from './commands.svelte.ts';

/** Keys of the commands that differ from the list; an empty array: no key. */
export type KeyChanges = Readonly<Partial<Record<CommandId, readonly string[]>>>;

/** Under this name in the settings of the window. */
export const KEYS_SETTING = 'keys';
const MOST_KEYS = 3;

/** What is stored may come from another version: what is not understood is left out. */
export const readChanges = (text: string | null, commands: readonly Command[]): KeyChanges => {
  if (text === null) return {};
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof stored !== 'object' || stored === null) return {};
  const entries = Object.entries(stored).filter(
    ([id, keys]) =>
      commands.some((command) => command.id === id) &&
      Array.isArray(keys) &&
      keys.length <= MOST_KEYS &&
      keys.every((key) => typeof key === 'string' && key.length > 0 && key.length <= 40),
  );
  return Object.fromEntries(entries) as KeyChanges;
};

export const keysOf = (command: Command, changes: KeyChanges): readonly string[] =>
  changes[command.id as CommandId] ?? command.keys;

/** Whether both can wait for keys at the same time. */
const together = (a: Command['group'], b: Command['group']): boolean =>
  a === b ||
  a === 'window' ||
  b === 'window' ||
  // While labels are edited their keys come first.
  (![a, b].includes('worklist') && ![a, b].includes('segment'));

/** The other command that takes this key where `id` would take it. */
export const holderOf = (
  commands: readonly Command[],
  changes: KeyChanges,
  id: CommandId,
  key: string,
): Command | null => {
  const own = commands.find((command) => command.id === id);
  if (own === undefined) return null;
  return (
    commands.find(
      (other) => other.id !== id && together(other.group, own.group) && keysOf(other, changes).includes(key),
    ) ?? null
  );
};

const BROWSER = new Set(['Mod+w', 'Mod+t', 'Mod+n', 'Mod+r', 'Mod+Shift+R', 'Mod+q', 'F5', 'F11', 'F12', 'Alt+F4']);

/** Why a command cannot have the key, in words; null where it can. */
export const refusalOf = (key: string): string | null => {
  const last = key.split('+').at(-1) ?? '';
  if (['Control', 'Meta', 'Alt', 'Shift', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'].includes(last))
    return 'A key is needed with it.';
  if (last === 'Tab') return 'Tab moves between controls.';
  if (key === 'Escape') return 'Escape leaves what is open.';
  if (BROWSER.has(key)) return 'The window keeps this key for itself.';
  return null;
};

/** Puts `key` in the place of `instead` (null: as one more key of the command); whoever had it loses it. */
export const withKey = (
  commands: readonly Command[],
  changes: KeyChanges,
  id: CommandId,
  key: string,
  instead: string | null,
): KeyChanges => {
  const own = commands.find((command) => command.id === id);
  if (own === undefined || refusalOf(key) !== null) return changes;
  const before = keysOf(own, changes).filter((one) => one !== key || one === instead);
  const after = before.map((one) => (one === instead ? key : one));
  const keys = instead === null || !before.includes(instead) ? [...before, key].slice(-MOST_KEYS) : after;
  const holder = holderOf(commands, changes, id, key);
  const taken = holder === null ? {} : { [holder.id]: keysOf(holder, changes).filter((one) => one !== key) };
  return tidy(commands, { ...changes, ...taken, [id]: keys });
};

export const withoutKey = (
  commands: readonly Command[],
  changes: KeyChanges,
  id: CommandId,
  key: string,
): KeyChanges => {
  const own = commands.find((command) => command.id === id);
  if (own === undefined) return changes;
  return tidy(commands, { ...changes, [id]: keysOf(own, changes).filter((one) => one !== key) });
};

/** The keys that the command came with; another that took one of them meanwhile loses it. */
export const asDelivered = (commands: readonly Command[], changes: KeyChanges, id: CommandId): KeyChanges => {
  const own = commands.find((command) => command.id === id);
  if (own === undefined) return changes;
  const others = commands
    .filter((other) => other.id !== id && together(other.group, own.group))
    .map((other) => [other.id, keysOf(other, changes).filter((key) => !own.keys.includes(key))] as const);
  return tidy(commands, { ...changes, ...Object.fromEntries(others), [id]: own.keys });
};

/** Only what differs is kept, so that later versions can change what the reader left alone. */
const tidy = (commands: readonly Command[], changes: KeyChanges): KeyChanges =>
  Object.fromEntries(
    Object.entries(changes).filter(([id, keys]) => {
      const own = commands.find((command) => command.id === id);
      return own !== undefined && JSON.stringify(own.keys) !== JSON.stringify(keys);
    }),
  ) as KeyChanges;
