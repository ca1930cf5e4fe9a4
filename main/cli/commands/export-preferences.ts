import { resolve } from 'node:path';
import { Fault, PreferenceFormat } from '../../../preload/contract/index.ts';
import { type Command, required } from '../command.ts';

export const exportPreferences: Command = {
  name: 'export preferences',
  usage: 'export preferences --format dpo|kto|stepwise|sft --out <file>',
  summary: 'De-identified preference data as JSON lines; --pixels adds images, --study <id> narrows.',
  flags: {
    format: { type: 'string' },
    out: { type: 'string' },
    pixels: { type: 'boolean' },
    study: { type: 'string', multiple: true },
  },
  run: async (call) => {
    const format = PreferenceFormat.safeParse(required(call, 'format'));
    if (!format.success) throw new Fault('invalid', `--format is one of ${PreferenceFormat.options.join(', ')}.`);
    const out = resolve(required(call, 'out'));
    const studyIds = Array.isArray(call.flags.study) ? call.flags.study.map(String) : [];
    const written = await call
      .backend()
      .domains.exports.write({ format: format.data, studyIds, includePixels: call.flags.pixels === true }, out);
    call.answer(written, () => `${written.lines} lines written: ${written.files.join(', ')}`);
  },
};
