/** The repository's labeller for the recipes: a line of JSON texts in, a line of what each says out. */
import { createInterface } from 'node:readline';
import { findingsSaid } from '../../tasks/report-generation/score/index.ts';

for await (const line of createInterface({ input: process.stdin })) {
  const texts = JSON.parse(line) as string[];
  process.stdout.write(`${JSON.stringify(texts.map((text) => findingsSaid(text)))}\n`);
}
