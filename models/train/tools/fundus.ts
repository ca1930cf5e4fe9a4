/**
 * Writes drawn photographs of the retina with truth:
 *   node models/train/tools/fundus.ts --line 'fundus 912x606 random' --count N --seed S --out DIR [--from I]
 * For each i: i.rgb.raw ([rows, columns, 3] uint8), i.cells.raw (uint8, bit n: lesion n), i.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fundusPhantom } from '../../kit/phantom/fundus.ts';

const { values } = parseArgs({
  options: {
    line: { type: 'string', default: 'fundus 912x606 random' },
    count: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});
const { out, line, seed } = values;
const [count, from] = [Number(values.count), Number(values.from)];
if (out === undefined || !Number.isInteger(count) || !Number.isInteger(from)) {
  process.stderr.write("fundus: --line '<line>' --count N --seed S --out DIR [--from I]\n");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
for (let i = from; i < from + count; i++) {
  const { rgb, cells, ...truth } = fundusPhantom(line, `${seed}/${i}`);
  writeFileSync(join(out, `${i}.rgb.raw`), rgb);
  writeFileSync(join(out, `${i}.cells.raw`), cells);
  // the truth last: where it stands, the arrays are complete
  writeFileSync(join(out, `${i}.json`), JSON.stringify({ ...truth, index: i }));
}
