/**
 * Drafts of chest films by the drafting network, beside the template over the X-ray network's findings and one constant
 * normal report: held-out phantoms, in the range of training and beyond it. The truth is what was drawn into the film.
 *   drafts [--count N] [--package FOLDER] [--earlier FOLDER of another version] [--cache FOLDER of phantom sets]
 *     [--sets NAME] [--out FILE]
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compares } from '../../main/drafting/check.ts';
import { findingPhrases, termOf } from '../../main/drafting/phrases.ts';
import type { Figure } from '../../models/kit/manifest.ts';
import { bootstrap, wilson } from '../../models/kit/metrics/bootstrap.ts';
import { groundingFigures, groundingOf } from '../../models/kit/metrics/grounding.ts';
import { phantom, type XrayPhantom } from '../../models/kit/phantom/index.ts';
import { plantedIn } from '../../models/kit/score.ts';
import { shownIn } from '../../models/packages/acceptance.ts';
import { readPhantom } from '../../models/packages/data.ts';
import { draftOf, findingsIn, load } from '../../models/packages/run.ts';
import type { ReportedSentence } from '../../models/tasks/report-drafting/index.ts';
import {
  clinicalOfSets,
  FINDINGS,
  type FindingKey,
  findingsSaid,
  findingsThere,
} from '../../models/tasks/report-generation/score/index.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '150' },
    earlier: { type: 'string' },
    sets: { type: 'string', default: 'report-judge-4' },
    package: { type: 'string', default: join(import.meta.dirname, '..', '..', 'models', 'packages', 'cxr-report') },
    cache: { type: 'string' },
    out: { type: 'string' },
  },
});
const count = Number(values.count);
const SETS = [
  { name: values.sets, range: 'in', words: 'held-out phantoms, held-out phrases' },
  {
    name: `${values.sets}-out`,
    range: 'out',
    words: 'held-out phantoms beyond the training range, held-out phrases',
  },
] as const;
type Set_ = (typeof SETS)[number];

const filmOf = (set: Set_, n: number): XrayPhantom => {
  const folder = values.cache === undefined ? null : join(values.cache, set.name);
  const own =
    folder && existsSync(join(folder, `${n}.json`))
      ? readPhantom(folder, n)
      : phantom('xray 256x256 random', { seed: `${set.name}/${n}`, phrases: 'b', range: set.range });
  if (own.kind !== 'xray') throw new Error('no film');
  return own;
};

const loadBegan = performance.now();
const drafter = await load(values.package);
const loadMs = performance.now() - loadBegan;
const earlier = values.earlier === undefined ? null : await load(values.earlier);
const finder = await load(join(import.meta.dirname, '..', '..', 'models', 'packages', 'cxr-findings'));

const NORMALS = ['pneumothorax', 'lung-nodule', 'consolidation', 'effusion', 'atelectasis', 'cardiomegaly'];
/** The template drafter's sentences over the X-ray network's findings. */
const templateOf = async (film: XrayPhantom): Promise<string> => {
  const found = await findingsIn(finder, film);
  const said = found.flatMap((finding) => findingPhrases(finding)[0] ?? []);
  const absent = NORMALS.filter((key) => !found.some((finding) => finding.key === key));
  return [...said, ...absent.flatMap((key) => termOf(key)?.normal[0] ?? [])].join(' ');
};

/** What a text says is there, with its sides: 'effusion left'. */
const sided = (text: string): Set<string> =>
  new Set(
    findingsSaid(text)
      .filter(({ status }) => status === 'present')
      .map(({ key, side }) => `${key} ${side ?? ''}`),
  );
const asShown = (film: XrayPhantom): Set<string> =>
  new Set(
    film.lesions
      .filter(({ visible }) => visible)
      .map(
        ({ kind, side, sizeMm }) =>
          `${kind === 'lung-nodule' && Math.round(sizeMm) > 30 ? 'lung-mass' : kind} ${side ?? ''}`,
      ),
  );

/** Of sentences on findings that the film shows. */
interface Placed {
  readonly right: number;
  readonly of: number;
  readonly zones: number;
}
const placedIn = (sentences: readonly ReportedSentence[], seen: XrayPhantom['lesions']): Placed => {
  const placed = { right: 0, of: 0, zones: 0 };
  for (const { text, finding } of sentences) {
    const there = finding ? seen.filter(({ kind }) => kind === finding.key) : [];
    if (there.length === 0) continue;
    placed.of++;
    const zone = zoneIn(text);
    if (zone !== '') placed.zones++;
    if (there.some((lesion) => liesThere(lesion, text, zone))) placed.right++;
  }
  return placed;
};
const zoneIn = (text: string): string => /\b(upper|middle|lower) zone\b/i.exec(text)?.[1]?.toLowerCase() ?? '';
const liesThere = ({ side, place }: XrayPhantom['lesions'][number], text: string, zone: string): boolean =>
  side === (findingsSaid(text)[0]?.side ?? null) && place.includes(zone);

