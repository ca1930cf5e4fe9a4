/** What one study gives to training, already without identity; the formats only arrange it. */
import type {
  Comparison,
  Draft,
  DraftRating,
  DraftRecipe,
  ErrorCategory,
  Region,
  Report,
  Section,
  SentenceRating,
  StudySummary,
} from '../../preload/contract/index.ts';
import type { createScrubber, Kind } from '../deidentification/index.ts';
import type { Keys } from './keys.ts';

type Scrubber = ReturnType<typeof createScrubber>;

/** Where in an image a sentence points: pixels of the image, (0, 0) the outer corner of the first. */
export interface PlacedRegion {
  readonly sentence: number;
  readonly image: string;
  /** [x0, y0, x1, y1]; null where the whole image is meant. */
  readonly box: readonly [number, number, number, number] | null;
}
export interface Step {
  readonly text: string;
  readonly regions: readonly PlacedRegion[];
}
/** One text: a draft or what was signed. */
export interface Side {
  readonly text: string;
  readonly steps: readonly Step[];
  readonly recipe: DraftRecipe | null;
}
export interface Judged {
  readonly side: Side;
  readonly rater: string;
  readonly score: number | null;
  readonly comment: string;
  /** One a sentence of the side, null where not rated. */
  readonly verdicts: readonly (SentenceVerdict | null)[];
}
export interface SentenceVerdict {
  readonly verdict: SentenceRating['verdict'];
  readonly category: ErrorCategory | null;
  readonly significant: boolean | null;
}
export interface Choice {
  readonly left: Side;
  readonly right: Side;
  readonly choice: NonNullable<Comparison['choice']>;
  readonly rater: string;
}
export interface Material {
  readonly study: string;
  readonly prompt: string;
  /** Null where there is no signed report that agrees with its signature. */
  readonly signed: {
    readonly side: Side;
    readonly draft: Side | null;
    /** By sentence of the draft: whether it was signed as drafted; null where only its place was changed. */
    readonly kept: readonly (boolean | null)[];
    readonly addenda: number;
  } | null;
  readonly choices: readonly Choice[];
  readonly judged: readonly Judged[];
  /** Frames that the regions name. */
  readonly images: readonly { readonly seriesId: string; readonly frameIndex: number; readonly path: string }[];
}

/** Sections that a model is to write; the indication is told to it. */
const WRITTEN = ['technique', 'comparison', 'findings', 'impression'] as const satisfies readonly Section[];

const MODALITIES: ReadonlySet<string> = new Set([
  'CT',
  'MR',
  'CR',
  'DX',
  'PT',
  'US',
  'NM',
  'MG',
  'XA',
  'RF',
  'OP',
  'SC',
  'OT',
  'ES',
  'XC',
  'IO',
  'PX',
  'OCT',
  'SM',
]);
const BODY_PARTS: ReadonlySet<string> = new Set(
  'ABDOMEN ABDOMENPELVIS ADRENAL ANKLE AORTA ARM AXILLA BACK BLADDER BRAIN BREAST BRONCHUS CALCANEUS CAROTID CEREBELLUM CERVIX CHEEK CHEST CHESTABDOMEN CHESTABDPELVIS CLAVICLE COCCYX COLON CORNEA CORONARYARTERY CSPINE CTSPINE DUODENUM EAR ELBOW ESOPHAGUS EXTREMITY EYE EYELID FACE FEMUR FINGER FOOT GALLBLADDER HAND HEAD HEADNECK HEART HIP HUMERUS ILEUM ILIUM JAW JEJUNUM KIDNEY KNEE LARYNX LEG LIVER LSPINE LSSPINE LUNG MAXILLA MEDIASTINUM MOUTH NECK NECKCHEST NECKCHESTABDOMEN NOSE ORBIT OVARY PANCREAS PAROTID PATELLA PELVIS PENIS PHARYNX PROSTATE RADIUS RECTUM RETINA RIB SACRUM SCALP SCAPULA SCLERA SCROTUM SELLA SHOULDER SKULL SPINE SPLEEN SSPINE STERNUM STOMACH TESTIS THIGH THUMB THORAX THYMUS THYROID TLSPINE TOE TONGUE TRACHEA TSPINE ULNA UTERUS VAGINA WHOLEBODY WRIST ZYGOMA'.split(
    ' ',
  ),
);
/** A code that is none of the standard's could be anything, so it is not told. */
const told = (value: string, known: ReadonlySet<string>): string | null => {
  const plain = value.toUpperCase().replace(/[^A-Z]/gu, '');
  return known.has(plain) ? plain : null;
};

export interface MaterialSource {
  readonly study: StudySummary;
  readonly report: Report | null;
  readonly drafts: readonly Draft[];
  readonly ratings: readonly DraftRating[];
  readonly comparisons: readonly Comparison[];
}

