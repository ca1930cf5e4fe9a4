import { Fault } from '../../preload/contract/index.ts';
import { type ActName, acts, say } from './acts.ts';

const [name = '', folder = '', from = '0'] = process.argv.slice(2);
try {
  await acts[name as ActName](folder, Number(from));
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  // What a reader would be told: a disk that is full or broken is no mistake of the program.
  say(`fault ${error.code} ${error.message}`);
  process.exit(0);
}
