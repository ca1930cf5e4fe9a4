import { Fault } from '../../../preload/contract/index.ts';
import { type Command, wholeNumber } from '../command.ts';

export const knowledgeSearch: Command = {
  name: 'knowledge search',
  usage: 'knowledge search <text> [--limit N] [--modality M]',
  summary: 'Reports by likeness and words.',
  flags: { limit: { type: 'string' }, modality: { type: 'string' } },
  run: async (call) => {
    const text = call.words.join(' ').trim();
    if (text === '') throw new Fault('invalid', 'Search for what? The text is missing.');
    const found = await call.backend().handlers.knowledge.search(
      {
        text,
        modality: typeof call.flags.modality === 'string' ? call.flags.modality : null,
        bodyPart: null,
        from: null,
        to: null,
        limit: Math.min(100, Math.max(1, wholeNumber(call, 'limit', 10))),
        excludeStudyId: null,
      },
      { signal: call.signal },
    );
    call.answer(found, () =>
      found.hits.length === 0
        ? 'Nothing found.'
        : found.hits
            .map((hit) =>
              [
                hit.report.id,
                hit.report.date ?? '          ',
                hit.report.modality.padEnd(4),
                hit.similarity === null ? '     ' : hit.similarity.toFixed(3),
                hit.snippet.replace(/\s+/gu, ' '),
              ].join('  '),
            )
            .join('\n'),
    );
  },
};
