import type { StudySummary } from '../../../preload/contract/index.ts';
import type { Command } from '../command.ts';

export const studies: Command = {
  name: 'studies',
  usage: 'studies [--text words]',
  summary: 'The worklist.',
  flags: { text: { type: 'string' } },
  run: async (call) => {
    const { handlers } = call.backend();
    const text = typeof call.flags.text === 'string' ? call.flags.text : '';
    const limit = 500;
    const found: StudySummary[] = [];
    for (let offset = 0; ; offset += limit) {
      const page = await handlers.studies.list(
        { text, modality: null, status: null, from: null, to: null, order: 'newest', limit, offset },
        { signal: call.signal },
      );
      found.push(...page.studies);
      if (page.studies.length < limit) break;
    }
    call.answer(found, () =>
      found.length === 0
        ? 'No studies.'
        : found
            .map((study) =>
              [
                study.id,
                study.date ?? '          ',
                study.modalities.join('/').padEnd(6),
                study.status.padEnd(11),
                study.patient.name.replaceAll('^', ' ').trim() || '(no name)',
                study.description,
              ].join('  '),
            )
            .join('\n'),
    );
  },
};
