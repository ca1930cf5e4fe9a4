/**
 * Writes training data with truth, without DICOM:
 *   node models/train/tools/phantoms.ts --line 'xray 256x256 random' --count N --seed S --out DIR [--from I]
 *     [--phrases a|b] [--range in|out]
 * For each i: i.image.raw (little endian, dtype in i.json), i.labels.raw (uint8), i.instances.raw (uint8, CT), i.json.
 * Photographs of the retina ('fundus 912x606 random'): i.rgb.raw ([rows, columns, 3] uint8), i.cells.raw (uint8, bit n:
 * lesion n), i.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fundusPhantom } from '../../kit/phantom/fundus.ts';
import { trainingExample } from '../../kit/phantom/index.ts';

const { values } = parseArgs({
  options: {
    line: { type: 'string', default: 'xray 256x256 random' },
    count: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    out: { type: 'string' },
    phrases: { type: 'string', default: 'a' },
    range: { type: 'string', default: 'in' },
  },
});
const { phrases, range, out } = values;
const count = Number(values.count),
  from = Number(values.from);
if (
  out === undefined ||
  !Number.isInteger(count) ||
  !Number.isInteger(from) ||
  (phrases !== 'a' && phrases !== 'b') ||
  (range !== 'in' && range !== 'out')
) {
  process.stderr.write(
    "phantoms: --line '<line>' --count N --seed S --out DIR [--from I] [--phrases a|b] [--range in|out]\n",
  );
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const bytes = (a: Int16Array | Uint16Array | Uint8Array): Uint8Array =>
  new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
/** Arrays by the name of their file, and what is true of them. */
const example = (i: number): { arrays: Readonly<Record<string, Uint8Array>>; truth: object } => {
  if (/^fundus\b/.test(values.line)) {
    const { rgb, cells, ...truth } = fundusPhantom(values.line, `${values.seed}/${i}`);
    return { arrays: { rgb, cells }, truth: { ...truth, index: i } };
  }
  const { image, labels, instances, truth } = trainingExample(values.line, values.seed, i, { phrases, range });
  return { arrays: { image: bytes(image), labels, ...(instances ? { instances } : {}) }, truth };
};
const start = performance.now();
for (let i = from; i < from + count; i++) {
  const { arrays, truth } = example(i);
  for (const [name, array] of Object.entries(arrays)) writeFileSync(join(out, `${i}.${name}.raw`), array);
  // the truth last: where it stands, the arrays are complete
  writeFileSync(join(out, `${i}.json`), JSON.stringify(truth));
}
const seconds = (performance.now() - start) / 1000;
process.stdout.write(`${count} phantoms in ${seconds.toFixed(1)} s, ${(count / seconds).toFixed(2)} per second\n`);
