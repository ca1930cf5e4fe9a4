/** A store of planted identity, exported by the real exports; what leaked is looked for in the bytes. */
import { PROFILE } from '../../main/deidentification/index.ts';
import type { SeriesHeaders, Studies } from '../../main/domains.ts';
import { createExports } from '../../main/exports/index.ts';
import { createRatings } from '../../main/ratings/index.ts';
import { createReports } from '../../main/reports/index.ts';
import { createSettings } from '../../main/settings/index.ts';
import { aDraft, aSentence, aSeries, aStudy, createWorld } from '../../main/test-world.ts';
import type { PreferenceFormat, Report, ReportEdit } from '../../preload/contract/index.ts';
import { DATE_FORMS, dicomName, NAME_FORMS, type Person, people } from './people.ts';

const context = { signal: new AbortController().signal };
const PER_STUDY = 20;
const INSTITUTION = 'Sonnenhof Lindental';

export interface Planted {
  readonly line: string;
  /** What must not be found: words of names, whole dates and numbers. */
  readonly secrets: readonly string[];
}

const nameSecrets = (person: Person): string[] =>
  [person.family, person.given].flatMap((name) => name.match(/[\p{L}\p{M}]{2,}/gu) ?? []);
/** Particles are words of every text. */
const TELLING = (word: string): boolean => !['van', 'der', 'de', 'la', 'von', 'al', 'el'].includes(word.toLowerCase());

/** One line for each n: who is named how, and with what else. */
const plant = (n: number, own: Person, other: Person, stranger: Person): Planted => {
  const name = NAME_FORMS[n % NAME_FORMS.length]?.(own) ?? '';
  const [y, m, d] = [2015 + (n % 12), 1 + (n % 12), 1 + ((n * 3) % 28)];
  const date = DATE_FORMS[n % DATE_FORMS.length]?.(y, m, d) ?? '';
  const birth = DATE_FORMS[(n + 1) % DATE_FORMS.length]?.(...own.born) ?? '';
  const secrets = [...nameSecrets(own), date.replace(/^in /u, ''), birth.replace(/^in /u, ''), own.id, own.accession];
  const file =
    `${own.family}_${own.given}_${y}${String(m).padStart(2, '0')}${String(d).padStart(2, '0')}.dcm`.replaceAll(
      ' ',
      '_',
    );
  const phone = `+49 30 ${5_550_000 + n}`;
  const uid = `1.2.826.0.1.3680043.${n}.${n * 7}.12`;
  const templates: readonly (readonly [string, ...string[]])[] = [
    [`Compared with ${date}, the nodule of ${name} has grown to 12 x 14 mm.`],
    [`${name} was seen on ${date} with cough.`],
    [`Nodule described for ${name} (born ${birth}), unchanged.`],
    [`Findings were given to ${name} by telephone ${phone}.`, phone],
    [`Record ${own.id}, accession ${own.accession}: no effusion.`],
    [
      `As in the similar case of ${NAME_FORMS[(n + 2) % 5]?.(other)}, consolidation in the left lower lobe.`,
      ...nameSecrets(other),
    ],
    [`Source file ${file} shows a fracture.`, file],
    [`Image ${uid} shows the lesion best, as ${name} was told.`, uid],
    [`Transferred from ${INSTITUTION} on ${date} at 10:22.`, 'Sonnenhof', 'Lindental'],
    [`Discussed with Dr. ${stranger.family} on ${date}.`, ...(stranger.family.match(/[\p{L}\p{M}]{2,}/gu) ?? [])],
    [`Report dictated by ${stranger.given} ${stranger.family}, 21 Nov 2026.`, '2026', ...nameSecrets(stranger)],
    [`A ${90 + (n % 12)}-year-old patient, ${name}, with dyspnoea.`, `${90 + (n % 12)}-year-old`],
    [
      `Mail a.${n}@praxis-nord.de or see https://pacs.example.org/p/${n}, ${name}.`,
      `a.${n}@praxis-nord.de`,
      'pacs.example.org',
    ],
    [`${name} lives at 12 Oak Street, Springfield, IL 62704.`, 'Oak Street', '62704'],
  ];
  const [line, ...more] = templates[n % templates.length] ?? [''];
  return { line, secrets: [...secrets, ...more].filter(TELLING) };
};

/** Identity in every attribute that the profile names, at the top, in an item, and in private ones. */
const plantedHeaders = (seriesId: string, own: Person): SeriesHeaders => ({
  seriesId,
  texts: [
    ...PROFILE.map(({ tag, keyword }) => ({
      tag: Number.parseInt(tag.replaceAll('X', '0'), 16),
      vr: '',
      value:
        /Name|Physician|Operator/u.test(keyword) && !/Institution|Station|Protocol/u.test(keyword)
          ? dicomName(own)
          : /Institution|Address|Department/u.test(keyword)
            ? INSTITUTION
            : /UID/u.test(keyword)
              ? '1.2.826.0.1.3680043.9.99'
              : `${own.id} ${dicomName(own)}`,
    })),
    { tag: 0x00091001, vr: 'LO', value: dicomName(own) },
    { tag: 0x00091002, vr: 'UN', value: own.id },
  ],
});

const fold = (text: string): string => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
const holds = (text: string, secret: string): boolean => {
  const folded = fold(secret);
  const at = /^[\p{L}]+$/u.test(folded)
    ? `(?<![\\p{L}])${folded}(?![\\p{L}])`
    : folded.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
  return new RegExp(at, 'u').test(text);
};

export interface Outcome {
  readonly planted: number;
  readonly exported: number;
  readonly leaks: readonly { readonly line: string; readonly made: string; readonly secret: string }[];
}

