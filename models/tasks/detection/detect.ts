/** What a detection network's outputs say of one frame. */
import type { Frame, Measurement } from '../../../preload/contract/terms/index.ts';
import { components } from '../../kit/components.ts';
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import { boxToImage, type PreparedImage } from '../../kit/steps/image.ts';
import { type FrameFinding, type Outputs, probabilityOf, roundTo, severityOf } from '../answer.ts';
import { type Fitness, fitnessOf } from './gate.ts';
import { boxesOf, type HeatBox, type HeatMap, heatOverImage } from './heat.ts';

type Box = [number, number, number, number];

export interface Detected {
  readonly findings: readonly FrameFinding[];
  /** uint8 maps over the whole frame, of the labels that became findings. */
  readonly heatMaps: readonly { key: string; data: Uint8Array; columns: number; rows: number }[];
  /** Organs on the frame's own grid, uint8 label values; null where the network draws none. */
  readonly organs: Uint8Array | null;
  readonly remarks: readonly string[];
  /** Labels that nothing can be said of on this frame. */
  readonly unanswered: readonly string[];
}

/** One channel of [1, C, h, w] as probabilities. */
const mapOf = (outputs: Outputs, name: string, channel: number): HeatMap | null => {
  const output = outputs[name];
  if (!output) return null;
  const [, channels = 0, rows = 0, columns = 0] = output.dims;
  if (channel >= channels) throw new RangeError(`the output ${name} has no channel ${channel}`);
  const from = channel * rows * columns;
  return { data: output.data.subarray(from, from + rows * columns).map((v) => 1 / (1 + Math.exp(-v))), columns, rows };
};

const sizesOf = (outputs: Outputs, channel: number): { width: Float32Array; height: Float32Array } | null => {
  const output = outputs.sizes;
  if (!output) return null;
  const [, channels = 0, rows = 0, columns = 0] = output.dims;
  const area = rows * columns;
  return {
    width: output.data.subarray(channel * area, (channel + 1) * area),
    height: output.data.subarray((channels / 2 + channel) * area, (channels / 2 + channel + 1) * area),
  };
};

/** Cells of the largest component at 0.5: what lies apart from it is not the organ. Null where there is none. */
const organCells = (mask: HeatMap): Uint8Array | null => {
  const found = components([mask.columns, mask.rows, 1], (n) => (mask.data[n] ?? 0) >= 0.5);
  const largest = found.sizes.indexOf(Math.max(...found.sizes, 0)) + 1;
  return largest === 0 ? null : Uint8Array.from(found.ids, (id) => Number(id === largest));
};

/** Their box in pixels of the letterboxed image; null where there are none. */
const maskBox = (mask: HeatMap, image: PreparedImage): Box | null => {
  const cells = organCells(mask);
  if (cells === null) return null;
  let [x0, y0, x1, y1] = [mask.columns, mask.rows, 0, 0];
  for (const [n, own] of cells.entries()) {
    if (own === 0) continue;
    const x = n % mask.columns;
    const y = Math.floor(n / mask.columns);
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x + 1);
    y1 = Math.max(y1, y + 1);
  }
  const sx = image.columns / mask.columns;
  const sy = image.rows / mask.rows;
  return [x0 * sx, y0 * sy, x1 * sx, y1 * sy];
};

/** Which of the patient's sides lies on the image's right; null where the file does not say, or it is no frontal view. */
export const sideOnRight = (frame: Pick<Frame, 'rowDirection'>): 'left' | 'right' | null => {
  const x = frame.rowDirection?.[0] ?? 0;
  // LPS: +x is the patient's left
  return x > 0.8 ? 'left' : x < -0.8 ? 'right' : null;
};

/** A frontal chest image whose file says how it lies has left and right along its rows. */
export const isFrontal = (frame: Pick<Frame, 'rowDirection' | 'columnDirection'>): boolean | null => {
  if (!frame.rowDirection || !frame.columnDirection) return null;
  return Math.abs(frame.rowDirection[0]) > 0.8 && Math.abs(frame.columnDirection[2]) > 0.8;
};

interface Chest {
  /** Boxes of organ masks by key, in letterboxed pixels. */
  readonly organs: ReadonlyMap<string, Box>;
  readonly midline: number | null;
}

const chestOf = (outputs: Outputs, labels: readonly ManifestLabel[], image: PreparedImage): Chest => {
  const organs = new Map<string, Box>();
  for (const label of labels) {
    if (label.kind !== 'organ') continue;
    const mask = mapOf(outputs, 'masks', label.channel);
    const box = mask && maskBox(mask, image);
    if (box) organs.set(label.key, box);
  }
  const a = organs.get('lung-left');
  const b = organs.get('lung-right');
  // between the inner edges of the two lungs
  const midline = a && b ? (Math.min(a[2], b[2]) + Math.max(a[0], b[0])) / 2 : null;
  return { organs, midline };
};