interface Judged {
  readonly id: string;
  readonly truth: ReadonlySet<FindingKey>;
  readonly told: Readonly<Record<'network' | 'earlier' | 'template' | 'normal', ReadonlySet<FindingKey>>>;
  readonly sides: { readonly told: ReadonlySet<string>; readonly truth: ReadonlySet<string> };
  readonly placed: Placed;
  /** The same of the earlier version. */
  readonly placedEarlier: Placed;
  readonly severity: { readonly right: number; readonly of: number };
  readonly sentences: number;
  readonly comparing: number;
  readonly twice: number;
  readonly grounded: ReturnType<typeof groundingOf>;
  readonly ms: number;
}

const judge = async (film: XrayPhantom): Promise<Judged> => {
  const began = performance.now();
  const sentences = await draftOf(drafter, film);
  const ms = performance.now() - began;
  const options = { uncertain: 'present', findings: FINDINGS } as const;
  const text = sentences.map((one) => one.text).join(' ');
  const seen = film.lesions.filter(({ visible }) => visible);
  const severity = { right: 0, of: 0 };
  for (const { text: said, finding } of sentences) {
    if (!finding || finding.severity === '') continue;
    const match = seen.filter((lesion) => lesion.kind === finding.key && liesThere(lesion, said, zoneIn(said)));
    if (match.length === 0) continue;
    severity.of++;
    if (match.some((lesion) => lesion.severity === finding.severity)) severity.right++;
  }
  const before = earlier ? await draftOf(earlier, film) : [];
  const planted = plantedIn(film).flatMap((own) =>
    own.visible && own.box ? [{ key: own.key, boxes: [own.box] }] : [],
  );
  const pointed = sentences.flatMap(({ finding }) =>
    finding?.box ? [{ key: finding.key, boxes: [finding.box] }] : [],
  );
  const texts = sentences.map((one) => one.text);
  return {
    id: film.seed,
    truth: new Set(shownIn(film)),
    told: {
      network: findingsThere(text, options),
      earlier: findingsThere(before.map((one) => one.text).join(' '), options),
      template: findingsThere(await templateOf(film), options),
      normal: new Set(),
    },
    sides: { told: sided(text), truth: asShown(film) },
    placed: placedIn(sentences, seen),
    placedEarlier: placedIn(before, seen),
    severity,
    sentences: sentences.length,
    comparing: texts.filter(compares).length,
    twice: texts.length - new Set(texts).size,
    grounded: groundingOf(pointed, planted),
    ms,
  };
};

type Who = keyof Judged['told'];
const f1 = (over: readonly Judged[], who: Who, which: 'micro' | 'macro'): number | null =>
  clinicalOfSets(over.map(({ told, truth }) => ({ draft: told[who], reference: truth })))[which];
const sideF1 = (over: readonly Judged[]): number => {
  let [both, either] = [0, 0];
  for (const { sides } of over) {
    both += sides.told.intersection(sides.truth).size;
    either += sides.told.size + sides.truth.size;
  }
  return either === 0 ? 1 : (2 * both) / either;
};

