import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Fault, type ImportedFile, type ImportRecord } from '../../../preload/contract/index.ts';
import { type Command, word } from '../command.ts';
import { followJob } from '../follow-job.ts';

export const importPaths: Command = {
  name: 'import',
  usage: 'import <path...> [--copy]',
  summary: 'Studies from folders, files, zip archives; files stay where they are unless --copy.',
  flags: { copy: { type: 'boolean' } },
  run: async (call) => {
    word(call, 0, 'path');
    const paths = call.words.map((path) => resolve(path));
    for (const path of paths) if (!existsSync(path)) throw new Fault('not-found', `There is no ${path}.`);
    const { domains, handlers } = call.backend();
    const answers: {
      path: string;
      importId: string;
      state: ImportRecord['state'] | undefined;
      counts: ImportRecord['counts'] | undefined;
      refused: ImportedFile[];
      ignored: ImportedFile[];
    }[] = [];
    for (const path of paths) {
      const { jobId, importId } = domains.studies.importPath(path, {
        copy: call.flags.copy === true,
        label: basename(path),
      });
      await followJob(call, domains, jobId);
      const { imports } = await handlers.imports.list({}, { signal: call.signal });
      const record = imports.find((entry) => entry.id === importId);
      const refused: ImportedFile[] = [];
      const ignored: ImportedFile[] = [];
      for (const [outcome, list] of [
        ['refused', refused],
        ['ignored', ignored],
      ] as const) {
        for (let offset = 0; ; offset += 1000) {
          const { files } = await handlers.imports.files(
            { importId, outcome, limit: 1000, offset },
            { signal: call.signal },
          );
          list.push(...files);
          if (files.length < 1000) break;
        }
      }
      answers.push({ path, importId, state: record?.state, counts: record?.counts, refused, ignored });
    }
    call.answer(answers, () =>
      answers
        .map(({ path, counts, refused }) =>
          [
            `${path}: ${counts?.imported ?? 0} imported, ${counts?.alreadyThere ?? 0} already there, ` +
              `${counts?.ignored ?? 0} ignored, ${counts?.refused ?? 0} refused`,
            ...refused.map((file) => `  refused ${file.path}: ${file.reason}`),
          ].join('\n'),
        )
        .join('\n'),
    );
  },
};
