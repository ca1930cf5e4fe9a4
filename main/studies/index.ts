import { join } from 'node:path';
import { Fault } from '../../preload/contract/index.ts';
import type { Base, Studies } from '../domains.ts';
import { createChanges } from '../process/changes.ts';
import { createAttachment } from './attach.ts';
import { createHeaders } from './headers.ts';
import { createImages } from './images.ts';
import { createImports } from './import.ts';
import { importedFiles, listImports } from './import-records.ts';
import { createMeasuring } from './measuring.ts';
import { createMedia } from './media.ts';
import { createObjects } from './objects.ts';
import { createOverlays } from './overlays.ts';
import { createPixels } from './pixels.ts';
import { createPlaces } from './places.ts';
import { getSeries, getStudy, listStudies, samePatient, unreadStudy } from './query.ts';
import { createRemoval } from './remove.ts';
import { checkSources } from './source-check.ts';
import { createSplit, splitSeries } from './split.ts';
import { createUploads } from './uploads.ts';

/** Studies: import, index, worklist, pixels, marks. */
export const createStudies = (base: Base): Studies => {
  const { store, outside, newId } = base;
  const changes = createChanges<{ studyId: string | null }>();
  const changed = (studyId: string | null): void => changes.tell({ studyId });
  const images = createImages(base, changed, (writer, baseId) => splitSeries(writer, baseId, newId));
  const { split } = createSplit(base, changed);
  const pixels = createPixels(base, images);
  const overlays = createOverlays(base, images, changed);
  const measuring = createMeasuring(base, images);
  const uploads = createUploads(base);
  const places = createPlaces(outside, newId);
  const { attach } = createAttachment(base, { images, pixels, overlays });
  const imports = createImports(base, {
    changed,
    // Marks lie on the parts that a series is shown as.
    attach: async (importId, signal) => {
      await split(importId, signal);
      await attach(importId, signal);
    },
  });
  const overlaySources: Parameters<Studies['moreOverlays']>[0][] = [];
  const allOverlays: Studies['overlays'] = (studyId) => [
    ...overlays.ofStudy(studyId),
    ...overlaySources.flatMap((source) => source(studyId)),
  ];
  const removeListeners: Parameters<Studies['onRemove']>[0][] = [];
  const removal = createRemoval(base, {
    listeners: removeListeners,
    overlayFiles: overlays.filesOf,
    cacheFolder: pixels.folderOf,
  });
  void removal.finish().catch((error: unknown) => outside.log.error('files of removed studies are still there', error));

  const ending = new AbortController();
  const checked = checkSources(base, ending.signal, changed).catch((error: unknown) =>
    outside.log.error('the files of studies could not be looked at', error),
  );

  const seriesImages: Studies['images'] = async (seriesId) => {
    const plan = images.plan(seriesId);
    // Whoever asks for the images asks for their pixels next: the processes start meanwhile.
    pixels.warm(plan);
    await images.verify(plan);
    const ranges = await pixels.ranges(plan);
    if (!ranges) return plan.images;
    return { ...plan.images, frames: plan.images.frames.map((frame, i) => ({ ...frame, range: ranges[i] ?? null })) };
  };

  return {
    handlers: {
      imports: {
        ways: () => ({ roots: Object.keys(outside.roots), dialog: outside.pickFolder !== null, upload: true }),
        browse: ({ root, segments }) => ({ entries: places.browse(root, segments) }),
        pick: () => places.pick(),
        openUpload: () => ({ uploadId: uploads.open() }),
        start: ({ source, copy }) => {
          if (source.kind !== 'upload') return imports.start(places.resolve(source), { copy });
          const folder = uploads.take(source.uploadId);
          return imports.start(folder, { copy: true, after: () => uploads.forget(folder) });
        },
        resume: ({ importId }) => imports.resume(importId),
        list: () => ({ imports: listImports(store.read) }),
        files: (which) => importedFiles(store.read, which),
      },
      studies: {
        list: (query) => listStudies(store.read, query),
        get: ({ studyId }) => getStudy(store.read, studyId),
        samePatient: ({ studyId }) => ({ studies: samePatient(store.read, studyId) }),
        unread: ({ from, direction }) => ({ studyId: unreadStudy(store.read, from, direction) }),
        images: ({ seriesId }) => seriesImages(seriesId),
        overlays: ({ studyId }) => ({ overlays: allOverlays(studyId) }),
        setStatus: ({ studyId, status }) => {
          getStudy(store.read, studyId);
          store.transaction((writer) => writer.run('UPDATE studies SET status = ? WHERE id = ?', status, studyId));
          changed(studyId);
          return {};
        },
        remove: async ({ studyId }) => {
          await removal.remove(studyId);
          changed(null);
          return {};
        },
        remember: ({ studyId, view }) => {
          getStudy(store.read, studyId);
          store.transaction((writer) =>
            writer.run(
              'INSERT OR REPLACE INTO view_memory (study_id, view, at) VALUES (?, ?, ?)',
              studyId,
              JSON.stringify(view),
              outside.now().toISOString(),
            ),
          );
          return {};
        },
        recall: ({ studyId }) => {
          const row = store.read.get<{ study_id: string; view: string }>(
            'SELECT study_id, view FROM view_memory WHERE ?1 IS NULL OR study_id = ?1 ORDER BY at DESC LIMIT 1',
            studyId,
          );
          if (!row) return { studyId, view: null };
          return { studyId: row.study_id, view: JSON.parse(row.view) };
        },
        changed: (_params, emit, signal) => changes.listen(emit, signal),
      },
    },
    media: createMedia({ images, pixels, overlays, uploads }),
    study: (studyId) => getStudy(store.read, studyId),
    seriesOf: (seriesId) => getSeries(store.read, seriesId),
    images: seriesImages,
    recorded: (seriesId) => images.plan(seriesId).images,
    pixelTag: images.tagOf,
    decoded: (seriesId, signal) => pixels.decoded(images.plan(seriesId), signal),
    overlays: allOverlays,
    overlay: overlays.get,
    overlayBytes: overlays.anyBytes,
    moreOverlays: (source) => {
      overlaySources.push(source);
    },
    headers: createHeaders(base, join(outside.storeFolder, 'files')),
    objects: createObjects(base, images),
    scales: measuring.scales,
    classes: measuring.classes,
    putOverlay: overlays.put,
    removeOverlays: (studyId, made) => overlays.remove(studyId, made.package, made.seriesId ?? null),
    setStatus: (writer, studyId, status) => {
      if (writer.run('UPDATE studies SET status = ? WHERE id = ?', status, studyId).changes === 0)
        throw new Fault('not-found', 'There is no such study.', { studyId });
    },
    changed,
    onRemove: (listener) => {
      removeListeners.push(listener);
    },
    importPath: (path, { copy }) => imports.start(path, { copy }),
    resolve: (source) => {
      if (source.kind === 'upload') return uploads.take(source.uploadId);
      return places.resolve(source);
    },
    close: async () => {
      ending.abort();
      await checked;
      await imports.close();
      await pixels.close();
    },
  };
};
