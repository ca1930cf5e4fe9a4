import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Fault } from '../../preload/contract/index.ts';
import { type Command, runCommand, wholeNumber, word } from './command.ts';
import { commands } from './index.ts';
import { rootsOf } from './roots.ts';

const run = async (
  list: readonly Command[],
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<{ code: number; out: string; error: string }> => {
  let out = '';
  let error = '';
  const code = await runCommand(list, args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    signal,
  });
  return { code, out, error };
};
const command = (work: Command['run']): Command => ({
  name: 'do it',
  usage: 'do it [--count N]',
  summary: 'Does it.',
  flags: { count: { type: 'string' } },
  run: work,
});

describe('the command line', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sightline-cli-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('answers in words, and as one line of JSON with --json', async () => {
    const greet = command(async (call) => call.answer({ word: word(call, 0, 'word') }, () => `said ${call.words[0]}`));
    assert.deepEqual(await run([greet], ['do', 'it', 'x']), { code: 0, out: 'said x\n', error: '' });
    assert.deepEqual(await run([greet], ['do', 'it', 'x', '--json']), { code: 0, out: '{"word":"x"}\n', error: '' });
  });

  it('keeps the answer and the rest apart', async () => {
    const noisy = command(async (call) => {
      call.note('working');
      call.answer(1, () => 'one');
    });
    assert.deepEqual(await run([noisy], ['do', 'it']), { code: 0, out: 'one\n', error: 'working\n' });
    assert.deepEqual(await run([noisy], ['do', 'it', '--json']), { code: 0, out: '1\n', error: '' });
  });

  it('tells wrong questions (2) from failures (1) and from being stopped (130)', async () => {
    const failing = (error: unknown) =>
      command(async () => {
        throw error;
      });
    assert.equal((await run([failing(new Fault('invalid', 'What?'))], ['do', 'it'])).code, 2);
    const refused = await run([failing(new Fault('refused', 'Not now.'))], ['do', 'it', '--json']);
    assert.deepEqual(refused, { code: 1, out: '', error: '{"code":"refused","message":"Not now."}\n' });
    assert.equal((await run([failing(new TypeError('bug'))], ['do', 'it'])).code, 1);
    const stopped = new AbortController();
    stopped.abort();
    assert.equal((await run([failing(new Error('x'))], ['do', 'it'], stopped.signal)).code, 130);
  });

  it('refuses commands, flags and numbers that it does not know', async () => {
    const count = command(async (call) => call.answer(wholeNumber(call, 'count', 5), () => ''));
    assert.equal((await run([count], ['do', 'it', '--json'])).out, '5\n');
    for (const args of [
      ['do', 'it', '--count', 'x'],
      ['do', 'it', '--count', '1.5'],
      ['do', 'it', '--other'],
      ['do'],
      ['no'],
      [],
    ]) {
      const answer = await run([count], args);
      assert.equal(answer.code, 2, args.join(' '));
      assert.equal(answer.out, '');
      assert.notEqual(answer.error, '');
    }
  });

  it('says how to use it', async () => {
    const answer = await run(commands, ['--help']);
    assert.equal(answer.code, 0);
    for (const { usage, name } of commands) {
      assert.ok(answer.out.includes(usage));
      assert.equal((await run(commands, [...name.split(' '), '--help'])).code, 0);
    }
  });

  it('works on an empty store, and says what is not there', async () => {
    const on = (...args: string[]) => run(commands, [...args, '--store', join(folder, 'store'), '--json']);
    assert.deepEqual(await on('studies'), { code: 0, out: '[]\n', error: '' });
    for (const args of [
      ['report', 'nobody'],
      ['draft', 'nobody'],
      ['import', join(folder, 'nothing')],
      ['knowledge', 'import', join(folder, 'nothing')],
    ]) {
      const answer = await on(...args);
      assert.equal(answer.code, 1, `${args.join(' ')}: ${answer.error}`);
      assert.equal((JSON.parse(answer.error) as { code: string }).code, 'not-found', args.join(' '));
    }
    for (const args of [
      ['import'],
      ['draft'],
      ['knowledge', 'search'],
      ['export', 'preferences', '--format', 'x', '--out', 'y'],
      ['export', 'preferences', '--format', 'dpo'],
    ]) {
      assert.equal((await on(...args)).code, 2, args.join(' '));
    }
  });

  it('takes roots by name, existing folders only', () => {
    assert.deepEqual(rootsOf([`data=${folder}`]), { data: folder });
    assert.deepEqual(rootsOf(undefined), {});
    for (const wrong of [
      ['data'],
      ['=x'],
      [`a/b=${folder}`],
      ['data=/nothing/there'],
      [`d=${folder}`, `d=${folder}`],
    ]) {
      assert.throws(() => rootsOf(wrong), Fault);
    }
  });
});
