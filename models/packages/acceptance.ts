/** The figure that a package's manifest promises, on phantoms that nothing was trained on, and the answers that know nothing. */
import type { Finding } from '../../preload/contract/terms/index.ts';
import type { Manifest } from '../kit/manifest.ts';
import { auc } from '../kit/metrics/ranking.ts';
import { FUNDUS_LESIONS, type FundusPhantom, fundusPhantom } from '../kit/phantom/fundus.ts';
import { type Lesion, type Phantom, phantom } from '../kit/phantom/index.ts';
import { lesionF1, plantedIn, type Scored, scored, sensitivityMinusFalseRate } from '../kit/score.ts';
import { agrees, type Told } from '../kit/text/agrees.ts';
import type { SentencePrompt } from '../tasks/report-generation/index.ts';
import { clinicalOfSets, FINDINGS, type FindingKey, findingsThere } from '../tasks/report-generation/score/index.ts';
import { answerTo } from './photographs.ts';
import { draftOf, embeddings, findingsIn, type Loaded, sentenceFor } from './run.ts';

export interface Figures {
  readonly network: number;
  /** What is right by chance: the network's own answers, dealt to other cases. */
  readonly chance: number;
  /** The best answer that is the same for every case. */
  readonly constant: number;
}

/** Lines in turn, each with a seed that no training set has. */
const inTurn = <One>({ phantoms, seed, count }: Manifest['acceptance'], draw: (line: string, seed: string) => One) =>
  Array.from({ length: count }, (_, n) => draw(phantoms[n % phantoms.length] ?? '', `${seed}/${n}`));

const lesions = async (loaded: Loaded, phantoms: readonly Phantom[]): Promise<Figures> => {
  const figure = loaded.manifest.acceptance.metric === 'lesion-f1' ? lesionF1 : sensitivityMinusFalseRate;
  const said: Finding[][] = [];
  for (const own of phantoms) said.push(await findingsIn(loaded, own));
  const against = (answers: readonly (readonly Finding[])[]): number =>
    figure(phantoms.map((own, n): Scored => scored(answers[n] ?? [], plantedIn(own))));
  return {
    network: against(said),
    chance: against(said.map((_, n) => said[(n + 1) % said.length] ?? [])),
    constant: Math.max(...[[], ...said].map((one) => against(phantoms.map(() => one)))),
  };
};

/** What a film shows, in the labeller's words: a nodule of more than 30 mm is a mass. */
export const shownIn = (phantom: Phantom): FindingKey[] => [
  ...new Set(
    phantom.lesions.flatMap(({ kind, sizeMm, visible }): FindingKey[] =>
      visible ? [kind === 'lung-nodule' && Math.round(sizeMm) > 30 ? 'lung-mass' : kind] : [],
    ),
  ),
];

/** The finding that a planted lesion would become, in the words of toFindings(). */
export const toldOf = (
  lesion: Lesion,
  modality: 'CT' | 'CR',
  ratio: number | null,
): SentencePrompt['finding'] & Pick<Told, 'side'> => {
  const zone = /upper|apex/.test(lesion.place) ? 'upper' : /middle|lingula/.test(lesion.place) ? 'middle' : 'lower';
  const place =
    lesion.kind === 'effusion' || lesion.kind === 'pneumothorax'
      ? `${lesion.side} hemithorax`
      : lesion.kind === 'liver-lesion'
        ? 'segment not determined'
        : lesion.kind === 'cardiomegaly'
          ? 'heart'
          : `${lesion.side} ${zone} zone`;
  const measured = lesion.kind === 'lung-nodule' || lesion.kind === 'liver-lesion';
  const volumeMl = (Math.PI / 6) * (lesion.sizeMm / 10) ** 3;
  return {
    key: lesion.kind,
    side: lesion.side,
    place,
    severity: lesion.severity,
    measurements: measured
      ? [
          { name: 'largest diameter', value: lesion.sizeMm, unit: 'mm' },
          ...(modality === 'CT' ? [{ name: 'volume', value: volumeMl, unit: 'mL' }] : []),
        ]
      : lesion.kind === 'cardiomegaly' && ratio !== null
        ? [{ name: 'cardiothoracic ratio', value: ratio, unit: '1' }]
        : [],
  };
};

