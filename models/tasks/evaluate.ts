import { scoreGrades, scoreLabels } from './classification/score/index.ts';
import { scoreGrounding, scoreLesions } from './detection/score/index.ts';
import { type Case, casesOf, type Evaluation, merge } from './evaluation.ts';
import { scoreReports } from './report-generation/score/index.ts';
import { scoreMasks } from './segmentation/score/index.ts';

/** Every figure that the cases allow, of whatever kinds they are. `data`: what they are, in words. */
export const evaluate = (cases: readonly Case[], data: string): Evaluation => {
  const kinds = {
    grade: casesOf(cases, 'grade'),
    labels: casesOf(cases, 'labels'),
    lesions: casesOf(cases, 'lesions'),
    grounding: casesOf(cases, 'grounding'),
    masks: casesOf(cases, 'masks'),
    report: casesOf(cases, 'report'),
  };
  return merge([
    ...(kinds.grade.length > 0 ? [scoreGrades(kinds.grade, data)] : []),
    ...(kinds.labels.length > 0 ? [scoreLabels(kinds.labels, data)] : []),
    ...(kinds.lesions.length > 0 ? [scoreLesions(kinds.lesions, data)] : []),
    ...(kinds.grounding.length > 0 ? [scoreGrounding(kinds.grounding, data)] : []),
    ...(kinds.masks.length > 0 ? [scoreMasks(kinds.masks, data)] : []),
    ...(kinds.report.length > 0 ? [scoreReports(kinds.report, data)] : []),
  ]);
};
