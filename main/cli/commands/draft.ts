import { DrafterKind, Fault } from '../../../preload/contract/index.ts';
import { type Command, word } from '../command.ts';
import { asText } from '../draft-text.ts';

const RETRIEVALS = ['none', 'priors', 'priors-and-similar'] as const;

export const draft: Command = {
  name: 'draft',
  usage: 'draft <study> [--seed N] [--retrieval none|priors|priors-and-similar] [--drafter findings|film]',
  summary: 'Runs the models that have not run yet and writes a draft.',
  flags: { seed: { type: 'string' }, retrieval: { type: 'string' }, drafter: { type: 'string' } },
  run: async (call) => {
    const studyId = word(call, 0, 'study');
    const { seed, retrieval, drafter } = call.flags;
    const by = DrafterKind.options.find((name) => name === drafter) ?? null;
    if (drafter !== undefined && by === null)
      throw new Fault('invalid', `--drafter is one of ${DrafterKind.options.join(', ')}.`);
    const chosen = RETRIEVALS.find((name) => name === retrieval) ?? null;
    if (retrieval !== undefined && chosen === null) {
      throw new Fault('invalid', `--retrieval is one of ${RETRIEVALS.join(', ')}.`);
    }
    if (seed !== undefined && !/^\d{1,9}$/.test(String(seed)))
      throw new Fault('invalid', '--seed wants a whole number.');
    const made = await call.backend().domains.drafting.write(studyId, {
      seed: seed === undefined ? null : Number(seed),
      retrieval: chosen,
      drafter: by,
    });
    call.answer(made, () => asText(made));
  },
};