const sentences = async (loaded: Loaded, phantoms: readonly Phantom[]): Promise<Figures> => {
  const { pipeline } = loaded.manifest;
  const keys = pipeline.task === 'report-generation' ? pipeline.keys : [];
  const told = phantoms.flatMap((own) =>
    own.lesions
      .filter((lesion) => keys.includes(lesion.kind))
      .map((lesion) => {
        const modality = own.kind === 'ct' ? 'CT' : 'CR';
        return { modality, finding: toldOf(lesion, modality, own.kind === 'xray' ? own.cardiothoracicRatio : null) };
      }),
  );
  const texts: string[] = [];
  for (const { modality, finding } of told) texts.push(await sentenceFor(loaded, { modality, finding, wording: [] }));
  const share = (text: (n: number) => string): number =>
    told.filter(({ finding }, n) => agrees(text(n), finding)).length / Math.max(1, told.length);
  return {
    network: share((n) => texts[n] ?? ''),
    chance: share((n) => texts[(n + 1) % texts.length] ?? ''),
    constant: Math.max(...texts.map((text) => share(() => text))),
  };
};

/** What each draft says against what its film shows, by the labeller. */
const drafts = async (loaded: Loaded, phantoms: readonly Phantom[]): Promise<Figures> => {
  const films = phantoms.filter((own) => own.kind === 'xray');
  const said: ReadonlySet<FindingKey>[] = [];
  for (const film of films) {
    const text = (await draftOf(loaded, film)).map((sentence) => sentence.text).join(' ');
    said.push(findingsThere(text, { uncertain: 'present', findings: FINDINGS }));
  }
  const truth = films.map((film) => new Set(shownIn(film)));
  const f1 = (told: (n: number) => ReadonlySet<FindingKey> | undefined): number =>
    clinicalOfSets(truth.map((reference, n) => ({ draft: told(n) ?? new Set(), reference }))).micro;
  return {
    network: f1((n) => said[n]),
    chance: f1((n) => said[(n + 1) % said.length]),
    constant: Math.max(...said.map((one) => f1(() => one))),
  };
};

const nearest = async (loaded: Loaded, phantoms: readonly Phantom[]): Promise<Figures> => {
  const told = phantoms.flatMap((own) =>
    own.report.findings.flatMap((sentence) => {
      const [id, ...others] = sentence.lesionIds;
      const lesion = own.lesions.find((candidate) => candidate.id === id);
      return lesion && others.length === 0 ? [{ text: sentence.text, says: `${lesion.kind} ${lesion.side}` }] : [];
    }),
  );
  // a sentence that no other one repeats in meaning has no right neighbour
  const asked = told.filter((one) => told.some((other) => other.says === one.says && other.text !== one.text));
  const vectors = await embeddings(
    loaded,
    told.map(({ text }) => text),
  );
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, d) => sum + v * (b[d] ?? 0), 0);
  const right = asked.filter((one) => {
    const own = vectors[told.indexOf(one)] ?? new Float32Array();
    let best = -Infinity;
    let says = '';
    for (const [n, other] of told.entries()) {
      const likeness = other.text === one.text ? -Infinity : dot(own, vectors[n] ?? new Float32Array());
      if (likeness > best) {
        best = likeness;
        says = other.says;
      }
    }
    return says === one.says;
  }).length;
  const shareOf = (says: string): number => asked.filter((one) => one.says === says).length / Math.max(1, asked.length);
  return {
    network: right / Math.max(1, asked.length),
    chance: asked.reduce((sum, one) => sum + shareOf(one.says), 0) / Math.max(1, asked.length),
    constant: Math.max(0, ...asked.map((one) => shareOf(one.says))),
  };
};

