import { readFileSync } from 'node:fs';
import { Fault } from '../../preload/contract/index.ts';
import type { Base, Settings } from '../domains.ts';

/** The folder that holds package.json is two above, for this file and for the bundle in .build/<shell>. */
const version = (): string => {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof parsed === 'object' && parsed && 'version' in parsed && typeof parsed.version === 'string')
    return parsed.version;
  throw new Error('package.json has no version');
};

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
/** 12 of 31 letters: about 59 bits, and nothing of the reader in it. */
const pseudonym = (randomBytes: (count: number) => Uint8Array): string => {
  let made = '';
  while (made.length < 12)
    // 248 = 8 * 31: a byte above it would make the first letters likelier.
    for (const byte of randomBytes(16)) if (byte < 248 && made.length < 12) made += LETTERS.charAt(byte % 31);
  return `rater-${made}`;
};

/** The reader's profile and the window's small values. */
export const createSettings = (base: Base): Settings => {
  const { store, outside } = base;
  const shown = version();
  type Row = { name: string; pseudonym: string };
  const stored = (): Row | undefined => store.read.get<Row>('SELECT name, pseudonym FROM reader WHERE one = 1');
  if (!stored())
    store.transaction((writer) =>
      writer.run(
        "INSERT INTO reader (one, name, pseudonym) VALUES (1, '', ?) ON CONFLICT DO NOTHING",
        pseudonym(outside.randomBytes),
      ),
    );
  const reader = (): Row => {
    const row = stored();
    if (!row) throw new Error('the reader is made with the settings');
    return { name: row.name, pseudonym: row.pseudonym };
  };

  return {
    reader,
    handlers: {
      settings: {
        reader: () => reader(),
        setReader: ({ name }) => {
          const trimmed = name.normalize('NFC').replace(/\s+/gu, ' ').trim();
          if (!trimmed) throw new Fault('invalid', 'The name under a signature cannot be empty.');
          store.transaction((writer) => writer.run('UPDATE reader SET name = ? WHERE one = 1', trimmed));
          return reader();
        },
        get: ({ key }) => ({
          value: store.read.get<{ value: string }>('SELECT value FROM setting WHERE key = ?', key)?.value ?? null,
        }),
        set: ({ key, value }) => {
          store.transaction((writer) =>
            writer.run(
              'INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
              key,
              value,
            ),
          );
          return {};
        },
        workstation: () => ({
          version: shown,
          shell: outside.shell,
          recovered: [...store.recovered],
          store: store.folder,
        }),
      },
    },
  };
};
