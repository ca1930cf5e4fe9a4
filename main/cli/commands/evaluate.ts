import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figuresTable } from '../../../models/kit/card/table.ts';
import { writeEvaluation, writeIntoCard } from '../../../models/packages/card.ts';
import { casesIn } from '../../../models/packages/cases.ts';
import { DataError, phantomNumbers, readCases, readPhantom } from '../../../models/packages/data.ts';
import { isGradedFolder, judgePhotographs } from '../../../models/packages/photographs.ts';
import { type Loaded, load } from '../../../models/packages/run.ts';
import { compare, UnpairedError } from '../../../models/tasks/compare.ts';
import { evaluate as evaluated } from '../../../models/tasks/evaluate.ts';
import { type Case, merge } from '../../../models/tasks/evaluation.ts';
import { Fault } from '../../../preload/contract/index.ts';
import { decodeJpegPicture, jpegHead } from '../../dicom/index.ts';
import { type Call, type Command, word } from '../command.ts';

const PACKAGES = fileURLToPath(new URL('../../../models/packages', import.meta.url));

/** A package that ships, by its name, or any by its folder. */
const packageFolder = (named: string): string => {
  const found = [join(PACKAGES, named), resolve(named)].find((folder) => existsSync(join(folder, 'manifest.json')));
  if (!found) throw new Fault('not-found', `There is no package ${named}: neither a shipped one nor a folder.`);
  return found;
};

/** Photographs with their grades, each by the network that has not seen it. */
const casesOfPhotographs = async (call: Call, loaded: Loaded, data: string): Promise<{ cases: Case[]; of: string }> => {
  const decode = async (bytes: Uint8Array) => {
    const { columns, rows } = jpegHead(bytes);
    return { rgb: await decodeJpegPicture(bytes), columns, rows };
  };
  const { cases, refused, outOfFold } = await judgePhotographs(loaded, data, decode, (done, of) => {
    call.signal.throwIfAborted();
    if (done % 50 === 0) call.note(`${done} of ${of}`);
  });
  for (const { name, why } of refused) call.note(`${name} was not graded: ${why}`);
  const graded = cases.length / 2;
  return {
    cases: [...cases],
    of: `${graded} photographs${outOfFold > 0 ? `, ${outOfFold} of them by the network that has not seen them` : ''}${refused.length > 0 ? `; ${refused.length} were not graded` : ''}`,
  };
};

/** Phantoms are run through the package; cases that hold its answers already are taken as they are. */
const casesFrom = async (call: Call, folder: string, data: string): Promise<{ cases: Case[]; of: string }> => {
  const ready = readCases(data);
  if (ready) return { cases: ready, of: 'cases.jsonl' };
  if (isGradedFolder(data)) {
    const loaded = await load(folder);
    if (loaded.manifest.pipeline.task !== 'grading')
      throw new Fault('invalid', `${data} holds graded photographs, which this package does not read.`);
    return casesOfPhotographs(call, loaded, data);
  }
  const numbers = phantomNumbers(data);
  if (numbers.length === 0)
    throw new Fault('invalid', `${data} holds neither cases.jsonl nor phantoms written with --raw.`);
  const loaded = await load(folder);
  const { task } = loaded.manifest.pipeline;
  if (task === 'embedding')
    throw new Fault('invalid', 'Embeddings of text are judged by what they retrieve, which this command does not do.');
  if (task === 'classification' || task === 'grading')
    throw new Fault('invalid', `The generator draws no cases for ${task}: give the answers as cases.jsonl.`);
  const cases: Case[] = [];
  const kinds = new Set<string>();
  for (const [n, number] of numbers.entries()) {
    call.signal.throwIfAborted();
    const phantom = readPhantom(data, number);
    kinds.add(`'${phantom.line}'`);
    cases.push(...(await casesIn(loaded, phantom)));
    if ((n + 1) % 10 === 0) call.note(`${n + 1} of ${numbers.length}`);
  }
  return { cases, of: `phantoms ${[...kinds].sort().join(', ')}` };
};

/** Another system's answers to the same cases. */
const casesAgainst = (folder: string): Case[] => {
  const cases = readCases(folder);
  if (!cases) throw new Fault('invalid', `${folder} has no cases.jsonl to compare with.`);
  return cases;
};

export const evaluate: Command = {
  name: 'evaluate',
  usage: 'evaluate <package> <data> [--out <folder>] [--on <words>] [--against <folder>] [--card]',
  summary: "A package's figures, with intervals, tables and plots; --card puts them into its card.",
  flags: { out: { type: 'string' }, on: { type: 'string' }, against: { type: 'string' }, card: { type: 'boolean' } },
  run: async (call) => {
    const folder = packageFolder(word(call, 0, 'package'));
    const data = resolve(word(call, 1, 'folder of data'));
    if (!statSync(data, { throwIfNoEntry: false })?.isDirectory())
      throw new Fault('not-found', `There is no folder ${data}.`);
    try {
      const { cases, of } = await casesFrom(call, folder, data);
      if (cases.length === 0) throw new Fault('invalid', `${data} has no cases that this package answers.`);
      const on = typeof call.flags.on === 'string' ? call.flags.on : of;
      const others = typeof call.flags.against === 'string' ? casesAgainst(resolve(call.flags.against)) : null;
      const evaluation = merge([evaluated(cases, on), ...(others ? [compare(cases, others, on)] : [])]);
      const title = `Evaluation of ${word(call, 0, 'package')}`;
      if (typeof call.flags.out === 'string') {
        const out = resolve(call.flags.out);
        writeEvaluation(out, title, evaluation, on);
        writeFileSync(join(out, 'cases.jsonl'), cases.map((one) => `${JSON.stringify(one)}\n`).join(''));
      }
      if (call.flags.card === true) writeIntoCard(folder, evaluation, on);
      const { figures, tables } = evaluation;
      call.answer({ package: folder, on, figures, tables }, () => figuresTable(figures));
    } catch (error) {
      if (error instanceof DataError || error instanceof UnpairedError) throw new Fault('invalid', error.message);
      throw error;
    }
  },
};
