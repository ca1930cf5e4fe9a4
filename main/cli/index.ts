import { fileURLToPath } from 'node:url';
import { abortWhenStopped } from '../process/stop.ts';
import { type Command, runCommand } from './command.ts';
import { draft } from './commands/draft.ts';
import { evaluate } from './commands/evaluate.ts';
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
  evaluate,
  serve,
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const controller = new AbortController();
  abortWhenStopped(controller);
  process.exitCode = await runCommand(commands, process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
    signal: controller.signal,
  });
}
