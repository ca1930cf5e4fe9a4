import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { AnswerContext } from '../../models/tasks/answer.ts';
import { isFrontal } from '../../models/tasks/detection/index.ts';
import { Fault, type Finding, type Maker, type SeriesSummary } from '../../preload/contract/index.ts';
import type { Base, Inference, JobContext, Studies } from '../domains.ts';
import { createChanges } from '../process/changes.ts';
import { DraftedFilm } from './messages.ts';
import { describe, type Found, type FoundPackage, findPackages } from './packages.ts';
import { inferenceProcess } from './process.ts';
import { createProviders } from './providers.ts';
import { readResults, stableId, takeIn } from './results.ts';
import { decisive, fitOf, type Shown } from './suitable.ts';

/** How long what was found on disk is taken to be still so. */
const FOUND_MS = 5_000;
/** Series whose images are remembered as far as they decide what fits. */
const MOST_SHOWN = 4096;

/** Models: packages, the processes that run them, and what they found. */
export const createInference = (base: Base, studies: Studies): Inference => {
  const { outside, store, jobs, newId } = base;
  const jobFolder = join(outside.storeFolder, 'jobs');
  // answers that were never taken in
  rmSync(jobFolder, { recursive: true, force: true });
  mkdirSync(jobFolder, { recursive: true, mode: 0o700 });

  const folders = { read: [...outside.modelFolders], write: [jobFolder] };
  const images = inferenceProcess(outside, folders);
  /** Sentences and searches do not wait for a volume. */
  const text = inferenceProcess(outside, { read: [...outside.modelFolders], write: [] });
  const providers = createProviders(images);
  /** Of the study. */
  const changes = createChanges<string>();
  const running = new Map<string, Promise<unknown>>();
  const stoppers = new Set<{ studyId: string; controller: AbortController }>();

  let lately: { at: number; found: Promise<Found[]> } | null = null;
  const packages = (): Promise<Found[]> => {
    const now = performance.now();
    if (!lately || now - lately.at > FOUND_MS) lately = { at: now, found: findPackages(outside.modelFolders) };
    return lately.found;
  };
  const usable = async (): Promise<FoundPackage[]> =>
    (await packages()).flatMap((entry) => (entry.kind === 'usable' ? [entry.found] : []));
  const packageNamed = async (name: string): Promise<FoundPackage> => {
    const entry = (await packages()).find((own) => nameOf(own) === name);
    if (!entry) throw new Fault('not-found', 'There is no such model package.', { package: name });
    if (entry.kind === 'refused')
      throw new Fault('refused', `The package cannot be used: ${entry.why}.`, { package: name });
    return entry.found;
  };
  const firstOf = async (task: 'embedding' | 'report-generation'): Promise<FoundPackage | null> =>
    (await usable()).find((found) => found.manifest.pipeline.task === task) ?? null;

  const lastRun = (seriesId: string, name: string) =>
    store.read.get<{ version: string; pixel_tag: string; remarks: string }>(
      'SELECT version, pixel_tag, remarks FROM model_runs WHERE series_id = ? AND package = ?',
      seriesId,
      name,
    );
  const isDone = (found: FoundPackage, seriesId: string, pixelTag: string): boolean => {
    const last = lastRun(seriesId, found.manifest.name);
    return last?.version === found.manifest.version && last.pixel_tag === pixelTag;
  };

  /** The store's own folder that holds a path: what the process is let into. */
  const topFolder = (path: string): string => {
    const [first] = relative(outside.storeFolder, path).split(sep);
    return first && first !== '..' && first !== '.' ? join(outside.storeFolder, first) : dirname(path);
  };

  const runOnce = async (found: FoundPackage, seriesId: string, context: JobContext): Promise<void> => {
    const series = studies.seriesOf(seriesId);
    const { manifest } = found;
    context.progress(0, 'reading the images');
    const decoded = await studies.decoded(seriesId, context.signal);
    const out = join(jobFolder, newId());
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    context.signal.addEventListener('abort', abort, { once: true });
    if (context.signal.aborted) abort();
    const stopper = { studyId: series.studyId, controller };
    stoppers.add(stopper);
    try {
      if (isDone(found, seriesId, decoded.images.pixelTag)) return;
      const { inUse } = await providers.report();
      await mkdir(out, { mode: 0o700 });
      const { provider } = await images.ask(
        {
          kind: 'series',
          package: { folder: found.folder, manifest },
          provider: inUse ?? 'cpu',
          images: decoded.images,
          pixels: decoded.path,
          out,
        },
        { signal: controller.signal, progress: context.progress, read: [topFolder(decoded.path)] },
      );
      context.progress(0.97, 'taking the answer in');
      const maker: Extract<Maker, { kind: 'model' }> = {
        kind: 'model',
        package: manifest.name,
        version: manifest.version,
        jobId: context.jobId,
      };
      const answer: AnswerContext = {
        manifest,
        images: decoded.images,
        studyId: series.studyId,
        maker,
        createdAt: outside.now().toISOString(),
        idOf: (name) => stableId(seriesId, manifest.name, name),
      };
      const results = await readResults(out, answer);
      if (controller.signal.aborted) throw new Fault('cancelled', 'Cancelled.');
      const { pixelTag } = decoded.images;
      const row = { seriesId, package: manifest.name, version: manifest.version, pixelTag, studyId: series.studyId };
      await takeIn(base, studies, { ...row, jobId: context.jobId, provider }, results);
    } finally {
      context.signal.removeEventListener('abort', abort);
      stoppers.delete(stopper);
      decoded.release();
      await rm(out, { recursive: true, force: true });
    }
    changes.tell(series.studyId);
    studies.changed(series.studyId);
  };

  /** The same package on the same series runs once at a time; who comes second finds the first one's result. */
  const run = async (found: FoundPackage, seriesId: string, context: JobContext): Promise<void> => {
    const key = `${seriesId}\n${found.manifest.name}`;
    for (let other = running.get(key); other; other = running.get(key)) await other.catch(() => {});
    const mine = runOnce(found, seriesId, context);
    running.set(key, mine);
    try {
      await mine;
    } finally {
      if (running.get(key) === mine) running.delete(key);
    }
  };

  const shown = new Map<string, { pixelTag: string; shown: Shown }>();
  /** Remembered until the series is made of other files: the findings list asks for all series at each change. */
  const shownOf = (seriesId: string): Shown => {
    const pixelTag = studies.pixelTag(seriesId);
    const present = shown.get(seriesId);
    if (present?.pixelTag === pixelTag) return present.shown;
    const made = decisive(studies.recorded(seriesId));
    shown.delete(seriesId);
    shown.set(seriesId, { pixelTag, shown: made });
    if (shown.size > MOST_SHOWN) shown.delete(shown.keys().next().value ?? '');
    return made;
  };

  /** Packages that fit a series: those that find something in it, or those that draft its report. */
  const fits = async (
    series: SeriesSummary,
    what: 'finds' | 'drafts' = 'finds',
  ): Promise<{ found: FoundPackage; kind: 'certain' | 'possible' }[]> => {
    if (series.kind !== 'image' || series.refused !== null || series.sourceMissing) return [];
    const own = shownOf(series.id);
    return (await usable()).flatMap((found) => {
      if ((found.manifest.pipeline.task === 'report-drafting') !== (what === 'drafts')) return [];
      const fit = fitOf(found.manifest, series, own);
      return fit.kind === 'none' ? [] : [{ found, kind: fit.kind }];
    });
  };

  /** What runs by itself and has no result of its version on these pixels. */
  const missing = async (studyId: string): Promise<{ found: FoundPackage; series: SeriesSummary }[]> => {
    const out: { found: FoundPackage; series: SeriesSummary }[] = [];
    for (const series of studies.study(studyId).series)
      for (const { found, kind } of await fits(series))
        if (kind === 'certain' && !isDone(found, series.id, studies.pixelTag(series.id))) out.push({ found, series });
    return out;
  };

  const titleOf = (found: FoundPackage): string => found.manifest.title;
  const start = (found: FoundPackage, series: SeriesSummary): string =>
    jobs.start(
      { kind: 'inference', title: titleOf(found), studyId: series.studyId, seriesId: series.id },
      async (context) => {
        await run(found, series.id, context);
        return null;
      },
    );

  studies.onRemove((writer, studyId) => {
    writer.run('DELETE FROM model_runs WHERE study_id = ?', studyId);
    writer.run('DELETE FROM model_findings WHERE study_id = ?', studyId);
    for (const stopper of stoppers) if (stopper.studyId === studyId) stopper.controller.abort();
    return [];
  });

  const findings = (studyId: string): Finding[] =>
    store.read
      .all<{ finding: string }>(
        `SELECT f.finding FROM model_findings f JOIN model_runs r ON r.series_id = f.series_id AND r.package = f.package
          WHERE f.study_id = ? ORDER BY f.series_id, f.package, f.position`,
        studyId,
      )
      .map((row) => JSON.parse(row.finding) as Finding);

  /** What the packages said beside their findings. */
  const remarksOf = (studyId: string): { seriesId: string; text: string }[] =>
    store.read
      .all<{ series_id: string; remarks: string }>(
        'SELECT series_id, remarks FROM model_runs WHERE study_id = ? ORDER BY series_id, package',
        studyId,
      )
      .flatMap((row) => (JSON.parse(row.remarks) as string[]).map((text) => ({ seriesId: row.series_id, text })));

  const unanswered = (studyId: string): { seriesId: string; package: string; keys: string[] }[] =>
    store.read
      .all<{ series_id: string; package: string; unanswered: string }>(
        'SELECT series_id, package, unanswered FROM model_runs WHERE study_id = ?',
        studyId,
      )
      .map((row) => ({
        seriesId: row.series_id,
        package: row.package,
        keys: JSON.parse(row.unanswered) as string[],
      }));

  return {
    handlers: {
      inference: {
        packages: async () => ({ packages: (await packages()).map(describe) }),
        providers: () => providers.report(),
        suitable: async ({ seriesId }) => {
          const own = await fits(studies.seriesOf(seriesId));
          if (own.length === 0) return { packages: [] };
          own.sort((a, b) => Number(b.kind === 'certain') - Number(a.kind === 'certain'));
          const pixelTag = studies.pixelTag(seriesId);
          return {
            packages: own.map(({ found, kind }) => ({
              name: found.manifest.name,
              title: titleOf(found),
              byItself: kind === 'certain',
              hasRun: isDone(found, seriesId, pixelTag),
            })),
          };
        },
        run: async ({ seriesId, package: name }) => {
          const series = studies.seriesOf(seriesId);
          const found = await packageNamed(name);
          if (series.refused !== null) throw new Fault('refused', series.refused, { seriesId });
          if (found.manifest.pipeline.task === 'report-drafting')
            throw new Fault('refused', `${titleOf(found)} drafts reports: it is run by writing a draft.`, {
              package: name,
            });
          const fit = fitOf(found.manifest, series, await studies.images(seriesId));
          if (fit.kind === 'none')
            throw new Fault('refused', `${titleOf(found)} does not fit this series: ${fit.why}.`, {
              seriesId,
              package: name,
            });
          return { jobId: start(found, series) };
        },
        runStudy: async ({ studyId }) => ({
          jobIds: (await missing(studyId)).map(({ found, series }) => start(found, series)),
        }),
        findings: ({ studyId }) => {
          studies.study(studyId);
          return { findings: findings(studyId), remarks: remarksOf(studyId) };
        },
        changed: ({ studyId }, emit, signal) =>
          changes.listen((changed) => {
            if (changed === studyId) emit({});
          }, signal),
      },
    },
    runStudy: async (studyId, context) => {
      const todo = await missing(studyId);
      const ran: { package: string; version: string }[] = [];
      const remarks: string[] = [];
      for (const [n, { found, series }] of todo.entries()) {
        const progress: JobContext['progress'] = (fraction, step) =>
          context.progress((n + (fraction ?? 0)) / todo.length, `${titleOf(found)}: ${step}`);
        try {
          await run(found, series.id, { ...context, progress });
          ran.push({ package: found.manifest.name, version: found.manifest.version });
        } catch (error) {
          if (context.signal.aborted || !(error instanceof Fault) || error.code === 'closed') throw error;
          // one model that fails does not keep the others from the draft
          remarks.push(`${titleOf(found)} could not be run: ${error.message}`);
        }
      }
      for (const series of studies.study(studyId).series)
        for (const { found, kind } of await fits(series))
          if (kind === 'possible' && !isDone(found, series.id, studies.pixelTag(series.id)))
            remarks.push(
              `${titleOf(found)} was not run: the file does not say that it shows what it reads. It can be run under Findings.`,
            );
      remarks.push(...remarksOf(studyId).map(({ text }) => text));
      for (const entry of await packages())
        if (entry.kind === 'refused') remarks.push(`The model package ${nameOf(entry)} was not used: ${entry.why}.`);
      return { ran, remarks: [...new Set(remarks)] };
    },
    findings,
    unanswered,
    embed: async (texts, signal) => {
      const found = await firstOf('embedding');
      if (found?.manifest.pipeline.task !== 'embedding') return null;
      if (texts.length === 0) return [];
      const { dims } = found.manifest.pipeline;
      const { value } = await text.ask({ kind: 'embed', package: refOf(found), provider: 'cpu', texts }, { signal });
      if (!(value instanceof Float32Array) || value.length !== texts.length * dims)
        throw new Fault('internal', 'The text encoder answered another size.');
      return texts.map((_, n) => value.slice(n * dims, (n + 1) * dims));
    },
    generate: async (prompt, seed, signal) => {
      const found = await firstOf('report-generation');
      if (found?.manifest.pipeline.task !== 'report-generation') return null;
      if (!found.manifest.pipeline.keys.includes(prompt.finding.key)) return null;
      const { value } = await text.ask(
        { kind: 'generate', package: refOf(found), provider: 'cpu', prompt, seed },
        { signal },
      );
      const sentence = value as { text: unknown; score: unknown } | null;
      if (sentence === null) return null;
      if (typeof sentence.text !== 'string' || typeof sentence.score !== 'number')
        throw new Fault('internal', 'The report network answered in another form.');
      const { name, version } = found.manifest;
      return { sentence: { text: sentence.text, score: sentence.score }, package: name, version };
    },
    draftFilm: async (seriesId, { signal, progress }) => {
      const [fitting] = await fits(studies.seriesOf(seriesId), 'drafts');
      const manifest = fitting?.found.manifest;
      if (!fitting || manifest?.pipeline.task !== 'report-drafting') return null;
      const { frames, remark } = await studies.images(seriesId);
      const frameIndex = frames.findIndex((frame) => isFrontal(frame) !== false);
      if (frameIndex < 0) return null;
      if (manifest.pipeline.phantomsOnly && !/phantom/i.test(remark))
        throw new Fault(
          'refused',
          `${manifest.name} ${manifest.version} learned from drawn films alone and is mostly wrong on films of people: it reads phantoms only. Phrases over what the models found can be had for this film.`,
          { seriesId },
        );
      const decoded = await studies.decoded(seriesId, signal);
      try {
        const { value } = await images.ask(
          {
            kind: 'draft',
            package: refOf(fitting.found),
            provider: 'cpu',
            images: decoded.images,
            pixels: decoded.path,
            frameIndex,
          },
          { signal, progress, read: [topFolder(decoded.path)] },
        );
        const told = DraftedFilm.safeParse(value);
        if (!told.success) throw new Fault('internal', 'The drafting network answered in another form.');
        const keys = [...new Set(manifest.pipeline.regions.map(({ key }) => key))];
        const { name, version, trainedOn } = manifest;
        return { sentences: told.data, frameIndex, keys, package: name, version, trainedOn };
      } finally {
        decoded.release();
      }
    },
    close: async () => {
      for (const { controller } of stoppers) controller.abort();
      images.close();
      text.close();
      await Promise.allSettled(running.values());
    },
  };
};

const nameOf = (entry: Found): string => (entry.kind === 'usable' ? entry.found.manifest.name : entry.name);

/** What of a package crosses to the process: its card stays here. */
const refOf = ({ folder, manifest }: FoundPackage) => ({ folder, manifest });
