/** A CT of drawn values, for benchmarks: 0.7 mm pixels, axial, HU as they are. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend } from '../../main/backend.ts';
import { part10 } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';

export interface DrawnCt {
  readonly slices: number;
  readonly side: number;
  readonly gapMm: number;
  /** Of study, series and images: '2.25.<root>...'. */
  readonly root: string;
  /** One of several of the study. */
  readonly series?: number;
  readonly name: string;
  readonly patientId: string;
  /** Fills the values of slice k, [side * side]. */
  readonly draw: (pixels: Int16Array, k: number) => void;
  readonly window?: readonly [center: number, width: number];
}

export const writeDrawnCt = (folder: string, ct: DrawnCt): void => {
  const { slices, side, root, series = 0, window } = ct;
  mkdirSync(folder, { recursive: true });
  const pixels = new Int16Array(side * side);
  for (let k = 0; k < slices; k++) {
    ct.draw(pixels, k);
    writeFileSync(
      join(folder, `${k}.dcm`),
      part10('1.2.840.10008.5.1.4.1.1.2', `2.25.${root}.${series}.${k + 1}`, [
        ['00080060', 'CS', 'CT'],
        ['00100010', 'PN', ct.name],
        ['00100020', 'LO', ct.patientId],
        ['0020000D', 'UI', `2.25.${root}.10000`],
        ['0020000E', 'UI', `2.25.${root}.${10_003 + series}`],
        ['00200011', 'IS', series + 1],
        ['00200013', 'IS', k + 1],
        ['00200032', 'DS', [-180, -180, k * ct.gapMm]],
        ['00200037', 'DS', [1, 0, 0, 0, 1, 0]],
        ['00200052', 'UI', `2.25.${root}.10002`],
        ['00280002', 'US', 1],
        ['00280004', 'CS', 'MONOCHROME2'],
        ['00280010', 'US', side],
        ['00280011', 'US', side],
        ['00280030', 'DS', [0.7, 0.7]],
        ['00280100', 'US', 16],
        ['00280101', 'US', 16],
        ['00280102', 'US', 15],
        ['00280103', 'US', 1],
        ...(window
          ? ([
              ['00281050', 'DS', window[0]],
              ['00281051', 'DS', window[1]],
            ] as const)
          : []),
        ['00281052', 'DS', 0],
        ['00281053', 'DS', 1],
        ['00281054', 'LO', 'HU'],
        ['7FE00010', 'OW', new Uint8Array(pixels.buffer)],
      ]),
    );
  }
};

/** The store with what the folder holds, and then with what is put beside it. */
export const fillStore = async (
  storeFolder: string,
  folder: string,
  put: (backend: ReturnType<typeof createBackend>) => Promise<void> = async () => {},
): Promise<void> => {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const backend = createBackend(outsideNode({ shell: 'cli', storeFolder, roots: {}, log }));
  try {
    const { studies, jobs } = backend.domains;
    await jobs.ended(studies.importPath(folder, { copy: false, label: 'bench' }).jobId);
    await put(backend);
  } finally {
    await backend.close();
  }
};
