/**
 * Which models fit which series, asked as the findings list asks: of every series of a study, after each change.
 *
 *     node test/bench/suitable.ts [series] [images of each]
 */
import { join } from 'node:path';
import { createInference } from '../../main/inference/index.ts';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import { writeDrawnCt } from './drawn-ct.ts';
import { median } from './figures.ts';

const SERIES = Number(process.argv[2] ?? 200);
const SLICES = Number(process.argv[3] ?? 40);
const ROUNDS = 5;

const bench = temporaryStudies();
const modelFolders = [join(import.meta.dirname, '../../models/packages')];
const inference = createInference({ ...bench.base, outside: { ...bench.base.outside, modelFolders } }, bench.studies);
const { suitable } = inference.handlers.inference;
const never = { signal: new AbortController().signal };
try {
  const place = bench.place();
  for (let n = 0; n < SERIES; n++)
    writeDrawnCt(join(place, String(n)), {
      slices: SLICES,
      side: 16,
      gapMm: 3,
      root: '78',
      series: n,
      name: 'Bench^Suitable',
      patientId: 'SUITABLE',
      draw: (pixels, k) => pixels.fill(k),
    });
  await bench.import(place);
  const [opened] = bench.list();
  if (opened?.series.length !== SERIES) throw new Error(`${opened?.series.length} of ${SERIES} series`);
  const ask = async (): Promise<number> => {
    const from = performance.now();
    const answers = await Promise.all(opened.series.map(({ id }) => suitable({ seriesId: id }, never)));
    if (answers.some(({ packages }) => packages.length !== 1)) throw new Error('the CT model does not fit each series');
    return performance.now() - from;
  };
  const asked = async (before: () => void): Promise<string> => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      before();
      times.push(await ask());
    }
    return `${Math.round(median(times))} ms (${times.map(Math.round).join(', ')})`;
  };
  console.log(`${SERIES} series of ${SLICES} images, first asked: ${Math.round(await ask())} ms`);
  console.log(`asked again: ${await asked(() => {})}`);
  console.log(
    `asked again after something else was saved: ${await asked(() =>
      bench.base.store.transaction((writer) => bench.studies.setStatus(writer, opened.study.id, 'unread')),
    )}`,
  );
} finally {
  await inference.close();
  await bench.close();
  bench.remove();
}
