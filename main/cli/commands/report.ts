import { Fault } from '../../../preload/contract/index.ts';
import { type Command, word } from '../command.ts';

export const report: Command = {
  name: 'report',
  usage: 'report <study>',
  summary: 'The report of a study, signed or under way.',
  flags: {},
  run: async (call) => {
    const studyId = word(call, 0, 'study');
    const { domains } = call.backend();
    const found = domains.reports.report(studyId);
    if (!found) throw new Fault('not-found', 'This study has no report yet.');
    call.answer(found, () => domains.reports.plainText(found.id));
  },
};
