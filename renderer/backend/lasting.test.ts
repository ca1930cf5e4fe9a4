import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, type Line } from '../../preload/contract/index.ts';
import { createLasting } from './index.ts';

/** A line whose other end is the test. */
const line = (): {
  line: Line;
  sent: { kind: string; id: number; method?: string }[];
  say(message: unknown): void;
  cut(): void;
} => {
  const sent: { kind: string; id: number; method?: string }[] = [];
  const hears: ((message: unknown) => void)[] = [];
  const closers: (() => void)[] = [];
  return {
    sent,
    line: {
      post: (message) => sent.push(message as { kind: string; id: number }),
      onMessage: (listener) => hears.push(listener),
      onClose: (listener) => closers.push(listener),
    },
    say: (message) => {
      for (const hear of hears) hear(message);
    },
    cut: () => {
      for (const close of closers) close();
    },
  };
};
const closed = (error: unknown): boolean => error instanceof Fault && error.code === 'closed';

describe('a client over lines that come and go', () => {
  it('refuses calls while there is no line', async () => {
    const lasting = createLasting();
    await assert.rejects(lasting.client.jobs.list({}), closed);
  });

  it('calls over the present line, and settles what the old one leaves open', async () => {
    const lasting = createLasting();
    const first = line();
    lasting.use(first.line);
    const waiting = lasting.client.settings.get({ key: 'a' });
    first.cut();
    lasting.drop();
    await assert.rejects(waiting, closed);
    const second = line();
    lasting.use(second.line);
    const answer = lasting.client.settings.get({ key: 'a' });
    assert.equal(first.sent.length, 1);
    second.say({ kind: 'value', id: second.sent[0]?.id, value: { value: 'b' } });
    assert.deepEqual(await answer, { value: 'b' });
  });

  it('listens again on each new line, but not to what was let go', () => {
    const lasting = createLasting();
    const heard: (string | null)[] = [];
    // Begun before there is a line at all.
    const stop = lasting.client.studies.changed({}, ({ studyId }) => heard.push(studyId));
    const stopOther = lasting.client.studies.changed({}, () => assert.fail('let go'));
    const first = line();
    lasting.use(first.line);
    assert.deepEqual(
      first.sent.map(({ kind }) => kind),
      ['listen', 'listen'],
    );
    first.say({ kind: 'event', id: first.sent[0]?.id, value: { studyId: 'a' } });
    stopOther();
    assert.equal(first.sent.at(-1)?.kind, 'unlisten');
    first.cut();
    lasting.drop();
    const second = line();
    lasting.use(second.line);
    assert.deepEqual(
      second.sent.map(({ kind, method }) => `${kind} ${method}`),
      ['listen studies.changed'],
    );
    second.say({ kind: 'event', id: second.sent[0]?.id, value: { studyId: 'b' } });
    stop();
    second.say({ kind: 'event', id: second.sent[0]?.id, value: { studyId: 'c' } });
    assert.deepEqual(heard, ['a', 'b']);
  });
});
