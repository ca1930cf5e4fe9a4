import { seeded } from '../../models/kit/random.ts';
import {
  Draft,
  type DrafterKind,
  type DraftSentence,
  Fault,
  type Finding,
  type Section,
  type SeriesImages,
} from '../../preload/contract/index.ts';
import type { Base, Drafting, Inference, JobContext, Knowledge, Studies } from '../domains.ts';
import { checked } from './check.ts';
import { compareWith, evidenceOf } from './compare.ts';
import { draftFilms } from './film.ts';
import { findingSentence, impressionSentence } from './generate.ts';
import { type Ground, regionsThatExist, sideAllowed } from './ground.ts';
import { phraseFor, type Spoken, termOf, vocabulary } from './phrases.ts';
import { planOf } from './plan.ts';
import { usedPriors, wordingFor } from './retrieve.ts';

const DRAFTER = 'sightline-drafter';
const FILM_DRAFTER = 'sightline-film-drafter';
const VERSION = '1';

type Retrieval = Draft['recipe']['retrieval'];
/** Share of the progress bar that inference takes. */
const INFERENCE_SHARE = 0.8;

/** Retrieve, plan, generate, ground, check: from findings, measurements, priors and similar cases to a draft. */
export const createDrafting = (base: Base, studies: Studies, inference: Inference, knowledge: Knowledge): Drafting => {
  const { store, jobs, newId } = base;

  studies.onRemove((writer, studyId) => {
    writer.run('DELETE FROM draft WHERE study_id = ?', studyId);
    return [];
  });

  const read = (body: string): Draft => Draft.parse(JSON.parse(body));
  const drafts = (studyId: string): Draft[] =>
    store.read
      .all<{ body: string }>('SELECT body FROM draft WHERE study_id = ? ORDER BY created_at DESC, id', studyId)
      .map((row) => read(row.body));
  const draft = (draftId: string): Draft | null => {
    const row = store.read.get<{ body: string }>('SELECT body FROM draft WHERE id = ?', draftId);
    return row ? read(row.body) : null;
  };

  /** Everything that the plan needs to know of the study's series. */
  const look = async (studyId: string, context: JobContext) => {
    const { study, series } = studies.study(studyId);
    const { packages } = await inference.handlers.inference.packages({}, context);
    const images = new Map<string, SeriesImages>();
    const looked = [];
    const open = inference.unanswered(studyId);
    for (const summary of series) {
      const shown = summary.kind === 'image' && summary.refused === null && !summary.sourceMissing;
      const found = shown ? await studies.images(summary.id).catch(() => null) : null;
      if (found) images.set(summary.id, found);
      const suitable = shown
        ? (await inference.handlers.inference.suitable({ seriesId: summary.id }, context)).packages
        : [];
      // A package that fits and has no answer looked for nothing: what it might have found is not absent.
      const used = packages.filter((p) => suitable.some(({ name, hasRun }) => hasRun && name === p.name));
      const searched = used.flatMap((p) => {
        const left = open.find((one) => one.seriesId === summary.id && one.package === p.name)?.keys ?? [];
        return p.labels.flatMap(({ key }) => (left.includes(key) ? [] : [key]));
      });
      looked.push({ summary, images: found, searched, used });
    }
    return {
      study,
      looked,
      images,
      used: [
        ...new Map(
          looked.flatMap(({ used }) => used).map((p) => [p.name, { name: p.name, version: p.version }]),
        ).values(),
      ],
    };
  };

  const compose = async (
    studyId: string,
    options: { seed: number; retrieval: Retrieval; drafter: DrafterKind },
    context: JobContext,
  ): Promise<Draft> => {
    const { signal } = context;
    const ahead: JobContext = {
      ...context,
      progress: (fraction, step) => context.progress(fraction === null ? null : fraction * INFERENCE_SHARE, step),
    };
    const film = options.drafter === 'film' ? await draftFilms(studyId, studies, inference, ahead) : null;
    const ran = film ? { remarks: [] } : await inference.runStudy(studyId, ahead);
    context.progress(INFERENCE_SHARE, 'Writing');
    const { study, looked: byModels, images, used } = await look(studyId, context);
    const looked = byModels.map((one) =>
      film?.seriesIds.has(one.summary.id) ? { ...one, searched: [...film.searched] } : one,
    );
    const ground: Ground = { images, overlays: studies.overlays(studyId) };
    const found = film ? film.findings : inference.findings(studyId);
    const random = seeded(`draft/${options.seed}`);

    // Retrieve.
    const priors = options.retrieval === 'none' ? [] : usedPriors(knowledge, studyId);
    // Plan.
    const plan = planOf(study, looked, found);
    const modalityOf = (finding: Finding): string =>
      looked.find(({ summary }) => summary.id === finding.seriesId)?.summary.modality ?? '';
    const remarks = [...(film?.remarks ?? []), ...plan.remarks, ...ran.remarks];
    if (film?.findings.some(({ severity }) => severity !== ''))
      remarks.push(
        'How much of a finding there is (small, moderate, large) is a guess of the drafting network: check it.',
      );
    const unsure = film?.findings.filter(({ score }) => score !== null && score < 0.5).length ?? 0;
    if (unsure > 0)
      remarks.push(
        `${unsure === 1 ? 'One finding of this draft is' : `${unsure} findings of this draft are`} given less than 50 % by the network itself: check ${unsure === 1 ? 'it' : 'them'} first.`,
      );

    const sentence = (
      section: Section,
      text: string,
      kind: DraftSentence['kind'],
      rest: Partial<DraftSentence> = {},
    ): DraftSentence => ({
      id: newId(),
      section,
      text,
      kind,
      regions: [],
      score: null,
      evidence: [],
      findingKey: '',
      side: null,
      ...rest,
    });
    const body: DraftSentence[] = [];
    const impression: DraftSentence[] = [];
    const spokenOf = new Map<Finding, Spoken>();

    // Generate and ground, finding by finding.
    for (const finding of plan.findings) {
      signal.throwIfAborted();
      const side = sideAllowed(finding, ground);
      if (side !== finding.side)
        remarks.push(`The side of a ${finding.name} contradicts its place in the images and was left out: check it.`);
      const spoken: Spoken = { ...finding, side, place: side === finding.side ? finding.place : '' };
      spokenOf.set(finding, spoken);
      const wording =
        options.retrieval === 'priors-and-similar' && !film ? await wordingFor(knowledge, studyId, spoken, signal) : [];
      const about = {
        regions: regionsThatExist(finding.regions, ground),
        score: finding.score,
        findingKey: finding.key,
        side,
      };
      const written = await findingSentence(finding, spoken, {
        written: film?.sentenceOf.get(finding.id) ?? null,
        modality: modalityOf(finding),
        wording,
        seed: options.seed,
        random: random.fork(`finding/${finding.id}`),
        inference,
        signal,
      });
      if (film && written.objection !== null)
        remarks.push(
          `The network's sentence on a ${finding.name} contradicted the place that it points at; our own phrase stands there: check it.`,
        );
      body.push(sentence('findings', written.text, 'finding', { ...about, evidence: written.evidence }));
      const short = impressionSentence(finding, spoken, random.fork(`impression/${finding.id}`), film === null);
      impression.push(sentence('impression', short.text, 'finding', { ...about, evidence: short.evidence }));
    }

    const spoken = plan.findings.flatMap((finding) => spokenOf.get(finding) ?? []);
    const searched = film ? film.searched : looked.flatMap((one) => one.searched);
    const compared = compareWith(spoken, priors, new Set(searched));
    const comparisons = compared.map(({ text, prior, of }) => {
      const finding = of === null ? undefined : plan.findings[of];
      return sentence('findings', text, 'comparison', {
        evidence: [evidenceOf(prior)],
        findingKey: finding?.key ?? '',
        side: finding ? (spokenOf.get(finding)?.side ?? null) : null,
        regions: finding ? regionsThatExist(finding.regions, ground) : [],
      });
    });
    // What an earlier report described and no model finds is not said to be absent: the reader has to look.
    const doubtful = new Set(compared.filter(({ of }) => of === null).map(({ key }) => key));
    const absent = film
      ? film.normals
      : plan.absent.flatMap((key) => {
          const term = termOf(key);
          return term && term.normal.length > 0 ? [{ key, text: random.fork(`normal/${key}`).pick(term.normal) }] : [];
        });
    const normals = absent
      .filter(({ key }) => !doubtful.has(key))
      .map(({ key, text }) => sentence('findings', text, 'normal', { findingKey: key }));
    if (impression.length === 0 && normals.length > 0 && doubtful.size === 0) {
      impression.push(
        sentence(
          'impression',
          'No abnormality is identified by the models used; they look for a few findings only.',
          'normal',
        ),
      );
    }
    const comparison =
      priors.length > 0
        ? `Report of ${priors
            .map((prior) => prior.report.date ?? '')
            .slice(0, 3)
            .join(', ')}.`
        : 'None available.';

    // Check.
    const sentences = checked(
      [
        sentence('indication', plan.indication, 'other'),
        ...plan.technique.map((text) => sentence('technique', text, 'other')),
        sentence('comparison', comparison, 'other', { evidence: priors.slice(0, 3).map(evidenceOf) }),
        ...body,
        ...comparisons,
        ...normals,
        ...impression,
      ],
      priors.length > 0,
    );
    const made: Draft = {
      id: newId(),
      studyId,
      createdAt: base.outside.now().toISOString(),
      recipe: {
        seed: options.seed,
        drafter: film ? FILM_DRAFTER : DRAFTER,
        drafterVersion: VERSION,
        retrieval: options.retrieval,
        packages: film ? [...film.packages] : used,
      },
      sentences,
      priorIds: priors.map((prior) => prior.report.id),
      remarks: [...new Set(remarks)],
    };
    store.transaction((writer) => {
      // The study may have been removed while the draft was written.
      studies.study(studyId);
      writer.run(
        'INSERT INTO draft (id, study_id, created_at, body) VALUES (?, ?, ?, ?)',
        made.id,
        studyId,
        made.createdAt,
        JSON.stringify(made),
      );
    });
    studies.changed(studyId);
    return made;
  };

  const start = (
    studyId: string,
    { seed, retrieval, drafter }: { seed: number | null; retrieval: Retrieval | null; drafter?: DrafterKind | null },
  ): string => {
    studies.study(studyId);
    const options = {
      seed: seed ?? drafts(studyId).length + 1,
      retrieval: retrieval ?? 'priors-and-similar',
      drafter: drafter ?? 'findings',
    };
    return jobs.start(
      { kind: 'draft', title: 'Draft report', studyId },
      async (context) => (await compose(studyId, options, context)).id,
    );
  };

  return {
    draft,
    drafts,
    write: async (studyId, options) => {
      const job = await jobs.ended(start(studyId, options));
      const made = job.resultId === null ? null : draft(job.resultId);
      if (!made) throw new Fault('internal', 'The draft was not stored.', { studyId });
      return made;
    },
    handlers: {
      drafting: {
        create: ({ studyId, ...options }) => ({ jobId: start(studyId, options) }),
        list: ({ studyId }) => ({ drafts: drafts(studyId) }),
        phrase: ({ key, side, place, sizeMm, severity }) => ({ text: phraseFor(key, side, place, sizeMm, severity) }),
        vocabulary: ({ modality }) => ({ terms: vocabulary(modality) }),
      },
    },
  };
};
