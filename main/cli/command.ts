import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { Fault } from '../../preload/contract/index.ts';
import { type Backend, createBackend } from '../backend.ts';
import { consoleLog, dataFolder, outsideNode } from '../outside-node.ts';

/** What every command is given. */
export interface Call {
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly json: boolean;
  readonly storeFolder: string;
  /** The answer: the value as one line of JSON with --json, else the words. */
  answer(value: unknown, words: () => string): void;
  /** One line of an answer that grows; the same rule. */
  note(line: string): void;
  /** Opens the store and builds the backend; closed after the command. */
  backend(): Backend;
  readonly signal: AbortSignal;
}

export interface Command {
  /** 'models list': one or two words. */
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly flags: ParseArgsOptionsConfig;
  run(call: Call): Promise<void>;
}

const COMMON = {
  store: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

/** A flag that must be there, as text. */
export const required = (call: Call, name: string): string => {
  const value = call.flags[name];
  if (typeof value !== 'string' || value === '') throw new Fault('invalid', `--${name} is missing.`);
  return value;
};
export const wholeNumber = (call: Call, name: string, fallback: number): number => {
  const value = call.flags[name];
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new Fault('invalid', `--${name} wants a whole number.`);
  return number;
};
export const word = (call: Call, index: number, what: string): string => {
  const value = call.words[index];
  if (value === undefined) throw new Fault('invalid', `Which ${what}? It is missing.`);
  return value;
};

const help = (commands: readonly Command[]): string =>
  [
    'Usage: npm run -s sightline -- <command> [--store <folder>] [--json]',
    '',
    ...commands.map((command) => `  ${command.usage.padEnd(62)} ${command.summary}`),
    '',
    `The store is ${dataFolder()} unless --store names another folder.`,
  ].join('\n');

/** Exit codes: 0 done, 1 failed, 2 asked for wrongly, 130 stopped by the user. */
export const runCommand = async (
  commands: readonly Command[],
  args: readonly string[],
  streams: { out: (text: string) => void; error: (text: string) => void; signal: AbortSignal },
): Promise<number> => {
  const named = commands.find((command) => {
    const words = command.name.split(' ');
    return words.every((part, index) => args[index] === part);
  });
  if (!named) {
    const asked = args.length === 0 || args.includes('--help') || args.includes('-h') || args[0] === 'help';
    (asked && args.length > 0 ? streams.out : streams.error)(
      `${asked ? '' : `There is no command '${args[0]}'.\n`}${help(commands)}\n`,
    );
    return asked && args.length > 0 ? 0 : 2;
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: args.slice(named.name.split(' ').length),
      options: { ...COMMON, ...named.flags },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    streams.error(`${error instanceof Error ? error.message : error}\nUsage: ${named.usage}\n`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    streams.out(`${named.usage}\n${named.summary}\n`);
    return 0;
  }
  const json = values.json === true;
  const storeFolder = typeof values.store === 'string' ? values.store : dataFolder();
  let opened: Backend | null = null;
  try {
    await named.run({
      words: positionals,
      flags: values as Call['flags'],
      json,
      storeFolder,
      answer: (value, words) => streams.out(json ? `${JSON.stringify(value)}\n` : `${words()}\n`),
      note: (line) => {
        if (!json) streams.error(`${line}\n`);
      },
      backend: () => {
        opened ??= createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: consoleLog(true) }));
        return opened;
      },
      signal: streams.signal,
    });
    return 0;
  } catch (error) {
    if (streams.signal.aborted) return 130;
    const known = error instanceof Fault;
    const message = known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    streams.error(json ? `${JSON.stringify({ code: known ? error.code : 'internal', message })}\n` : `${message}\n`);
    return known && error.code === 'invalid' ? 2 : 1;
  } finally {
    await (opened as Backend | null)?.close();
  }
};
