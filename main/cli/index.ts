import { fileURLToPath } from 'node:url';
import { type Command, runCommand } from './command.ts';
import { draft } from './commands/draft.ts';
import { exportPreferences } from './commands/export-preferences.ts';
import { importPaths } from './commands/import.ts';
import { knowledgeImport } from './commands/knowledge-import.ts';
import { knowledgeSearch } from './commands/knowledge-search.ts';
import { modelsList } from './commands/models-list.ts';
import { modelsVerify } from './commands/models-verify.ts';
import { phantomData } from './commands/phantom.ts';
import { report } from './commands/report.ts';
import { serve } from './commands/serve.ts';
import { studies } from './commands/studies.ts';

/** One file a command; a test fails where a file is missing from this list. */
export const commands: readonly Command[] = [
  importPaths,
  studies,
  draft,
  report,
  exportPreferences,
  modelsList,
  modelsVerify,
  knowledgeImport,
  knowledgeSearch,
  phantomData,
  serve,
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const controller = new AbortController();
  let asked = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      controller.abort();
      asked += 1;
      // A second time: at once.
      if (asked > 1) process.exit(130);
    });
  }
  process.exitCode = await runCommand(commands, process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
    signal: controller.signal,
  });
}
