/** 45 X-rays and 5 CTs through the whole pipeline; the long test runs ten times as many. */
import { bars, throughThePipeline } from '../phantoms/pipeline.ts';
import { report } from '../phantoms/score.ts';

const start = performance.now();
const { xray, ct, all } = await throughThePipeline({ xrays: 45, cts: 5, seed: 'bench', progress: () => {} });
console.log(`X-rays\n${report(xray)}\n\nCTs\n${report(ct)}\n\nAll\n${report(all)}\n`);
for (const { name, holds } of bars(all)) console.log(`${holds ? 'holds ' : 'misses'}  ${name}`);
console.log(`${((performance.now() - start) / 1000 / all.studies).toFixed(1)} s a study`);
