/** A phantom taken in with its own labels as marks, for flows of the viewer. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createBackend } from '../../main/backend.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { LABELS, type Phantom, phantom } from '../../models/kit/phantom/index.ts';
import type { Overlay, VoxelBox } from '../../preload/contract/index.ts';

export type CtPhantom = Extract<Phantom, { kind: 'ct' }>;

/** The phantom's own labels (all but the body's) as a labelmap of the series. */
export const truthOverlay = (made: CtPhantom, seriesId: string): { overlay: Overlay; bytes: Uint8Array } => {
  const [nx, ny, nz] = made.labels.dims;
  const bytes = Uint8Array.from(made.labels.data, (value) => (value === 1 ? 0 : value));
  const found = new Map<number, { voxels: number; bounds: [number, number, number, number, number, number] }>();
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) {
        const value = bytes[i + nx * (j + ny * k)] ?? 0;
        if (value === 0) continue;
        const known = found.get(value) ?? { voxels: 0, bounds: [i, j, k, i, j, k] };
        const b = known.bounds;
        found.set(value, {
          voxels: known.voxels + 1,
          bounds: [
            Math.min(b[0], i),
            Math.min(b[1], j),
            Math.min(b[2], k),
            Math.max(b[3], i + 1),
            Math.max(b[4], j + 1),
            Math.max(b[5], k + 1),
          ],
        });
      }
  const labels = LABELS.flatMap((label) => {
    const one = found.get(label.id);
    if (one === undefined) return [];
    const bounds: VoxelBox = one.bounds;
    return [
      {
        value: label.id,
        name: label.name,
        code: label.code,
        color: label.rgb,
        voxels: one.voxels,
        volumeMl: null,
        bounds,
      },
    ];
  });
  return {
    bytes,
    overlay: {
      kind: 'labelmap',
      id: 'truth',
      seriesId,
      maker: { kind: 'reader' },
      createdAt: '2026-01-01T00:00:00.000Z',
      title: 'Truth',
      dims: made.labels.dims,
      labels,
    },
  };
};

const silent = { info: () => {}, warn: () => {}, error: () => {} };

type MarksOf = (made: CtPhantom, seriesId: string) => { readonly overlay: Overlay; readonly bytes: Uint8Array };

/** The phantom taken in, with marks; answers the id of its series. */
const fill = async (storeFolder: string, folder: string, made: CtPhantom, marks: MarksOf): Promise<string> => {
  const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log: silent }));
  try {
    const { studies, jobs } = backend.domains;
    await jobs.ended(studies.importPath(folder, { copy: true, label: 'flow' }).jobId);
    const { studies: found } = await backend.handlers.studies.list(
      { text: '', modality: null, status: null, from: null, to: null, order: 'newest', limit: 10, offset: 0 },
      { signal: new AbortController().signal },
    );
    const series = studies.study(found[0]?.id ?? '').series.find((one) => one.kind === 'image');
    assert.ok(series);
    const { overlay, bytes } = marks(made, series.id);
    await studies.putOverlay(overlay, bytes);
    return series.id;
  } finally {
    await backend.close();
  }
};

/** Where a voxel's middle lies on the page, from what the viewport says: the whole image, fitted, unturned. */
export const pointOf = async (
  page: Page,
  view: string,
  columns: number,
  rows: number,
  at: readonly [number, number],
) => {
  const box = await page.locator(`[data-testid="viewport-${view}"]`).boundingBox();
  assert.ok(box);
  const scale = Math.min(box.width / columns, box.height / rows);
  return {
    x: box.x + box.width / 2 + (at[0] + 0.5 - columns / 2) * scale,
    y: box.y + box.height / 2 + (at[1] + 0.5 - rows / 2) * scale,
  };
};

export const ready = (page: Page, view: string, index?: number) =>
  page.waitForSelector(
    `[data-testid="viewport-${view}"][data-state="ready"]${index === undefined ? '' : `[data-frame-index="${index}"]`}`,
  );

export interface PhantomStudy {
  readonly made: CtPhantom;
  readonly storeFolder: string;
  readonly seriesId: string;
  remove(): void;
}

/** Written as DICOM, imported into a store of its own, with marks. */
export const phantomStudy = async (line: string, marks: MarksOf = truthOverlay): Promise<PhantomStudy> => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-phantom-'));
  const storeFolder = mkdtempSync(join(tmpdir(), 'sightline-flow-'));
  const made = phantom(line, { seed: 11 });
  if (made.kind !== 'ct') throw new Error('this flow wants a CT');
  await writePhantom(
    made,
    {
      name: 'Flow^Frieda',
      id: 'FLOW-1',
      birthDate: '1960-02-03',
      studyDate: '2026-06-01',
      studyTime: '09:30:00',
      description: 'Phantom CT',
      accession: 'A1',
      key: 'flow',
    },
    folder,
  );
  const seriesId = await fill(storeFolder, folder, made, marks);
  return {
    made,
    storeFolder,
    seriesId,
    remove: () => {
      for (const one of [folder, storeFolder]) rmSync(one, { recursive: true, force: true });
    },
  };
};
