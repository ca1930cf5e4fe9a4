/**
 * Rate of import against one dcmdump process that writes nowhere: LIDC repeated to 5,000 files, each with UIDs of its
 * own, warm cache, rows committed.
 *
 *     node test/bench/import.ts [files]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import { median } from './figures.ts';

const LIDC = join(import.meta.dirname, '../../../shared/data/ct/lidc-idri-0314');
const ROUNDS = 5;
/** More than one process is asked for at once: both have started then. */
const WARM_FILES = 129;
const wanted = Number(process.argv[2] ?? 5000);

/** SOP Instance UIDs of the same length, so that nothing else of the file moves. */
const renamed = (bytes: Buffer, round: number): Buffer => {
  const copy = Buffer.from(bytes);
  const mark = Buffer.from([0x08, 0x00, 0x18, 0x00, 0x55, 0x49]);
  const at = copy.indexOf(mark);
  const length = copy.readUInt16LE(at + 6);
  const digits = String(round).padStart(3, '0');
  copy.write(digits, at + 8 + (copy[at + 8 + length - 1] === 0 ? length - 1 : length) - 3, 'latin1');
  const series = copy.indexOf(Buffer.from([0x20, 0x00, 0x0e, 0x00, 0x55, 0x49]));
  const seriesLength = copy.readUInt16LE(series + 6);
  copy.write(
    digits,
    series + 8 + (copy[series + 8 + seriesLength - 1] === 0 ? seriesLength - 1 : seriesLength) - 3,
    'latin1',
  );
  return copy;
};

if (!existsSync(LIDC)) {
  console.log('import rate: shared data absent');
  process.exit(0);
}
try {
  execFileSync('dcmdump', ['--version'], { stdio: 'ignore' });
} catch {
  console.log('import rate: dcmdump (package dcmtk) absent');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'));
const warm = mkdtempSync(join(tmpdir(), 'sightline-bench-'));
try {
  const names = readdirSync(LIDC).filter((name) => name.endsWith('.dcm'));
  for (let n = 0; n < wanted; n++) {
    const round = Math.floor(n / names.length);
    const name = names[n % names.length] ?? '';
    const into = join(folder, String(round));
    if (n % names.length === 0) mkdirSync(into);
    writeFileSync(join(into, name), renamed(readFileSync(join(LIDC, name)), round));
  }
  for (const name of names.slice(0, WARM_FILES))
    writeFileSync(join(warm, name), renamed(readFileSync(join(LIDC, name)), 999));
  const dcmdumpMs: number[] = [];
  const importMs: number[] = [];
  const firstMs: number[] = [];
  // The first of them with processes that are yet to start, told apart.
  for (let round = 0; round <= ROUNDS; round++) {
    let from = performance.now();
    execFileSync('dcmdump', ['+sd', '+r', folder], { stdio: 'ignore' });
    dcmdumpMs.push(performance.now() - from);
    const s = temporaryStudies();
    try {
      // The program runs already, as it does when a reader imports: starting it is not the import's time.
      if (round > 0) await s.import(warm);
      from = performance.now();
      await s.import(folder);
      (round > 0 ? importMs : firstMs).push(performance.now() - from);
      const rows = s.base.store.read.get<{ n: number }>('SELECT count(*) AS n FROM instances')?.n;
      const expected = wanted + (round > 0 ? WARM_FILES : 0);
      if (rows !== expected) throw new Error(`${rows} of ${expected} files in the database`);
    } finally {
      await s.close();
      s.remove();
    }
  }
  const rate = (ms: number): string => Math.round((1000 * wanted) / ms).toLocaleString('en-US');
  const [a, b] = [median(importMs), median(dcmdumpMs)];
  console.log(`import: ${rate(a)} files a second (${importMs.map(Math.round).join(', ')} ms for ${wanted})`);
  console.log(`import with processes that are yet to start: ${rate(median(firstMs))} files a second`);
  console.log(`dcmdump: ${rate(b)} files a second (${dcmdumpMs.map(Math.round).join(', ')} ms)`);
  console.log(`import / dcmdump: ${(b / a).toFixed(2)}`);
} finally {
  for (const one of [folder, warm]) rmSync(one, { recursive: true, force: true });
}
