import { Fault } from '../../../preload/contract/index.ts';
import { type Command, required, word } from '../command.ts';

export const phantomData: Command = {
  name: 'phantom',
  usage: "phantom '<line>' --count N --seed S --out <folder>",
  summary: 'Procedural patients with exact truth.',
  flags: { count: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' } },
  run: async (call) => {
    word(call, 0, 'line');
    required(call, 'out');
    throw new Fault('refused', 'Not built yet.');
  },
};
