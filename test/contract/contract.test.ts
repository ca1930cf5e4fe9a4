import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, createClient, Fault, type Workstation, workstation } from '../../preload/contract/index.ts';
import { type Binding, ports, sockets } from './bindings.ts';
import { type Seen, scripted } from './handlers.ts';

const until = async (holds: () => boolean, what: string): Promise<void> => {
  const limit = Date.now() + 3000;
  while (!holds()) {
    assert.ok(Date.now() < limit, `never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const fault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;
const within = <Value>(work: Promise<Value>, ms = 3000): Promise<Value> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('a call did not settle')), ms).unref()),
  ]);

for (const [name, make] of [
  ['message ports', async (given: ReturnType<typeof scripted>) => ports(given.handlers)],
  ['WebSocket on the host', (given: ReturnType<typeof scripted>) => sockets(given.handlers)],
] as const) {
  describe(`the contract over ${name}`, () => {
    let binding: Binding;
    let seen: Seen;
    before(async () => {
      const given = scripted();
      seen = given.seen;
      binding = await make(given);
    });
    after(() => binding.end());
    const open = async (): Promise<{
      client: Client<Workstation>;
      line: Awaited<ReturnType<Binding['open']>>;
    }> => {
      const line = await binding.open();
      return { client: createClient(workstation, line.line), line };
    };

    it('answers a call', async () => {
      const { client, line } = await open();
      assert.deepEqual(await client.settings.get({ key: 'a' }), { value: 'value of a' });
      line.cut();
    });

    it('keeps many calls apart', async () => {
      const { client, line } = await open();
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.settings.get({ key: `k${i}` })));
      assert.deepEqual(
        answers.map(({ value }) => value),
        Array.from({ length: 200 }, (_, i) => `value of k${i}`),
      );
      line.cut();
    });

    it('carries faults with code and details, and nothing of an unknown error', async () => {
      const { client, line } = await open();
      await assert.rejects(
        client.settings.get({ key: 'refused' }),
        (error: unknown) => fault('conflict')(error) && (error as Fault).details.revision === 3,
      );
      binding.internals.length = 0;
      await assert.rejects(
        client.settings.get({ key: 'broken' }),
        (error: unknown) => fault('internal')(error) && !String((error as Fault).message).includes('secret'),
      );
      assert.deepEqual(binding.internals, ['settings.get']);
      line.cut();
    });

    it('refuses parameters and answers that are not of the contract', async () => {
      const { client, line } = await open();
      await assert.rejects(client.settings.get({ key: 5 } as unknown as { key: string }), fault('invalid'));
      await assert.rejects(client.settings.get({ key: 'wrong' }), fault('internal'));
      line.cut();
    });

    it('cancels: the caller hears at once, the handler is told', async () => {
      const { client, line } = await open();
      const controller = new AbortController();
      const waiting = client.settings.set({ key: 'cancel-me', value: '' }, { signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await assert.rejects(within(waiting), fault('cancelled'));
      assert.ok(seen.aborted.includes('cancel-me'));
      line.cut();
    });

    it('listens, hears in order, and unlistens', async () => {
      const { client, line } = await open();
      const heard: (string | null)[] = [];
      const stop = client.studies.changed({}, ({ studyId }) => heard.push(studyId));
      await until(() => seen.listening === 1, 'listening');
      for (const studyId of ['a', 'b', 'c']) seen.emit?.({ studyId });
      await until(() => heard.length === 3, 'three events');
      assert.deepEqual(heard, ['a', 'b', 'c']);
      stop();
      await until(() => seen.listening === 0, 'unlistened');
      seen.emit?.({ studyId: 'd' });
      await client.settings.get({ key: 'a' });
      assert.deepEqual(heard, ['a', 'b', 'c']);
      line.cut();
    });

    it('settles every call when the window goes, and frees what it held', async () => {
      const { client, line } = await open();
      client.studies.changed({}, () => {});
      const waiting = ['x', 'y'].map((key) => client.settings.set({ key, value: '' }));
      const settled = Promise.all(waiting.map((call) => assert.rejects(within(call), fault('closed'))));
      await until(() => seen.listening === 1, 'listening');
      line.cut();
      await settled;
      await until(() => seen.listening === 0 && seen.aborted.includes('y'), 'freed');
      await assert.rejects(within(client.settings.get({ key: 'late' })), fault('closed'));
    });

    it('hears nothing malformed, and goes on', async () => {
      const { line } = await open();
      const heard: { kind?: string; id?: number; code?: string }[] = [];
      line.line.onMessage((message) => heard.push(message as { kind?: string }));
      for (const message of [
        null,
        7,
        'text',
        [],
        {},
        { kind: 'call' },
        { kind: 'call', id: -1, method: 'settings.get', params: {} },
        { kind: 'call', id: 1.5, method: 'settings.get', params: {} },
        { kind: 'other', id: 1, method: 'settings.get' },
        { kind: 'cancel', id: 99 },
        { kind: 'unlisten', id: 99 },
      ]) {
        line.line.post(message);
      }
      for (const [index, method] of [
        'nothing',
        'settings',
        'settings.nothing',
        'settings.get.more',
        'constructor.name',
        '__proto__.toString',
        'settings.__proto__',
        'settings.constructor',
        'studies.changed',
      ].entries()) {
        line.line.post({ kind: 'call', id: 100 + index, method, params: {} });
      }
      line.line.post({ kind: 'listen', id: 200, method: 'settings.get', params: {} });
      line.line.post({ kind: 'call', id: 300, method: 'settings.get', params: { key: 'z' } });
      await until(() => heard.some(({ id }) => id === 300), 'the answer to the good call');
      assert.ok(heard.every(({ kind, id, code }) => (id === 300 ? kind === 'value' : code === 'invalid')));
      assert.equal(heard.length, 11);
      line.cut();
    });

    it('refuses a second call under an id in use', async () => {
      const { line } = await open();
      const heard: { id?: number; code?: string }[] = [];
      line.line.onMessage((message) => heard.push(message as { id?: number }));
      line.line.post({ kind: 'call', id: 1, method: 'settings.set', params: { key: 'held', value: '' } });
      line.line.post({ kind: 'call', id: 1, method: 'settings.get', params: { key: 'a' } });
      await until(() => heard.length > 0, 'the refusal');
      assert.equal(heard[0]?.code, 'invalid');
      line.cut();
    });

    it('refuses a flood and serves others meanwhile', async () => {
      const { client, line } = await open();
      const other = await open();
      const flood = Array.from({ length: 400 }, (_, i) =>
        client.settings.set({ key: `flood${i}`, value: '' }).then(
          () => 'value',
          (error: Fault) => error.code,
        ),
      );
      assert.deepEqual(await within(other.client.settings.get({ key: 'a' })), { value: 'value of a' });
      line.cut();
      const ends = await within(Promise.all(flood));
      assert.ok(ends.filter((code) => code === 'refused').length >= 400 - 256, 'more than the limit are refused');
      assert.ok(ends.every((code) => code === 'refused' || code === 'closed'));
      other.line.cut();
    });

    it('has a handler and a checked form for every call and event of the contract', async () => {
      const { line } = await open();
      const methods = Object.entries(workstation).flatMap(([service, shapes]) =>
        Object.entries(shapes).map(([method, shape]) => ({ method: `${service}.${method}`, kind: shape.kind })),
      );
      const answered = new Map<number, { kind?: string; code?: string; message?: string }>();
      line.line.onMessage((message) => {
        const answer = message as { id: number; kind?: string };
        answered.set(answer.id, answer);
      });
      for (const [id, { method, kind }] of methods.entries()) {
        line.line.post({ kind: kind === 'call' ? 'call' : 'listen', id, method, params: 'never of the form' });
      }
      await until(() => answered.size === methods.length, 'an answer to each');
      for (const [id, { method }] of methods.entries()) {
        assert.equal(answered.get(id)?.code, 'invalid', method);
        assert.match(answered.get(id)?.message ?? '', new RegExp(`^${method}: `));
      }
      line.cut();
    });
  });
}

describe('the backend going away', () => {
  for (const [name, make] of [
    ['message ports', async (given: ReturnType<typeof scripted>) => ports(given.handlers)],
    ['WebSocket on the host', (given: ReturnType<typeof scripted>) => sockets(given.handlers)],
  ] as const) {
    it(`settles every call over ${name}`, async () => {
      const binding = await make(scripted());
      const { line } = await binding.open();
      const client = createClient(workstation, line);
      const waiting = within(client.settings.set({ key: 'held', value: '' }));
      const refused = assert.rejects(waiting, fault('closed'));
      await client.settings.get({ key: 'a' });
      await binding.end();
      await refused;
    });
  }
});