/** Every fourth cell: neighbours say the same. */
const STRIDE = 4;

/** How well the lesions' logits part cells in drawn lesions from the field's others: mean over lesions of the area under the ROC. */
const lesionCells = async (loaded: Loaded, photographs: readonly FundusPhantom[]): Promise<Figures> => {
  const said: { data: Float32Array; truth: (lesion: number, cell: number) => boolean | null }[] = [];
  let side = 0;
  for (const own of photographs) {
    const answered = await answerTo(loaded, own);
    if (answered.kind === 'refused') throw new Error(`a drawn photograph was refused: ${answered.why}`);
    const { photo, outputs } = answered;
    const { data, dims } = outputs.lesions ?? { data: new Float32Array(), dims: [] };
    const width = dims[3] ?? 1;
    side = width;
    said.push({
      data,
      truth: (lesion, cell) => {
        const [px, py] = [((cell % width) + 0.5) * (photo.columns / width), (Math.floor(cell / width) + 0.5) * (photo.rows / width)];
        if (photo.mask[Math.floor(py) * photo.columns + Math.floor(px)] !== 1) return null;
        const [x, y] = [Math.floor((px - photo.shift[0]) / photo.scale[0]), Math.floor((py - photo.shift[1]) / photo.scale[1])];
        return (((own.cells[y * own.columns + x] ?? 0) >> lesion) & 1) === 1;
      },
    });
  }
  const cells = side * side;
  const judged = loaded.manifest.labels.flatMap(({ key, kind, channel }) => {
    const lesion = FUNDUS_LESIONS.findIndex((name) => key.endsWith(name));
    return kind === 'finding' && lesion >= 0 ? [{ channel, lesion }] : [];
  });
  const area = (answer: (n: number) => Float32Array): number => {
    const areas = judged.map(({ channel, lesion }) => {
      const scored: { score: number; truth: boolean }[] = [];
      for (const [n, { truth }] of said.entries()) {
        const data = answer(n);
        for (let y = 0; y < side; y += STRIDE)
          for (let x = 0; x < side; x += STRIDE) {
            const is = truth(lesion, y * side + x);
            if (is !== null) scored.push({ score: data[channel * cells + y * side + x] ?? 0, truth: is });
          }
      }
      return auc(scored) ?? 0.5;
    });
    return areas.reduce((sum, v) => sum + v, 0) / Math.max(1, areas.length);
  };
  const of = (n: number): Float32Array => said[n % said.length]?.data ?? new Float32Array();
  return {
    network: area(of),
    chance: area((n) => of(n + 1)),
    constant: Math.max(...said.map((_, n) => area(() => of(n)))),
  };
};

/** What a package is judged on: drawn once, for the network and for its twin. */
export type Drawn =
  | { readonly kind: 'photographs'; readonly photographs: readonly FundusPhantom[] }
  | { readonly kind: 'phantoms'; readonly phantoms: readonly Phantom[] };

/** Words are held-out phrases. */
export const drawnFor = (acceptance: Manifest['acceptance']): Drawn =>
  acceptance.metric === 'lesion-cells'
    ? { kind: 'photographs', photographs: inTurn(acceptance, fundusPhantom) }
    : { kind: 'phantoms', phantoms: inTurn(acceptance, (line, seed) => phantom(line, { seed, phrases: 'b' })) };

export const figures = (loaded: Loaded, drawn: Drawn): Promise<Figures> => {
  if (drawn.kind === 'photographs') return lesionCells(loaded, drawn.photographs);
  switch (loaded.manifest.acceptance.metric) {
    case 'agreement':
      return sentences(loaded, drawn.phantoms);
    case 'clinical-f1':
      return drafts(loaded, drawn.phantoms);
    case 'same-finding-first':
      return nearest(loaded, drawn.phantoms);
    default:
      return lesions(loaded, drawn.phantoms);
  }
};
