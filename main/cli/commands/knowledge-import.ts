import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '../../../preload/contract/index.ts';
import { type Command, word } from '../command.ts';
import { followJob } from '../follow-job.ts';

export const knowledgeImport: Command = {
  name: 'knowledge import',
  usage: 'knowledge import <file>',
  summary: 'Earlier reports from JSON lines, CSV or text.',
  flags: {},
  run: async (call) => {
    const path = resolve(word(call, 0, 'file'));
    if (!existsSync(path)) throw new Fault('not-found', `There is no ${path}.`);
    const { domains, handlers } = call.backend();
    const { jobId } = domains.knowledge.importPath(path);
    const job = await followJob(call, domains, jobId);
    const count = await handlers.knowledge.count({}, { signal: call.signal });
    call.answer({ job, ...count }, () => `${job.step}\n${count.reports} reports, ${count.embedded} embedded`);
  },
};
