import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { phantom } from '../../models/kit/phantom/index.ts';
import { writePhantom } from '../dicom/write/index.ts';
import type { Child } from '../outside.ts';
import type { DecodeRequest } from './decode-messages.ts';
import { createStudies } from './index.ts';
import { temporaryStudies } from './test-base.ts';

const WHO = {
  name: 'Roe^Jane',
  id: 'P-1',
  birthDate: '1970-02-03',
  studyDate: '2026-06-01',
  studyTime: '09:30:00',
  description: 'Phantom',
  accession: 'A1',
  key: 'pixels',
};
const s = temporaryStudies();
let seriesId = '';
/** Where of the series is kept what was made of its files. */
let folder = '';
let pixelTag = '';
before(async () => {
  const place = s.place();
  await writePhantom(phantom('ct 32x32x6', { seed: 3 }), WHO, place);
  await s.import(place);
  seriesId = s.list()[0]?.series[0]?.id ?? '';
  const decoded = await s.studies.decoded(seriesId, new AbortController().signal);
  decoded.release();
  pixelTag = decoded.images.pixelTag;
  folder = dirname(decoded.path);
  // As if it were not decoded yet.
  rmSync(decoded.path);
});
after(async () => {
  await s.close();
  s.remove();
});

/** A decode process of which the test says what it does with what it is asked for. */
const standIn = (does: (request: DecodeRequest, say: (answer: unknown) => void, exit: () => void) => void): Child => {
  const messages: ((message: unknown) => void)[] = [];
  const exits: ((code: number | null) => void)[] = [];
  return {
    post: (message) =>
      does(
        message as DecodeRequest,
        (answer) => messages.forEach((told) => void told(answer)),
        () => exits.forEach((told) => void told(1)),
      ),
    onMessage: (listener) => messages.push(listener),
    onExit: (listener) => exits.push(listener),
    kill: () => {},
    pid: undefined,
  };
};
/** The same store started anew, with other decode processes. */
const started = (does: Parameters<typeof standIn>[0]) =>
  createStudies({ ...s.base, outside: { ...s.base.outside, spawn: () => standIn(does) } });
const thumbnail = async (studies: ReturnType<typeof createStudies>): Promise<Response> => {
  const answer = await studies.media(new Request('http://media/thumbnail'), ['thumbnail', seriesId]);
  assert.ok(answer);
  return answer;
};
const partsLeft = (): number => readdirSync(folder).filter((name) => name.endsWith('.part')).length;

test('cleaning up after an earlier run leaves alone what this one is writing', async () => {
  const stale: string[] = [];
  for (let n = 0; n < 200; n++) {
    const other = n === 0 ? folder : join(folder, '../..', `!gone-${n}`, 'tag');
    mkdirSync(other, { recursive: true });
    stale.push(join(other, 'pixels.part'));
    writeFileSync(stale[n] ?? '', 'half');
  }
  let out = '';
  const studies = started(async (request, say) => {
    if (request.kind !== 'thumbnail') return;
    out = request.out;
    writeFileSync(out, 'picture');
    // Until all that is to be removed has been.
    for (let n = 0; n < 1000 && stale.some(existsSync); n++) await wait(10);
    say({ kind: 'done', id: request.id });
  });
  const answer = await thumbnail(studies);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), 'picture');
  assert.deepEqual(stale.filter(existsSync), []);
  assert.equal(readFileSync(join(dirname(out), 'thumbnail.png'), 'utf8'), 'picture');
  await studies.close();
});

test('what a decode process wrote of a picture before it ended does not stay', async () => {
  let written = 0;
  const studies = started((request, _say, exit) => {
    if (request.kind !== 'frame-alone') return;
    writeFileSync(request.out, 'half');
    written = partsLeft();
    exit();
  });
  const answer = await studies.media(new Request('http://media/'), ['frame-ahead', seriesId, pixelTag, '0']);
  assert.equal(answer?.status, 422);
  assert.equal(written, 1);
  assert.equal(partsLeft(), 0);
  await studies.close();
});

test('a frame that was made alone is told, though all are decoded before its file is opened', async (t) => {
  const ahead = async (): Promise<Buffer> => {
    const answer = await s.studies.media(new Request('http://media/'), ['frame-ahead', seriesId, pixelTag, '2']);
    assert.equal(answer?.status, 200);
    return Buffer.from((await answer?.arrayBuffer()) ?? new ArrayBuffer());
  };
  rmSync(join(folder, 'pixels.bin'), { force: true });
  const expected = await ahead();
  const alone = join(folder, 'frame-2.bin');
  assert.ok(existsSync(alone) && expected.length > 0);
  const { open } = fs;
  t.mock.method(fs, 'open', async (...given: Parameters<typeof open>) => {
    if (given[0] === alone) {
      (await s.studies.decoded(seriesId, t.signal)).release();
      while (existsSync(alone)) await wait(5);
    }
    return open(...given);
  });
  syncBuiltinESMExports();
  try {
    assert.deepEqual(await ahead(), expected);
    assert.ok(!existsSync(alone));
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
    rmSync(join(folder, 'pixels.bin'));
  }
});

test('where no decode process can be started nothing is said against the images', async () => {
  let asked = 0;
  const studies = started((_request, _say, exit) => {
    asked++;
    exit();
  });
  await assert.rejects(studies.decoded(seriesId, new AbortController().signal), /could not be decoded/);
  assert.ok(asked > 0);
  assert.equal((await studies.images(seriesId)).frames.length, 6);
  await studies.close();
});

test('nothing is made of a study that is removed meanwhile', async () => {
  const { study } = s.list()[0] ?? assert.fail();
  // Of a series that has nothing in the cache: both look at the disk at the same time.
  rmSync(join(folder, '..'), { recursive: true });
  const context = { signal: new AbortController().signal };
  const asked = ['thumbnail', 'frame-ahead', 'pixels'].map((what) =>
    s.media(`${what}/${seriesId}${what === 'thumbnail' ? '' : `/${pixelTag}/${what === 'pixels' ? '0-6' : '0'}`}`),
  );
  await s.studies.handlers.studies.remove({ studyId: study.id }, context);
  assert.deepEqual(
    (await Promise.all(asked)).map(({ status }) => status),
    [404, 404, 404],
  );
  assert.ok(!existsSync(join(folder, '..')));
});