export const materialOf = (
  source: MaterialSource,
  scrubber: Scrubber,
  keys: Keys,
  replaced: Map<Kind, number>,
): Material => {
  const images = new Map<string, Material['images'][number]>();
  const placed = (region: Region, sentence: number): PlacedRegion => {
    const path = `images/${keys.image(region.seriesId, region.frameIndex)}.png`;
    images.set(path, { seriesId: region.seriesId, frameIndex: region.frameIndex, path });
    const box: PlacedRegion['box'] =
      region.kind === 'box'
        ? [...region.box]
        : region.bounds && [region.bounds[0], region.bounds[1], region.bounds[3], region.bounds[4]];
    return { sentence, image: path, box };
  };
  const cleaned = new Map<string, string>();
  /** The same words are cleaned once, and so counted once. */
  const clean = (text: string): string => {
    const known = cleaned.get(text);
    if (known !== undefined) return known;
    const made = scrubber.clean(text.replace(/\s+/gu, ' ').trim(), replaced);
    cleaned.set(text, made);
    return made;
  };

  type Words = { section: Section; text: string; regions: readonly Region[] };
  const side = (sentences: readonly Words[], recipe: DraftRecipe | null): Side => {
    const written = WRITTEN.flatMap((section) => sentences.filter((one) => one.section === section && one.text.trim()));
    const steps = written.map((one, index) => ({
      text: clean(one.text),
      regions: one.regions.map((region) => placed(region, index)),
    }));
    const text = WRITTEN.map((section) => {
      const words = steps.filter((_, index) => written[index]?.section === section).map((one) => one.text);
      return words.length > 0 ? `${section.toUpperCase()}: ${words.join(' ')}` : '';
    });
    return { text: text.filter(Boolean).join('\n'), steps, recipe };
  };
  const draftSide = (draft: Draft): Side => side(draft.sentences, draft.recipe);
  const draftOrder = (draft: Draft) =>
    WRITTEN.flatMap((section) => draft.sentences.filter((one) => one.section === section && one.text.trim()));

  const { report } = source;
  const usable = report?.signature && !report.altered ? report : null;
  const draft = usable?.draftId ? (source.drafts.find((one) => one.id === usable.draftId) ?? null) : null;
  const signed = usable
    ? {
        side: side(
          usable.sentences.filter((one) => one.decision !== 'deleted'),
          null,
        ),
        draft: draft && draftSide(draft),
        kept: draft
          ? draftOrder(draft).map((one) => {
              const now = usable.sentences.find((sentence) => sentence.id === one.id);
              if (!now || now.decision === 'deleted' || clean(now.text) !== clean(one.text)) return false;
              return now.decision === 'edited' ? null : true;
            })
          : [],
        addenda: usable.addenda.length,
      }
    : null;

  const choices = source.comparisons.flatMap(({ left, right, choice, rater }): Choice[] =>
    choice && rater ? [{ left: draftSide(left), right: draftSide(right), choice, rater: keys.rater(rater) }] : [],
  );
  const judged = source.ratings.flatMap((rating): Judged[] => {
    const of = source.drafts.find((one) => one.id === rating.draftId);
    if (!of) return [];
    const verdicts = draftOrder(of).map((one) => {
      const found = rating.sentences.find((sentence) => sentence.sentenceId === one.id);
      return found ? { verdict: found.verdict, category: found.category, significant: found.significant } : null;
    });
    return [
      {
        side: draftSide(of),
        rater: keys.rater(rating.rater),
        score: rating.score,
        comment: clean(rating.comment),
        verdicts,
      },
    ];
  });

  const modality = source.study.modalities.map((one) => told(one, MODALITIES)).find(Boolean) ?? 'not stated';
  const bodyPart = source.study.bodyParts.map((one) => told(one, BODY_PARTS)).find(Boolean) ?? 'not stated';
  const words: readonly Words[] = usable
    ? usable.sentences.filter((one) => one.decision !== 'deleted')
    : (source.drafts[0]?.sentences ?? []);
  const indication = words
    .filter((one) => one.section === 'indication')
    .map((one) => clean(one.text))
    .filter(Boolean)
    .join(' ');
  // What models marked, of any draft: what is told must not depend on the answer that was preferred.
  const findings = new Set(
    source.drafts.flatMap((one) =>
      one.sentences
        .filter((sentence) => sentence.findingKey && sentence.kind === 'finding')
        .map((sentence) => clean([sentence.findingKey, sentence.side].filter(Boolean).join(', '))),
    ),
  );
  const prompt = [
    'Write the report of this examination.',
    `Modality: ${modality}`,
    `Body part: ${bodyPart}`,
    `Indication: ${indication || 'not stated'}`,
    `Prior report: ${source.drafts.some((one) => one.priorIds.length > 0) ? 'available' : 'none'}`,
    findings.size > 0
      ? `Findings marked by models:\n${[...findings]
          .sort()
          .map((one) => `- ${one}`)
          .join('\n')}`
      : 'Findings marked by models: none',
    'Report:',
  ].join('\n');

  return {
    study: keys.study(source.study.id),
    prompt: `${prompt}\n`,
    signed,
    choices,
    judged,
    images: [...images.values()],
  };
};