/** Nearer to the midline than this share of the image's width, a side would be a guess. */
const MIDLINE_SHARE = 0.015;

const sideOfBox = (
  box: Box,
  chest: Chest,
  image: PreparedImage,
  onRight: 'left' | 'right' | null,
): 'left' | 'right' | null => {
  if (!onRight) return null;
  const width = image.content[2] - image.content[0];
  const midline = chest.midline ?? (image.content[0] + image.content[2]) / 2;
  // without lungs found, the middle of the image only roughly is that of the patient
  const unsure = width * (chest.midline === null ? 0.08 : MIDLINE_SHARE);
  const x = (box[0] + box[2]) / 2 - midline;
  if (Math.abs(x) < unsure) return null;
  return x > 0 === (onRight === 'left') ? 'left' : 'right';
};

/** The lung's box on that side of the image. */
const lungAt = (box: Box, chest: Chest): Box | null => {
  const x = (box[0] + box[2]) / 2;
  const lungs = ['lung-left', 'lung-right'].flatMap((key) => {
    const lung = chest.organs.get(key);
    return lung ? [lung] : [];
  });
  if (lungs.length < 2 || chest.midline === null) return null;
  const onRight = x > chest.midline;
  return lungs.find((lung) => (lung[0] + lung[2]) / 2 > (chest.midline ?? 0) === onRight) ?? null;
};

const placeOf = (label: ManifestLabel, side: 'left' | 'right' | null, lung: Box | null, box: Box): string => {
  if (label.place === 'heart') return 'heart';
  if (label.place === 'lung-side') return side ? `${side} hemithorax` : '';
  if (label.place !== 'lung-zone' || !side) return '';
  if (!lung) return `${side} lung`;
  const depth = ((box[1] + box[3]) / 2 - lung[1]) / (lung[3] - lung[1]);
  return `${side} ${depth < 1 / 3 ? 'upper' : depth < 2 / 3 ? 'middle' : 'lower'} zone`;
};

const area = (box: Box): number => (box[2] - box[0]) * (box[3] - box[1]);

/** Size in mm of a box where the pixel size is certain. */
const diameterOf = (box: Box, frame: Frame): Measurement[] => {
  if (frame.calibration.kind !== 'known') return [];
  const [rowMm, columnMm] = frame.calibration.spacingMm;
  const mm = Math.max((box[2] - box[0]) * columnMm, (box[3] - box[1]) * rowMm);
  return [{ name: 'largest diameter', value: roundTo(mm, 1), unit: 'mm' }];
};

/**
 * Organ masks brought to the frame's grid, the channel with the highest probability of at least 0.5; of each the largest
 * part, as it is measured.
 */
const organsOnFrame = (
  outputs: Outputs,
  labels: readonly ManifestLabel[],
  image: PreparedImage,
  frame: { columns: number; rows: number },
): Uint8Array | null => {
  const masks = labels.flatMap((label) => {
    const map = label.kind === 'organ' ? mapOf(outputs, 'masks', label.channel) : null;
    return map ? [{ value: label.value, map, cells: organCells(map) }] : [];
  });
  const first = masks[0]?.map;
  if (!first) return null;
  const column = Int32Array.from({ length: frame.columns }, (_, x) =>
    Math.min(
      first.columns - 1,
      Math.floor((((x + 0.5) * image.scale[0] + image.shift[0]) * first.columns) / image.columns),
    ),
  );
  const out = new Uint8Array(frame.columns * frame.rows);
  for (let y = 0; y < frame.rows; y++) {
    const row = Math.min(
      first.rows - 1,
      Math.floor((((y + 0.5) * image.scale[1] + image.shift[1]) * first.rows) / image.rows),
    );
    for (let x = 0; x < frame.columns; x++) {
      let best = 0.5;
      for (const { value, map, cells } of masks) {
        const cell = row * map.columns + (column[x] ?? 0);
        const p = map.data[cell] ?? 0;
        if (p >= best && cells?.[cell]) {
          best = p;
          out[y * frame.columns + x] = value;
        }
      }
    }
  }
  return out;
};

interface Place {
  readonly box: Box;
  readonly probability: number;
}

const logit = (p: number): number => {
  const q = Math.min(1 - 1e-6, Math.max(1e-6, p));
  return Math.log(q / (1 - q));
};
const peakProbability = (label: ManifestLabel, { peak }: HeatBox): number => probabilityOf(label, logit(peak));

/** Boxes that are taken for the label, the likeliest first. */
const decided = (
  outputs: Outputs,
  label: ManifestLabel,
  boxes: readonly HeatBox[],
  pipeline: PipelineOf<'detection'>,
): Place[] => {
  const threshold = label.threshold ?? 0.5;
  if (!outputs.scores)
    return boxes
      .map((own) => ({ box: [...own.box] as Box, probability: peakProbability(label, own) }))
      .filter(({ probability }) => probability >= threshold);
  const score = outputs.scores.data[label.channel];
  if (score === undefined) throw new RangeError(`the output scores has no channel ${label.channel}`);
  const probability = probabilityOf(label, score);
  if (probability < threshold) return [];
  return boxes
    .filter(({ peak }, n) => n === 0 || peak >= pipeline.boxes.level)
    .map(({ box, peak }, n) => ({
      box: [...box] as Box,
      probability: n === 0 ? probability : Math.min(probability, peak),
    }));
};

