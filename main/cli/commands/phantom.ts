import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Phantom, PhantomLineError, phantom, trainingExample } from '../../../models/kit/phantom/index.ts';
import { Fault } from '../../../preload/contract/index.ts';
import { writePhantom } from '../../dicom/write/index.ts';
import { type Call, type Command, required, wholeNumber, word } from '../command.ts';

const bytesOf = (values: Int16Array | Uint16Array | Uint8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** The truth without its arrays; labels and instances go beside it as files. */
const truthOf = (made: Phantom): Record<string, unknown> => {
  const { image, labels, ...rest } = made;
  const { instances: _instances, ...truth } = { instances: null, ...rest };
  return { ...truth, dims: image.dims, labelDims: labels.dims, affineVoxelToPatient: image.affineVoxelToPatient };
};

const asDicom = async (call: Call, line: string, seed: string, index: number, out: string): Promise<string> => {
  const made = phantom(line, { seed: `${seed}/${index}` });
  const number = String(index).padStart(5, '0');
  const birthYear = 2026 - made.patient.ageYears;
  const folder = join(out, number);
  await writePhantom(
    made,
    {
      name: `Phantom^${number}`,
      id: `PHANTOM-${seed}-${number}`,
      birthDate: `${birthYear}-01-01`,
      studyDate: '2026-06-01',
      studyTime: '09:30:00',
      description: made.kind === 'ct' ? 'Phantom CT' : 'Phantom chest radiograph',
      accession: `P${number}`,
      key: `${line}/${seed}/${index}`,
    },
    folder,
  );
  call.signal.throwIfAborted();
  writeFileSync(join(out, `${number}.labels.raw`), bytesOf(made.labels.data));
  if (made.kind === 'ct') writeFileSync(join(out, `${number}.instances.raw`), bytesOf(made.instances.data));
  // The truth last: where it stands, what it speaks of is complete.
  writeFileSync(join(out, `${number}.json`), JSON.stringify({ ...truthOf(made), index, seed, studyFolder: number }));
  return folder;
};

const asArrays = (line: string, seed: string, index: number, out: string): string => {
  const example = trainingExample(line, seed, index);
  writeFileSync(join(out, `${index}.image.raw`), bytesOf(example.image));
  writeFileSync(join(out, `${index}.labels.raw`), example.labels);
  if (example.instances) writeFileSync(join(out, `${index}.instances.raw`), example.instances);
  writeFileSync(join(out, `${index}.json`), JSON.stringify(example.truth));
  return join(out, `${index}.json`);
};

export const phantomData: Command = {
  name: 'phantom',
  usage: "phantom '<line>' --out <folder> [--count N] [--seed S] [--raw]",
  summary: 'Procedural patients as DICOM with their exact truth; --raw writes arrays for the training recipes.',
  flags: { count: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' }, raw: { type: 'boolean' } },
  run: async (call) => {
    const line = word(call, 0, 'line');
    const out = resolve(required(call, 'out'));
    const count = wholeNumber(call, 'count', 1);
    const seed = typeof call.flags.seed === 'string' ? call.flags.seed : '1';
    mkdirSync(out, { recursive: true });
    const written: string[] = [];
    try {
      for (let index = 0; index < count; index++) {
        call.signal.throwIfAborted();
        written.push(
          call.flags.raw === true ? asArrays(line, seed, index, out) : await asDicom(call, line, seed, index, out),
        );
        // Rendering does not wait for anything: let the stop key be heard between two.
        await new Promise((resume) => setImmediate(resume));
      }
    } catch (error) {
      if (error instanceof PhantomLineError) throw new Fault('invalid', error.message);
      throw error;
    }
    call.answer({ out, count, seed, line, written }, () => `${count} phantoms in ${out}`);
  },
};
