import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Phantom, PhantomLineError, phantom } from '../../../models/kit/phantom/index.ts';
import { Fault } from '../../../preload/contract/index.ts';
import { writePhantom } from '../../dicom/write/index.ts';
import { type Command, required, wholeNumber, word } from '../command.ts';

const MOST = 100_000;

/** What was planted, without the pixels: for training and for scores. */
const truthOf = (made: Phantom) => ({
  line: made.line,
  seed: made.seed,
  kind: made.kind,
  patient: made.patient,
  dims: made.image.dims,
  affineVoxelToPatient: made.image.affineVoxelToPatient,
  lesions: made.lesions,
  marks: made.marks,
  report: made.report,
  ...(made.kind === 'xray'
    ? { view: made.view, magnification: made.magnification, cardiothoracicRatio: made.cardiothoracicRatio }
    : {}),
});

const bytesOf = (data: Int16Array | Uint16Array | Uint8Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Little endian, i fastest, then j, then k: image (int16 HU or uint16), labels (uint8). */
const writeRaw = async (made: Phantom, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'image.raw'), bytesOf(made.image.data));
  if (made.labels) await writeFile(join(folder, 'labels.raw'), bytesOf(made.labels.data));
};

export const phantomData: Command = {
  name: 'phantom',
  usage: "phantom '<line>' --count N --seed S --out <folder> [--raw]",
  summary: 'Procedural patients with exact truth, as DICOM or raw arrays.',
  flags: { count: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' }, raw: { type: 'boolean' } },
  run: async (call) => {
    const line = word(call, 0, 'line');
    const out = resolve(required(call, 'out'));
    const count = wholeNumber(call, 'count', 1);
    if (count < 1 || count > MOST) throw new Fault('invalid', `--count is from 1 to ${MOST}.`);
    const seed = typeof call.flags.seed === 'string' ? call.flags.seed : '1';
    for (let n = 0; n < count; n++) {
      if (call.signal.aborted) throw new Fault('cancelled', 'Stopped.');
      const key = `${seed}/${n}`;
      const name = String(n).padStart(5, '0');
      const folder = join(out, name);
      try {
        const made = phantom(line, { seed: key });
        if (call.flags.raw === true) await writeRaw(made, folder);
        else {
          const born = 2026 - made.patient.ageYears;
          await writePhantom(
            made,
            {
              name: `Phantom^${name}`,
              id: `PHANTOM-${name}`,
              birthDate: `${born}-01-01`,
              studyDate: '2026-06-01',
              studyTime: '09:00:00',
              description: made.kind === 'ct' ? 'CT phantom' : 'Radiograph phantom',
              accession: '',
              key: `${line}/${key}`,
            },
            folder,
          );
        }
        await writeFile(join(folder, 'truth.json'), `${JSON.stringify(truthOf(made))}\n`);
      } catch (error) {
        if (error instanceof PhantomLineError) throw new Fault('invalid', error.message);
        throw error;
      }
      call.note(`${n + 1} of ${count}`);
    }
    call.answer({ out, count }, () => `${count} in ${out}`);
  },
};