/** Columns that the heart spans over columns that both lungs span; null where one of them was not found. */
const ratioOf = (rule: PipelineOf<'detection'>['rules'][number], chest: Chest): number | null => {
  const heart = chest.organs.get(rule.heart);
  const a = chest.organs.get(rule.lungs[0]);
  const b = chest.organs.get(rule.lungs[1]);
  if (!heart || !a || !b) return null;
  const chestWidth = Math.max(a[2], b[2]) - Math.min(a[0], b[0]);
  return chestWidth > 0 ? (heart[2] - heart[0]) / chestWidth : null;
};

const remarksOf = (fitness: Fitness, onRight: 'left' | 'right' | null): string[] => {
  if (!fitness.fits || onRight) return [...fitness.remarks];
  return [
    ...fitness.remarks,
    'The file does not say which side of the patient is on the left of the image: no side is told.',
  ];
};

/** Throws RangeError where the outputs are not those that the manifest promises. */
export const detect = (
  outputs: Outputs,
  image: PreparedImage,
  frame: Frame,
  pipeline: PipelineOf<'detection'>,
  labels: readonly ManifestLabel[],
): Detected => {
  const chest = chestOf(outputs, labels, image);
  const onRight = sideOnRight(frame);
  const findings: FrameFinding[] = [];
  const heatMaps: { key: string; data: Uint8Array; columns: number; rows: number }[] = [];
  const fitness = fitnessOf(outputs, pipeline.gate, labels);
  for (const label of labels) {
    if (label.kind !== 'finding' || fitness.unanswered.includes(label.key)) continue;
    const heat = mapOf(outputs, 'heat', label.channel);
    if (!heat) throw new RangeError('the network answered no heat');
    const boxes = boxesOf(pipeline.boxes, heat, sizesOf(outputs, label.channel), image);
    const rule = pipeline.rules.find((candidate) => candidate.label === label.key);
    const ratio = rule ? ratioOf(rule, chest) : null;
    let places = decided(outputs, label, boxes, pipeline);
    const heart = rule && chest.organs.get(rule.heart);
    if (rule && ratio !== null && rule.from !== null) {
      const best = boxes[0];
      const probability = places[0]?.probability ?? (best ? peakProbability(label, best) : 0.5);
      places = ratio >= rule.from && heart ? [{ box: heart, probability }] : [];
    } else if (heart && places[0]) places = [{ box: heart, probability: places[0].probability }];
    const own = places.flatMap(({ box, probability }) => {
      const onFrame = boxToImage(image, frame, box);
      if (!onFrame) return [];
      const side = label.sided ? sideOfBox(box, chest, image, onRight) : null;
      return [{ box, onFrame, probability, side }];
    });
    const groups = new Map<string, typeof own>();
    for (const [n, place] of own.entries()) {
      const name = label.place === 'lung-side' ? String(place.side) : String(n);
      groups.set(name, [...(groups.get(name) ?? []), place]);
    }
    for (const group of groups.values()) {
      const [first] = group;
      if (!first) continue;
      const lung = lungAt(first.box, chest);
      const diameter = label.measures.includes('largest diameter') ? diameterOf(first.onFrame, frame) : [];
      const measure = {
        extent: lung ? area(first.box) / area(lung) : undefined,
        'cardiothoracic ratio': ratio ?? undefined,
        'largest diameter': diameter[0]?.value,
        volume: undefined,
      };
      findings.push({
        key: label.key,
        side: fitness.inWords ? first.side : null,
        place: fitness.inWords ? placeOf(label, first.side, lung, first.box) : '',
        severity: label.severity && fitness.inWords ? severityOf(label, measure[label.severity.measure]) : '',
        measurements: [
          ...diameter,
          ...(ratio !== null && label.measures.includes('cardiothoracic ratio')
            ? [{ name: 'cardiothoracic ratio', value: roundTo(ratio, 2), unit: '1' }]
            : []),
        ],
        score: first.probability,
        frameIndex: frame.index,
        boxes: group.map(({ onFrame }) => onFrame),
      });
    }
    if (own.length > 0)
      heatMaps.push({ key: label.key, ...heatOverImage(mapOf(outputs, 'extents', label.channel) ?? heat, image) });
  }
  return {
    findings,
    heatMaps,
    organs: fitness.fits ? organsOnFrame(outputs, labels, image, frame) : null,
    remarks: remarksOf(fitness, onRight),
    unanswered: [
      ...fitness.unanswered,
      ...fitness.notDenied.filter((key) => !findings.some((finding) => finding.key === key)),
    ],
  };
};