/** Plants lines in drafts, signed reports, added sentences and comments, exports in every format, and looks. */
export const leaksOf = async (lines: number): Promise<Outcome> => {
  const world = createWorld();
  try {
    const count = Math.ceil(lines / PER_STUDY);
    const everybody = people(count + 2);
    const strangers = people(count + 31).slice(-count);
    const settings = createSettings(world.base);
    const headers = new Map<string, SeriesHeaders>();
    const studies = Object.assign(world.studies, {
      headers: async (studyId: string) => [headers.get(studyId)].filter((one) => one !== undefined),
    });
    const reports = createReports(world.base, studies as unknown as Studies, world.knowledge, world.drafting, settings);
    const ratings = createRatings(world.base, studies, world.drafting, settings);
    const exports = createExports(world.base, studies, world.drafting, reports, ratings);
    await settings.handlers.settings.setReader({ name: 'Dr. Wendeline Auerswald' }, context);
    const planted: Planted[] = [];
    for (let s = 0; s < count; s += 1) {
      const [own, other, stranger] = [everybody[s], everybody[s + 1], strangers[s]];
      if (!own || !other || !stranger) continue;
      const studyId = `study${s}`;
      const of = Array.from({ length: PER_STUDY }, (_, n) => plant(s * PER_STUDY + n, own, other, stranger));
      planted.push(...of);
      const text = (n: number): string => of[n]?.line ?? '';
      const patient = {
        name: dicomName(own),
        id: own.id,
        birthDate: own.born.map((part, n) => String(part).padStart(n ? 2 : 4, '0')).join('-'),
      };
      studies.put(
        aStudy(studyId, patient, {
          accession: own.accession,
          description: dicomName(own),
          bodyParts: [own.family.toUpperCase(), 'CHEST'],
          modalities: [own.given, 'CT'],
        }),
        [aSeries(`series${s}`, studyId, { description: dicomName(own) })],
      );
      headers.set(studyId, plantedHeaders(`series${s}`, own));
      const sections = ['findings', 'impression', 'comparison', 'technique'] as const;
      world.drafting.put(
        aDraft(`draft${s}`, studyId, [
          aSentence(`${s}i`, text(0), { section: 'indication' }),
          ...Array.from({ length: 12 }, (_, n) =>
            aSentence(`${s}x${n}`, text(n + 1), { section: sections[n % 4] ?? 'findings' }),
          ),
        ]),
      );
      world.drafting.put(
        aDraft(`second${s}`, studyId, [aSentence(`${s}y`, text(13)), aSentence(`${s}z`, text(14))], {
          createdAt: '2026-11-02T13:00:00.000Z',
        }),
      );
      const edits: readonly ReportEdit[] = [
        { kind: 'set-text', sentenceId: `${s}x0`, text: text(15) },
        { kind: 'set-text', sentenceId: `${s}x1`, text: `${text(16)} ${text(17)}` },
        { kind: 'delete', sentenceId: `${s}x2` },
        {
          kind: 'add',
          sentence: {
            id: `${s}n`,
            section: 'findings',
            text: text(18),
            regions: [],
            findingKey: '',
            side: null,
            kind: 'finding',
          },
          beforeId: null,
        },
      ];
      let report = (await reports.handlers.reports.begin(
        { studyId, draftId: `draft${s}`, replace: false },
        context,
      )) as Report;
      for (const [n, edit] of edits.entries())
        report = (await reports.handlers.reports.edit(
          { reportId: report.id, opId: `${s}-${n}`, revision: report.revision, edit },
          context,
        )) as Report;
      await reports.handlers.reports.sign(
        { reportId: report.id, opId: `${s}-sign`, revision: report.revision, acceptAll: true },
        context,
      );
      await ratings.handlers.ratings.rateDraft(
        { draftId: `draft${s}`, opId: `${s}-rate`, score: 2, comment: text(19) },
        context,
      );
      await ratings.handlers.ratings.rateSentence(
        {
          draftId: `second${s}`,
          opId: `${s}-step`,
          rating: { sentenceId: `${s}y`, verdict: 'wrong', category: 'other', significant: false },
        },
        context,
      );
      const { comparison } = await ratings.handlers.ratings.compare({ studyId }, context);
      if (comparison)
        await ratings.handlers.ratings.choose(
          { comparisonId: comparison.id, opId: `${s}-choice`, choice: 'left' },
          context,
        );
    }
    const made: string[] = [];
    let exported = 0;
    for (const format of ['dpo', 'kto', 'stepwise', 'sft'] as const satisfies readonly PreferenceFormat[]) {
      const { jobId } = await exports.handlers.exports.run(
        { format, studyIds: [], includePixels: false, opId: `run-${format}` },
        context,
      );
      const { resultId } = await world.base.jobs.ended(jobId);
      const answer = await exports.media(new Request('http://x/'), ['export', resultId ?? '', 'preferences.jsonl']);
      const written = ((await answer?.text()) ?? '').trim().split('\n');
      exported += written.length;
      made.push(...written);
    }
    // Every study's own words once: the formats repeat them.
    const texts = new Set(made.flatMap((line) => sentencesIn(JSON.parse(line))).map((text) => text.normalize('NFC')));
    const secrets = new Set(planted.flatMap((one) => one.secrets));
    const leaks: Outcome['leaks'][number][] = [];
    for (const text of texts) {
      const folded = fold(text);
      for (const secret of secrets) if (holds(folded, secret)) leaks.push({ line: '', made: text, secret });
    }
    return { planted: planted.length, exported, leaks };
  } finally {
    await world.close();
  }
};

/** Every string in a line but the fixed words of the prompt. */
const sentencesIn = (value: unknown): string[] => {
  if (typeof value === 'string') return value.split(/(?<=\.)\s+|\n/u);
  if (Array.isArray(value)) return value.flatMap(sentencesIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(sentencesIn) : [];
};
