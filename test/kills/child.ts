import { type ActName, acts } from './acts.ts';

const [name = '', folder = '', from = '0'] = process.argv.slice(2);
await acts[name as ActName](folder, Number(from));
