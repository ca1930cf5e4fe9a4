import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seeded } from '../../models/kit/random.ts';
import { decodePixels, openInstance, Refusal, sourceOfBytes, TAG, Unreadable } from '../dicom/index.ts';
import { encapsulated, file, type TestItem } from '../dicom/test-bytes.ts';
import { readFiles } from './reading.ts';

const folder = mkdtempSync(join(tmpdir(), 'sightline-reading-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const NAME = 'Geheim^Gustav';
const elements = (photometric: string): TestItem => [
  [TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
  [TAG.SOPInstanceUID, 'UI', '2.25.7'],
  [TAG.Modality, 'CS', 'CT'],
  [TAG.PatientName, 'PN', NAME],
  [
    TAG.SharedFunctionalGroupsSequence,
    'SQ',
    [[[TAG.PixelMeasuresSequence, 'SQ', [[[TAG.PixelSpacing, 'DS', '1\\1']]]]]],
  ],
  [TAG.SamplesPerPixel, 'US', 1],
  [TAG.PhotometricInterpretation, 'CS', photometric],
  [TAG.NumberOfFrames, 'IS', '2'],
  [TAG.Rows, 'US', 4],
  [TAG.Columns, 'US', 4],
  [TAG.BitsAllocated, 'US', 8],
  [TAG.BitsStored, 'US', 8],
  [TAG.HighBit, 'US', 7],
  [TAG.PixelRepresentation, 'US', 0],
];
const rleFrame = Buffer.concat([Buffer.from([1, 0, 0, 0, 64, 0, 0, 0]), Buffer.alloc(56), Buffer.from([0xf1, 7])]);
const SAMPLES: readonly Buffer[] = [
  file('1.2.840.10008.1.2.1', [...elements('MONOCHROME2'), [TAG.PixelData, 'OB', new Uint8Array(32)]], {
    undefinedLength: true,
  }),
  file('1.2.840.10008.1.2', [...elements('MONOCHROME1'), [TAG.PixelData, 'OW', new Uint8Array(32)]], {
    explicit: false,
  }),
  file('1.2.840.10008.1.2.2', [...elements('MONOCHROME2'), [TAG.PixelData, 'OW', new Uint8Array(32)]], {
    little: false,
  }),
  file('1.2.840.10008.1.2.1.99', [...elements('MONOCHROME2'), [TAG.PixelData, 'OB', new Uint8Array(32)]]),
  Buffer.concat([file('1.2.840.10008.1.2.5', elements('MONOCHROME2')), encapsulated([rleFrame, rleFrame])]),
];

test('damaged files have an outcome, soon, and without the patient’s name in it', async () => {
  const random = seeded('damaged files');
  const path = join(folder, 'x');
  let images = 0;
  for (let n = 0; n < 500; n++) {
    const bytes = Buffer.from(SAMPLES[n % SAMPLES.length] ?? []);
    for (let hits = random.integer(0, 4); hits > 0; hits--)
      bytes[random.integer(128, bytes.length - 1)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.integer(0, 255)]);
    const cut = random.next() < 0.2 ? bytes.subarray(0, random.integer(1, bytes.length)) : bytes;
    writeFileSync(path, cut);
    const from = performance.now();
    const [read] = await readFiles([{ path, name: 'x' }]);
    assert.ok(read);
    const reason = read.kind === 'instance' ? (read.words.refused ?? '') : read.kind === 'archive' ? '' : read.reason;
    assert.doesNotMatch(reason, /Geheim|Gustav|cannot be read \(/, `sample ${n}`);
    if (read.kind === 'instance' && read.image !== null) {
      images += 1;
      try {
        const instance = openInstance(sourceOfBytes(cut));
        const { frames, rows, columns } = instance.words.layout;
        for (let frame = 0; frame < Math.min(frames, 3); frame++) {
          const samples = await decodePixels(instance, frame);
          assert.ok(samples.length >= rows * columns, `sample ${n}`);
        }
      } catch (error) {
        assert.ok(
          error instanceof Unreadable || error instanceof Refusal || error instanceof RangeError,
          `sample ${n}: ${error}`,
        );
      }
    }
    assert.ok(performance.now() - from < 4000, `sample ${n} took too long`);
  }
  assert.ok(images > 100, `${images} still images: the damage is not so great that nothing is tested`);
});
