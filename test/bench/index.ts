/** npm run bench: every figure that this machine can measure, one after another. A word runs only what contains it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Files beside this one, with what they measure. */
const BENCHES = [
  ['import', 'files a second, rows committed, against one dcmdump process'],
  ['vectors', 'search by likeness: recall and time against the exact scan'],
  ['search', 'earlier reports found by words, by the encoder and by both, judged by the Indiana reports'],
  ['drafts', 'drafts of chest films: the network, the template, a constant; held-out phantoms'],
  ['suitable', 'which models fit, asked of every series of a study of hundreds'],
  ['labels', 'labels in the window: switching, brush to eraser, undo'],
  ['speed', 'the viewer against a plain Cornerstone3D page: opening, scrolling, memory'],
  ['scale', '1,500 slices of 512x512 in two GiB: opened, scrolled, reformatted'],
  ['phantoms', 'phantoms through the whole pipeline'],
  ['packages', 'what ships: loading, and answers to a retina, a film, a draft, a chest CT of 300 slices'],
] as const;

const wanted = process.argv.slice(2);
let failed = 0;
for (const [name, what] of BENCHES) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
  console.log(`\n${name}: ${what}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;