const figures: Figure[] = [];
const comparison: [string, number][] = [];
const tell = (name: string, value: number | null, interval: readonly [number, number] | null, data: string): void => {
  if (value === null) return;
  const round = (v: number): number => Number(v.toFixed(4));
  figures.push({
    name,
    value: round(value),
    interval: interval ? [round(interval[0]), round(interval[1])] : null,
    data,
  });
  console.log(
    `${name}: ${value.toFixed(4)}${interval ? ` (${interval.map((v) => v.toFixed(4)).join(' to ')})` : ''}  ${data}`,
  );
};
const times: number[] = [];
for (const set of SETS) {
  const judged: Judged[] = [];
  for (let n = 0; n < count; n++) judged.push(await judge(filmOf(set, n)));
  const data = `${set.words}, n = ${count}`;
  const drawn = (of: (over: readonly Judged[]) => number | null) => bootstrap(judged, ({ id }) => id, of, 1000);
  const sum = (of: (one: Judged) => number): number => judged.reduce((total, one) => total + of(one), 0);
  const share = (name: string, hits: number, of: number, what: string): void =>
    tell(name, of === 0 ? null : hits / of, wilson(hits, of), `${data}, ${of} ${what}`);
  tell(
    'clinical F1, micro',
    f1(judged, 'network', 'micro'),
    drawn((over) => f1(over, 'network', 'micro')),
    data,
  );
  tell(
    'clinical F1, macro',
    f1(judged, 'network', 'macro'),
    drawn((over) => f1(over, 'network', 'macro')),
    data,
  );
  tell('F1 of findings with their sides', sideF1(judged), drawn(sideF1), data);
  share(
    'side and place right',
    sum((one) => one.placed.right),
    sum((one) => one.placed.of),
    'sentences on findings that are there',
  );
  share(
    'place told as a zone',
    sum((one) => one.placed.zones),
    sum((one) => one.placed.of),
    'sentences on findings that are there',
  );
  share(
    'severity right',
    sum((one) => one.severity.right),
    sum((one) => one.severity.of),
    'sentences that tell it',
  );
  share(
    'sentences that compare',
    sum((one) => one.comparing),
    sum((one) => one.sentences),
    'sentences',
  );
  share(
    'sentences said twice',
    sum((one) => one.twice),
    sum((one) => one.sentences),
    'sentences',
  );
  const grounding = groundingFigures(judged.map(({ grounded }) => grounded));
  tell(
    'grounding precision',
    grounding.precision,
    drawn((over) => groundingFigures(over.map(({ grounded }) => grounded)).precision),
    data,
  );
  tell(
    'grounding recall',
    grounding.recall,
    drawn((over) => groundingFigures(over.map(({ grounded }) => grounded)).recall),
    data,
  );
  tell(
    'clinical F1, micro, template over cxr-findings',
    f1(judged, 'template', 'micro'),
    drawn((over) => f1(over, 'template', 'micro')),
    data,
  );
  const gainOver =
    (who: Who) =>
    (over: readonly Judged[]): number =>
      (f1(over, 'network', 'micro') ?? 0) - (f1(over, who, 'micro') ?? 0);
  const gain = gainOver('template');
  tell('clinical F1, micro: network minus template', gain(judged), drawn(gain), data);
  if (earlier) {
    const words = `version ${earlier.manifest.version}`;
    const since = gainOver('earlier');
    tell(
      `clinical F1, micro, ${words}`,
      f1(judged, 'earlier', 'micro'),
      drawn((over) => f1(over, 'earlier', 'micro')),
      data,
    );
    tell(`clinical F1, micro: network minus ${words}`, since(judged), drawn(since), data);
    share(
      `side and place right, ${words}`,
      sum((one) => one.placedEarlier.right),
      sum((one) => one.placedEarlier.of),
      'sentences on findings that are there',
    );
    const placedShare = (over: readonly Judged[], of: (one: Judged) => Placed): number => {
      const told = over.reduce((total, one) => total + of(one).of, 0);
      return told === 0 ? 0 : over.reduce((total, one) => total + of(one).right, 0) / told;
    };
    const placedGain = (over: readonly Judged[]): number =>
      placedShare(over, (one) => one.placed) - placedShare(over, (one) => one.placedEarlier);
    tell(`side and place right: network minus ${words}`, placedGain(judged), drawn(placedGain), data);
  }
  const where = set.range === 'in' ? 'in range' : 'beyond the range';
  comparison.push(
    [`this network: clinical F1, micro, ${where}`, f1(judged, 'network', 'micro') ?? 0],
    [`template over cxr-findings, ${where}`, f1(judged, 'template', 'micro') ?? 0],
    [`constant normal report, ${where}`, f1(judged, 'normal', 'micro') ?? 0],
    [
      `chance (drafts dealt to other films), ${where}`,
      clinicalOfSets(
        judged.map(({ truth }, n) => ({
          draft: judged[(n + 1) % judged.length]?.told.network ?? new Set(),
          reference: truth,
        })),
      ).micro,
    ],
  );
  for (const [key, own] of clinicalOfSets(judged.map(({ told, truth }) => ({ draft: told.network, reference: truth })))
    .byFinding)
    tell(`F1 of ${key}`, own.f1, null, `${data}, ${own.right} right, ${own.wrong} wrong, ${own.missed} missed`);
  times.push(...judged.map(({ ms }) => ms));
}
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0;
console.log(
  `load ${loadMs.toFixed(0)} ms; a report ${at(0.5).toFixed(0)} ms (median), ${at(0.95).toFixed(0)} ms (p95)`,
);
const own = comparison[0]?.[1] ?? 0;
const blind = Math.max(...comparison.slice(2, 4).map(([, value]) => value));
if (values.out !== undefined)
  writeFileSync(
    values.out,
    `${JSON.stringify({ figures, comparison, required: Number(((own + blind) / 2).toFixed(2)) }, null, 2)}\n`,
  );
