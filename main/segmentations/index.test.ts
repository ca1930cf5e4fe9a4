import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodeDifference } from '../../models/kit/labels/difference.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { seeded } from '../../models/kit/random.ts';
import {
  Fault,
  type Overlay,
  type Segment,
  type SegmentAct,
  type SegmentReview,
} from '../../preload/contract/index.ts';
import { writePhantom } from '../dicom/write/index.ts';
import type { Segmentations } from '../domains.ts';
import { createSettings } from '../settings/index.ts';
import { temporaryStudies } from '../studies/test-base.ts';
import { createSegmentations } from './index.ts';

const [COLUMNS, ROWS, SLICES] = [80, 64, 12];
const SIZE = COLUMNS * ROWS;
const context = { signal: new AbortController().signal };

/** The acts as the window sends them. */
const bodyOf = (acts: readonly (SegmentAct & { difference?: Uint8Array | null })[]): Uint8Array<ArrayBuffer> => {
  const parts: Buffer[] = [];
  for (const { difference, ...act } of acts)
    for (const part of [Buffer.from(JSON.stringify(act)), Buffer.from(difference ?? [])]) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(part.length);
      parts.push(length, part);
    }
  return new Uint8Array(Buffer.concat(parts));
};

const ask = async (domain: Segmentations, path: string, init?: RequestInit): Promise<Response> => {
  const answer = domain.media(new Request(`http://media/${path}`, init), path.split('/'));
  assert.ok(answer, `${path} is ours`);
  return answer;
};
const send = (domain: Segmentations, id: string, acts: Parameters<typeof bodyOf>[0]): Promise<Response> =>
  ask(domain, `segmentation/${id}/acts`, { method: 'PUT', body: bodyOf(acts) });
const labelsOf = async (domain: Segmentations, id: string): Promise<{ bytes: Uint8Array; edit: string | null }> => {
  const answer = await ask(domain, `labelmap/${id}`);
  return { bytes: new Uint8Array(await answer.arrayBuffer()), edit: answer.headers.get('x-sightline-edit') };
};
const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

const WHO = {
  name: 'Edit^Edith',
  id: 'E-1',
  birthDate: '1960-02-03',
  studyDate: '2026-06-01',
  studyTime: '09:30:00',
  description: 'Phantom',
  accession: 'A1',
  key: 'edit',
};
const SEGMENTS: Segment[] = [
  { value: 1, name: 'Liver', code: null, color: [200, 80, 60] },
  { value: 2, name: 'Tumour', code: null, color: [20, 80, 160] },
];

