/** Takes an answer in: checked against the series, the manifest and its own hashes, then marks and findings into the store. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnswerContext, AnswerError, type AnswerFile, type Drawn } from '../../models/tasks/answer.ts';
import {
  ClassificationAnswer,
  checkClassification,
  classificationFindings,
} from '../../models/tasks/classification/index.ts';
import {
  checkDetection,
  DetectionAnswer,
  detectionFindings,
  detectionOverlays,
} from '../../models/tasks/detection/index.ts';
import {
  checkGrading,
  GradingAnswer,
  gradingFindings,
  gradingOverlays,
  gradingRemarks,
} from '../../models/tasks/grading/index.ts';
import {
  checkSegmentation,
  SegmentationAnswer,
  segmentationFindings,
  segmentationOverlays,
} from '../../models/tasks/segmentation/index.ts';
import { Fault, Finding } from '../../preload/contract/index.ts';
import type { Base, Studies } from '../domains.ts';
import { ANSWER_FILE } from './messages.ts';

export interface Results {
  readonly overlays: readonly Drawn[];
  readonly findings: readonly Finding[];
  readonly remarks: readonly string[];
  /** Labels by key that the run could not tell of: not to be taken for absent. */
  readonly unanswered: readonly string[];
}

const MOST_ANSWER_BYTES = 8 << 20;

/** The same package on the same series makes the same ids, whatever version: a newer answer takes the older one's place. */
export const stableId = (seriesId: string, packageName: string, name: string): string =>
  createHash('sha256').update(`${seriesId}\n${packageName}\n${name}`).digest('base64url').slice(0, 22);

const readAnswerFile = async (folder: string, file: AnswerFile): Promise<Uint8Array> => {
  const path = join(folder, file.name);
  if ((await stat(path)).size !== file.bytes) throw new AnswerError(`${file.name} has another size than it says`);
  const bytes = await readFile(path);
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256)
    throw new AnswerError(`${file.name} has another hash than it says`);
  return bytes;
};

const parse = async (folder: string, context: AnswerContext): Promise<Results> => {
  const path = join(folder, ANSWER_FILE);
  if ((await stat(path)).size > MOST_ANSWER_BYTES) throw new AnswerError('the answer is too long');
  const json: unknown = JSON.parse(await readFile(path, 'utf8'));
  switch (context.manifest.pipeline.task) {
    case 'segmentation': {
      const answer = SegmentationAnswer.parse(json);
      const bytes = await readAnswerFile(folder, answer.labels);
      checkSegmentation(answer, bytes, context);
      return {
        overlays: segmentationOverlays(answer, context).map((overlay) => ({ overlay, bytes })),
        findings: segmentationFindings(answer, context),
        remarks: answer.remarks,
        unanswered: [],
      };
    }
    case 'detection': {
      const answer = DetectionAnswer.parse(json);
      const bytes = new Map<string, Uint8Array>();
      for (const file of [...answer.heatMaps.map((map) => map.file), ...(answer.organs ? [answer.organs] : [])])
        bytes.set(file.name, await readAnswerFile(folder, file));
      checkDetection(answer, bytes, context);
      return {
        overlays: detectionOverlays(answer, bytes, context),
        findings: detectionFindings(answer, context),
        remarks: answer.remarks,
        unanswered: answer.unanswered,
      };
    }
    case 'classification': {
      const answer = ClassificationAnswer.parse(json);
      checkClassification(answer, context);
      return { overlays: [], findings: classificationFindings(answer, context), remarks: [], unanswered: [] };
    }
    case 'grading': {
      const answer = GradingAnswer.parse(json);
      const bytes = new Map<string, Uint8Array>();
      for (const { map } of answer.graded) bytes.set(map.file.name, await readAnswerFile(folder, map.file));
      checkGrading(answer, bytes, context);
      return {
        overlays: gradingOverlays(answer, bytes, context),
        findings: gradingFindings(answer, context),
        remarks: gradingRemarks(answer, context),
        unanswered: [],
      };
    }
    default:
      throw new AnswerError('this package reads no images');
  }
};

/** Throws a Fault where the answer cannot be trusted. */
export const readResults = async (folder: string, context: AnswerContext): Promise<Results> => {
  try {
    const results = await parse(folder, context);
    return { ...results, findings: results.findings.map((finding) => Finding.parse(finding)) };
  } catch (error) {
    const why = error instanceof AnswerError ? error.message : 'it is not in the form of its task';
    throw new Fault('refused', `The model's answer was not taken: ${why}.`);
  }
};

export interface RunRow {
  readonly seriesId: string;
  readonly package: string;
  readonly version: string;
  readonly pixelTag: string;
  readonly studyId: string;
  readonly jobId: string;
  readonly provider: string;
}

/**
 * Marks are files and go first, so the run's row says that all is there: it is taken away before the first mark and
 * written with the findings after the last. A crash between leaves no run, and the next one does it again.
 */
export const takeIn = async (base: Base, studies: Studies, run: RunRow, results: Results): Promise<void> => {
  base.store.transaction((writer) => {
    writer.run('DELETE FROM model_runs WHERE series_id = ? AND package = ?', run.seriesId, run.package);
    writer.run('DELETE FROM model_findings WHERE series_id = ? AND package = ?', run.seriesId, run.package);
  });
  await studies.removeOverlays(run.studyId, { package: run.package, seriesId: run.seriesId });
  for (const { overlay, bytes } of results.overlays) await studies.putOverlay(overlay, bytes);
  // where the study went away meanwhile, this throws
  studies.seriesOf(run.seriesId);
  base.store.transaction((writer) => {
    for (const [position, finding] of results.findings.entries())
      writer.run(
        'INSERT INTO model_findings (id, study_id, series_id, package, position, finding) VALUES (?, ?, ?, ?, ?, ?)',
        finding.id,
        run.studyId,
        run.seriesId,
        run.package,
        position,
        JSON.stringify(finding),
      );
    writer.run(
      `INSERT INTO model_runs (series_id, package, version, pixel_tag, study_id, job_id, provider, remarks, unanswered, ended_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      run.seriesId,
      run.package,
      run.version,
      run.pixelTag,
      run.studyId,
      run.jobId,
      run.provider,
      JSON.stringify(results.remarks),
      JSON.stringify(results.unanswered),
      base.outside.now().toISOString(),
    );
  });
};
