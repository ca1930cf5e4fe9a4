import type { Random } from '../random.ts';
import { INDICATION, NORMAL, PHRASES, severityWord, TECHNIQUE, UNREMARKABLE } from './phrases.ts';
import type { Lesion, LesionKind, Patient, PhantomReport, PhraseFamily, Sentence } from './types.ts';

/** What the report is about. */
export interface ReportSubject {
  readonly kind: 'ct' | 'xray';
  readonly patient: Patient;
  readonly contrastAgent?: boolean;
  readonly view?: 'PA' | 'AP';
  readonly cardiothoracicRatio?: number;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** 'a 16 mm', 'an 18 mm', 'an 8 mm': which article a size takes. */
const article = (size: number): string =>
  size === 8 || size === 11 || size === 18 || (size >= 80 && size < 90) ? 'an' : 'a';

const fill = (pattern: string, l: Lesion, subject: ReportSubject): string => {
  const size = Math.round(l.sizeMm);
  const character = l.character === 'rim' ? 'rim-enhancing' : l.character;
  const words: Record<string, string> = {
    size: `${size} mm`,
    asize: `${article(size)} ${size} mm`,
    cm: `${(size / 10).toFixed(1)} cm`,
    place: l.place,
    side: l.side ?? '',
    severity: severityWord(l, 0),
    severity2: severityWord(l, 1),
    character,
    acharacter: `${/^[aeiou]/.test(character) ? 'an' : 'a'} ${character}`,
    noun: size > 30 ? 'mass' : 'nodule',
    slice: l.sliceIndex === null ? '' : String(l.sliceIndex + 1),
    ratio: subject.cardiothoracicRatio === undefined ? '' : subject.cardiothoracicRatio.toFixed(2),
  };
  return capital(pattern.replace(/\{(\w+)\}/g, (_, name: string) => words[name] ?? ''));
};

/** The true report of a phantom: only what the image shows, every other organ normal. */
export const writeReport = (
  subject: ReportSubject,
  lesions: readonly Lesion[],
  random: Random,
  family: PhraseFamily,
): PhantomReport => {
  const r = random.fork(`report ${family}`);
  const seen = lesions.filter((l) => l.visible);
  const phrases = PHRASES[family][subject.kind];
  const findings: Sentence[] = [];
  const impression: Sentence[] = [];
  const kinds = new Set<LesionKind>(seen.map((l) => l.kind));
  for (const l of seen) {
    const options = phrases[l.kind];
    if (options === undefined) continue;
    const matching = options.findings.filter((o) => !o.startsWith('[') || o.startsWith(`[${l.character}]`));
    findings.push({
      text: fill(r.pick(matching).replace(/^\[[^\]]*\]\s*/, ''), l, subject),
      lesionIds: [l.id],
      kind: l.kind,
    });
    impression.push({ text: fill(r.pick(options.impression), l, subject), lesionIds: [l.id], kind: l.kind });
  }
  for (const { unless, texts } of NORMAL[family][subject.kind]) {
    if (unless.some((k) => kinds.has(k))) continue;
    findings.push({ text: r.pick(texts), lesionIds: [], kind: 'normal' });
  }
  if (impression.length === 0)
    impression.push({ text: r.pick(UNREMARKABLE[family][subject.kind]), lesionIds: [], kind: 'normal' });
  const age = `${subject.patient.ageYears}-year-old ${subject.patient.sex === 'F' ? 'woman' : 'man'}`;
  const technique =
    TECHNIQUE[subject.kind][
      subject.kind === 'ct' ? (subject.contrastAgent ? 'contrast' : 'plain') : (subject.view ?? 'PA')
    ] ?? '';
  return {
    indication: r.pick(INDICATION[subject.kind]).replace('{age}', age),
    technique,
    comparison: 'None.',
    findings,
    impression,
  };
};