describe('segmentations that the reader edits', () => {
  const source = mkdtempSync(join(tmpdir(), 'sightline-segment-'));
  let world: ReturnType<typeof temporaryStudies>;
  let domain: Segmentations;
  let seriesId = '';
  let studyId = '';
  const open = async (): Promise<void> => {
    world = temporaryStudies({ folder: world?.folder });
    domain = createSegmentations(world.base, world.studies, createSettings(world.base));
  };
  const reopen = async (): Promise<void> => {
    await domain.close();
    await world.close();
    await open();
  };
  const create = (id: string) => domain.handlers.segmentations.create({ id, seriesId, title: `Mine ${id}` }, context);
  const get = (segmentationId: string) => domain.handlers.segmentations.get({ segmentationId }, context);
  const overlay = async (id: string): Promise<Extract<Overlay, { kind: 'labelmap' }>> => {
    await domain.measured(studyId);
    const found = world.studies.overlays(studyId).find((one) => one.id === id);
    assert.ok(found?.kind === 'labelmap');
    return found;
  };
  const folderOf = (): string => join(world.base.outside.storeFolder, 'segmentations');

  before(async () => {
    const made = phantom(`ct ${COLUMNS}x${ROWS}x${SLICES}`, { seed: 3 });
    await writePhantom(made, WHO, source);
    world = temporaryStudies();
    domain = createSegmentations(world.base, world.studies, createSettings(world.base));
    await world.import(source);
    const [found] = world.list();
    assert.ok(found?.series[0]);
    studyId = found.study.id;
    seriesId = found.series[0].id;
  });
  after(async () => {
    await domain.close();
    await world.close();
    world.remove();
    rmSync(source, { recursive: true, force: true });
  });

  /** Random strokes as the window makes them: what it holds, and what it sends. */
  const painter = (seed: string) => {
    const random = seeded(seed);
    const live = Array.from({ length: SLICES }, () => new Uint8Array(SIZE));
    return {
      live,
      whole: (): Uint8Array => Buffer.concat(live),
      stroke: (): Uint8Array => {
        const changes = Array.from({ length: random.integer(1, 3) }, (_, n) => {
          const k = (random.integer(0, SLICES - 1) + n) % SLICES;
          const before = live[k]?.slice() ?? new Uint8Array(SIZE);
          const slice = live[k] ?? before;
          const value = random.integer(0, 2);
          const at = random.integer(0, SIZE - 200);
          for (let row = 0; row < 3; row++)
            slice.fill(value, at + row * COLUMNS, at + row * COLUMNS + random.integer(1, 40));
          // A voxel that certainly changes.
          slice[at] = ((before[at] ?? 0) + 1) % 3;
          return { k, before, after: slice };
        });
        const once = changes.filter((one, n) => changes.findIndex(({ k }) => k === one.k) === n);
        const difference = encodeDifference(once.map((one) => ({ ...one, after: one.after })));
        assert.ok(difference);
        return difference;
      },
    };
  };

  test('what is acknowledged is there: strokes, steps back and on, over files written anew and starts', async () => {
    const segmentation = await create('walk');
    assert.deepEqual(
      segmentation.start.map(({ name }) => name),
      ['Segment 1'],
    );
    const hand = painter('walk');
    const random = seeded('steps');
    const states = new Map<string | null, Uint8Array>([[null, hand.whole()]]);
    const line: string[] = [];
    let at = 0;
    let current: string | null = null;
    for (let n = 0; n < 120; n++) {
      const step = random.next();
      if (step < 0.25 && at > 0) {
        const to: string | null = at > 1 ? (line[at - 2] ?? null) : null;
        assert.equal((await send(domain, 'walk', [{ kind: 'move', id: `m${n}`, from: current, to }])).status, 200);
        at -= 1;
        current = to;
      } else if (step < 0.4 && at < line.length) {
        const to = line[at] ?? null;
        await send(domain, 'walk', [{ kind: 'move', id: `m${n}`, from: current, to }]);
        at += 1;
        current = to;
      } else {
        const now = states.get(current);
        assert.ok(now);
        for (const [k, slice] of hand.live.entries()) slice.set(now.subarray(k * SIZE, (k + 1) * SIZE));
        const difference = hand.stroke();
        const segments = n === 0 || current === null ? SEGMENTS : null;
        await send(domain, 'walk', [
          { kind: 'edit', id: `e${n}`, parent: current, title: 'Brush', segments, difference },
        ]);
        line.length = at;
        line.push(`e${n}`);
        at += 1;
        current = `e${n}`;
        states.set(current, hand.whole());
      }
      if (n % 17 === 16) await domain.settle('walk');
      if (n % 40 === 39) await reopen();
      if (n % 7 !== 6) continue;
      const stored = await get('walk');
      assert.equal(stored.current, current);
      assert.deepEqual(
        stored.history.map(({ id }) => id),
        line,
      );
      const { bytes, edit } = await labelsOf(domain, 'walk');
      assert.equal(edit, current ?? '');
      assert.deepEqual(Buffer.from(bytes), Buffer.from(states.get(current) ?? []), `after act ${n}`);
    }
    // To the first edit and back.
    while (at > 0) {
      const to: string | null = at > 1 ? (line[at - 2] ?? null) : null;
      await send(domain, 'walk', [{ kind: 'move', id: `back${at}`, from: current, to }]);
      at -= 1;
      current = to;
    }
    assert.ok((await labelsOf(domain, 'walk')).bytes.every((value) => value === 0));
    const strange = world.logged.filter((line) => /do not follow/.test(line));
    assert.deepEqual(strange, []);
  });

  test('sent again it counts once; on another edit it is a conflict, and nothing of the request is kept', async () => {
    await create('again');
    const hand = painter('again');
    const [one, two] = [hand.stroke(), hand.stroke()];
    const first = { kind: 'edit', id: 'a', parent: null, title: 'Brush', segments: SEGMENTS, difference: one } as const;
    const second = { kind: 'edit', id: 'b', parent: 'a', title: 'Brush', segments: null, difference: two } as const;
    await send(domain, 'again', [first]);
    await send(domain, 'again', [first, second]);
    const move = { kind: 'move', id: 'm', from: 'b', to: 'a' } as const;
    await send(domain, 'again', [move]);
    const third = { kind: 'edit', id: 'c', parent: 'a', title: 'Brush', segments: null, difference: two } as const;
    await send(domain, 'again', [move, third]);
    const { history, current } = await get('again');
    assert.deepEqual(
      history.map(({ id }) => id),
      ['a', 'c'],
    );
    assert.equal(current, 'c');
    assert.deepEqual(Buffer.from((await labelsOf(domain, 'again')).bytes), hand.whole());
    const other = { kind: 'edit', id: 'd', parent: 'c', title: 'Brush', segments: null, difference: one } as const;
    await assert.rejects(
      send(domain, 'again', [other, { ...other, id: 'e', parent: 'b' }]),
      (error) => isFault('conflict')(error) && (error as Fault).details.current === 'd',
    );
    assert.equal((await get('again')).current, 'c');
  });

  test('what does not fit is refused', async () => {
    await create('fits');
    const edit = { kind: 'edit', id: 'x', parent: null, title: 'Brush', segments: null } as const;
    const beyond = encodeDifference([{ k: SLICES, before: new Uint8Array(4), after: Uint8Array.of(0, 1, 0, 0) }]);
    await assert.rejects(send(domain, 'fits', [{ ...edit, difference: beyond }]), isFault('invalid'));
    const unknown = encodeDifference([{ k: 0, before: new Uint8Array(4), after: Uint8Array.of(0, 9, 0, 0) }]);
    await assert.rejects(send(domain, 'fits', [{ ...edit, difference: unknown }]), /segment that is not there/);
    const twice = [...SEGMENTS, ...SEGMENTS];
    await assert.rejects(send(domain, 'fits', [{ ...edit, segments: twice }]), /same number/);
    await assert.rejects(
      ask(domain, 'segmentation/fits/acts', { method: 'PUT', body: Uint8Array.of(200, 0, 0, 0, 1) }),
      isFault('invalid'),
    );
    await assert.rejects(send(domain, 'nobody', [edit]), isFault('not-found'));
    assert.equal((await get('fits')).history.length, 0);
  });

  test('a copy leaves what it was made from as it is, and tells where it comes from', async () => {
    const bytes = new Uint8Array(SIZE * SLICES).fill(2, 3 * SIZE + 5 * COLUMNS + 7, 3 * SIZE + 5 * COLUMNS + 17);
    await world.studies.putOverlay(
      {
        kind: 'labelmap',
        id: 'model',
        seriesId,
        maker: { kind: 'model', package: 'organs', version: '1', jobId: 'j' },
        createdAt: '2026-01-01T00:00:00.000Z',
        title: 'Organs',
        dims: [COLUMNS, ROWS, SLICES],
        labels: [{ value: 2, name: 'Spleen', code: null, color: [1, 2, 3], voxels: 10, volumeMl: null, bounds: null }],
      },
      bytes,
    );
    await domain.handlers.segmentations.copy({ id: 'copied', overlayId: 'model' }, context);
    await domain.handlers.segmentations.copy({ id: 'second', overlayId: 'copied' }, context);
    const before = new Uint8Array(SIZE);
    const difference = encodeDifference([{ k: 0, before, after: before.slice().fill(2, 0, 5) }]);
    await send(domain, 'copied', [
      { kind: 'edit', id: 'one', parent: null, title: 'Brush', segments: null, difference },
    ]);
    const edited = await overlay('copied');
    assert.equal(edited.title, 'Organs, edited');
    assert.deepEqual(edited.maker, { kind: 'reader' });
    assert.deepEqual(edited.edited, { source: { overlayId: 'model', title: 'Organs' }, current: 'one' });
    const [label] = edited.labels;
    assert.equal(label?.voxels, 15);
    assert.deepEqual(label?.bounds, [0, 0, 0, 17, 6, 4]);
    const images = await world.studies.images(seriesId);
    assert.ok(images.volume.kind === 'volume');
    const m = images.volume.affineVoxelToPatient;
    assert.ok(Math.abs((label?.volumeMl ?? 0) - (15 * Math.abs(m[0] * m[5] * m[10])) / 1000) < 1e-9);
    assert.deepEqual(Buffer.from(await world.studies.overlayBytes('model')), Buffer.from(bytes));
    assert.deepEqual(Buffer.from((await labelsOf(domain, 'second')).bytes), Buffer.from(bytes));
    // Measured again from what the edit touched only, and again after it was taken back.
    await send(domain, 'copied', [{ kind: 'move', id: 'undo', from: 'one', to: null }]);
    assert.deepEqual((await overlay('copied')).labels[0]?.bounds, [7, 5, 3, 17, 6, 4]);
    const listed = world.studies.overlays(studyId).map(({ id }) => id);
    assert.ok(listed.indexOf('model') < listed.indexOf('copied'), 'the model’s come first');
  });

  test('a large difference lies in a file, and goes with its edit', async () => {
    await create('large');
    const random = seeded('large');
    const noise = Array.from({ length: SLICES }, () => Uint8Array.from({ length: SIZE }, () => random.integer(1, 255)));
    const segments = Array.from({ length: 255 }, (_, n) => ({ ...SEGMENTS[0], value: n + 1 }) as Segment);
    const empty = new Uint8Array(SIZE);
    const difference = encodeDifference(noise.map((after, k) => ({ k, before: empty, after })));
    await send(domain, 'large', [{ kind: 'edit', id: 'n', parent: null, title: 'Grow', segments, difference }]);
    const row = world.base.store.read.get<{ file: string | null }>("SELECT file FROM segmentation_edit WHERE id = 'n'");
    assert.ok(row?.file && readdirSync(folderOf()).includes(row.file), 'it lies in a file');
    assert.deepEqual(Buffer.from((await labelsOf(domain, 'large')).bytes), Buffer.concat(noise));
    await domain.handlers.segmentations.remove({ segmentationId: 'large' }, context);
    assert.ok(!readdirSync(folderOf()).includes(row.file));
    assert.deepEqual(world.base.store.read.all('SELECT * FROM file_removals'), []);
    await assert.rejects(async () => get('large'), isFault('not-found'));
  });

  test('a file that was changed is told, never shown', async () => {
    await create('broken');
    await send(domain, 'broken', [
      {
        kind: 'edit',
        id: 'p',
        parent: null,
        title: 'Brush',
        segments: SEGMENTS,
        difference: painter('broken').stroke(),
      },
    ]);
    await domain.settle('broken');
    const row = world.base.store.read.get<{ file: string }>("SELECT file FROM segmentation WHERE id = 'broken'");
    const path = join(folderOf(), row?.file ?? '');
    const bytes = readFileSync(path);
    bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 255;
    writeFileSync(path, bytes);
    await assert.rejects(async () => (await labelsOf(domain, 'broken')).bytes);
    writeFileSync(path, bytes.subarray(0, 40));
    await assert.rejects(labelsOf(domain, 'broken'), /missing or was changed/);
    await domain.handlers.segmentations.remove({ segmentationId: 'broken' }, context);
  });

  test('how far the reader is with a label is kept, for marks of any maker', async () => {
    const review = (one: SegmentReview) => domain.handlers.segmentations.review(one, context);
    await review({ overlayId: 'model', value: 2, state: 'flagged', locked: false });
    await review({ overlayId: 'copied', value: 2, state: 'complete', locked: true });
    await review({ overlayId: 'model', value: 2, state: 'in-progress', locked: false });
    await reopen();
    const found = (await domain.handlers.segmentations.reviews({ studyId }, context)).reviews;
    assert.deepEqual(
      found.toSorted((a, b) => (a.overlayId < b.overlayId ? -1 : 1)),
      [
        { overlayId: 'copied', value: 2, state: 'complete', locked: true },
        { overlayId: 'model', value: 2, state: 'in-progress', locked: false },
      ],
    );
    await assert.rejects(
      async () => review({ overlayId: 'nobody', value: 1, state: 'complete', locked: false }),
      isFault('not-found'),
    );
  });

  test('images that come to the series later get empty slices; those that go leave the labels unseen, not lost', async () => {
    const later = mkdtempSync(join(tmpdir(), 'sightline-later-'));
    const other = temporaryStudies();
    const own = createSegmentations(other.base, other.studies, createSettings(other.base));
    try {
      await writePhantom(phantom('ct 16x16x6', { seed: 4 }), { ...WHO, key: 'grows' }, join(later, 'all'));
      mkdirSync(join(later, 'first'));
      const files = readdirSync(join(later, 'all')).sort();
      for (const n of [0, 1, 3, 5])
        renameSync(join(later, 'all', files[n] ?? ''), join(later, 'first', files[n] ?? ''));
      await other.import(join(later, 'first'));
      const [found] = other.list();
      const grown = found?.series[0]?.id ?? '';
      await own.handlers.segmentations.create({ id: 'grown', seriesId: grown, title: 'Grown' }, context);
      const size = 256;
      const slices = [0, 1, 2, 3].map((k) => new Uint8Array(size).fill(1, k * 10, k * 10 + 5));
      const difference = encodeDifference(slices.map((after, k) => ({ k, before: new Uint8Array(size), after })));
      const act = { kind: 'edit', id: 'g', parent: null, title: 'Brush', segments: null, difference } as const;
      await send(own, 'grown', [act]);
      const uids = (await other.studies.images(grown)).frames.map(({ instanceUid }) => instanceUid);
      await other.import(join(later, 'all'));
      await own.measured(found?.study.id ?? '');
      const { frames } = await other.studies.images(grown);
      assert.equal(frames.length, 6);
      const { bytes } = await labelsOf(own, 'grown');
      const expected = Buffer.concat(
        frames.map(({ instanceUid }) => slices[uids.indexOf(instanceUid)] ?? new Uint8Array(size)),
      );
      assert.deepEqual(Buffer.from(bytes), expected);
      // What is still drawn on the former grid is refused, and loses nothing that is there.
      const late = encodeDifference([{ k: 0, before: new Uint8Array(size), after: new Uint8Array(size).fill(1) }]);
      await assert.rejects(
        send(own, 'grown', [{ ...act, id: 'h', parent: 'g', difference: late }]),
        isFault('conflict'),
      );
      await assert.rejects(send(own, 'grown', [{ ...act, id: 'i', difference: late }]), isFault('conflict'));
      const { current, history } = (await own.handlers.segmentations.get({ segmentationId: 'grown' }, context)) as {
        current: string | null;
        history: { title: string }[];
      };
      assert.deepEqual(
        history.map(({ title }) => title),
        ['Series changed'],
      );
      await send(own, 'grown', [{ ...act, id: 'k', parent: current, difference: late }]);
      // An image that turns out to be unreadable leaves its series.
      other.base.store.transaction((writer) =>
        writer.run("UPDATE instances SET refused = 'broken' WHERE sop_instance_uid = ?", uids[1] ?? ''),
      );
      await own.measured(found?.study.id ?? '');
      const [unseen] = other.studies.overlays(found?.study.id ?? '');
      assert.ok(unseen?.kind === 'labelmap' && unseen.labels.length === 0);
      assert.match(unseen.title, /images that it was drawn on are gone/);
      other.base.store.transaction((writer) => writer.run('UPDATE instances SET refused = NULL'));
      await own.measured(found?.study.id ?? '');
      const [seen] = other.studies.overlays(found?.study.id ?? '');
      assert.ok(seen?.kind === 'labelmap' && seen.labels.length === 1 && seen.title === 'Grown');
      assert.ok((seen.labels[0]?.voxels ?? 0) >= size);
    } finally {
      await own.close();
      await other.close();
      other.remove();
      rmSync(later, { recursive: true, force: true });
    }
  });

  test('with the study everything goes; a file that no row names is deleted at the start', async () => {
    writeFileSync(join(folderOf(), 'leftover.part'), 'x');
    await reopen();
    assert.ok(!readdirSync(folderOf()).includes('leftover.part'));
    assert.ok(readdirSync(folderOf()).length > 0);
    // What the reader wrote may name the patient.
    await domain.handlers.segmentations.rename({ segmentationId: 'walk', title: 'Liver of Zwetschgenröster' }, context);
    const named = [
      { value: 1, name: 'Edit^Edith Zwetschgenröster', code: null, color: [1, 2, 3] as [number, number, number] },
    ];
    const { current } = await get('walk');
    await send(domain, 'walk', [
      { kind: 'edit', id: 'named', parent: current, title: 'Rename segment', segments: named },
    ]);
    await world.studies.handlers.studies.remove({ studyId }, context);
    assert.deepEqual(readdirSync(folderOf()), []);
    for (const table of ['segmentation', 'segmentation_edit', 'segment_review'])
      assert.deepEqual(world.base.store.read.all(`SELECT * FROM ${table}`), [], table);
    const store = world.base.outside.storeFolder;
    for (const name of readdirSync(store).filter((one) => one.startsWith('sightline')))
      assert.ok(!readFileSync(join(store, name)).includes('Zwetschgenröster'), name);
  });
});
