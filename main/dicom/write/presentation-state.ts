/** How images are looked at, as a DICOM Grayscale Softcopy Presentation State. PS3.3 A.33.1 */
import type {
  GraphicShape,
  Presentation,
  PresentedImages,
  Shutter,
  VoiTable,
} from '../../../preload/contract/index.ts';
import { line, lines, localOf, personName, type Written, writtenElements } from './content.ts';
import { type DataElements, part10 } from './part10.ts';
import { uidOf } from './phantom.ts';

const GRAYSCALE_STATE = '1.2.840.10008.5.1.4.1.1.11.1';

export interface PresentationFile extends Written {
  readonly seriesUid: string;
  /** SOP Class UIDs of the images by their instance. */
  readonly classes: ReadonlyMap<string, string>;
  readonly presentation: Presentation;
  readonly instanceNumber: number;
  /** Empty where no reader has given a name. */
  readonly creator: string;
}

const references = (file: PresentationFile, images: PresentedImages): DataElements[] =>
  images.map(({ instanceUid, frameNumbers }) => [
    ['00081150', 'UI', file.classes.get(instanceUid) ?? ''],
    ['00081155', 'UI', instanceUid],
    ...(frameNumbers.length === 0 ? [] : ([['00081160', 'IS', frameNumbers]] as const)),
  ]);
/** Empty where all images are meant. */
const only = (file: PresentationFile, images: PresentedImages): DataElements =>
  images.length === 0 ? [] : [['00081140', 'SQ', references(file, images)]];

/** Greys of 8 bits stand two to a word. PS3.3 C.11.2.1.1 */
const packed = (words: Uint8Array, bits: number): Uint8Array =>
  bits > 8 ? new Uint8Array(words) : words.filter((_, n) => n % 2 === 0);

const tableItem = (table: VoiTable, name: string): DataElements => {
  const bytes = Buffer.from(table.values, 'base64');
  const entries = bytes.length / 2;
  const signed = table.first < 0;
  return [
    ['00283002', signed ? 'SS' : 'US', [signed ? (entries << 16) >> 16 : entries & 0xffff, table.first, table.bits]],
    ...(name === '' ? [] : ([['00283003', 'LO', line(name, 64)]] as const)),
    ['00283006', 'OW', packed(bytes, table.bits)],
  ];
};

const windowItems = (file: PresentationFile): DataElements[] =>
  file.presentation.windows.map(({ images, window, table }) => [
    ...only(file, images),
    ...(table
      ? ([['00283010', 'SQ', [tableItem(table, window.name)]]] as const)
      : ([
          ['00281050', 'DS', window.center],
          ['00281051', 'DS', window.width],
          ['00281056', 'CS', window.function ?? 'LINEAR'],
          ...(window.name === '' ? [] : ([['00281055', 'LO', line(window.name, 64)]] as const)),
        ] as const)),
  ]);

const LINEAR = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

const MODES = { fit: 'SCALE TO FIT', 'true-size': 'TRUE SIZE', magnify: 'MAGNIFY' } as const;

const areaItems = (file: PresentationFile): DataElements[] => {
  const { quarterTurns, flipped, areas } = file.presentation;
  const [cos, sin] = LINEAR[quarterTurns];
  // Which end of each of the image's axes is seen at the upper left. PS3.3 C.10.4: corners as they are seen.
  const forthX = (cos + sin) * (flipped ? -1 : 1) > 0;
  const forthY = cos - sin > 0;
  return areas.map(({ images, from, to, mode, magnification, spacingMm }) => {
    const [x0, y0, x1, y1] = [Math.round(from[0]) + 1, Math.round(from[1]) + 1, Math.round(to[0]), Math.round(to[1])];
    return [
      ...only(file, images),
      ['00700052', 'SL', [forthX ? x0 : x1, forthY ? y0 : y1]],
      ['00700053', 'SL', [forthX ? x1 : x0, forthY ? y1 : y0]],
      ['00700100', 'CS', MODES[mode]],
      ...(spacingMm ? ([['00700101', 'DS', [...spacingMm]]] as const) : ([['00700102', 'IS', [1, 1]]] as const)),
      ...(mode === 'magnify' ? ([['00700103', 'FL', magnification ?? 1]] as const) : []),
    ];
  });
};

const shutterElements = (shutter: Shutter | null): DataElements => {
  if (!shutter || shutter.shapes.length === 0) return [];
  const whole = (value: number): number => Math.round(value);
  const names: string[] = [];
  const elements: DataElements[number][] = [];
  for (const shape of shutter.shapes) {
    if (shape.kind === 'rectangle') {
      names.push('RECTANGULAR');
      elements.push(
        ['00181602', 'IS', whole(shape.left) + 1],
        ['00181604', 'IS', whole(shape.right)],
        ['00181606', 'IS', whole(shape.top) + 1],
        ['00181608', 'IS', whole(shape.bottom)],
      );
    } else if (shape.kind === 'circle') {
      names.push('CIRCULAR');
      elements.push(
        ['00181610', 'IS', [whole(shape.center[1] + 0.5), whole(shape.center[0] + 0.5)]],
        ['00181612', 'IS', whole(shape.radius)],
      );
    } else if (shape.kind === 'polygon') {
      names.push('POLYGONAL');
      elements.push(['00181620', 'IS', shape.points.flatMap(([x, y]) => [whole(y + 0.5), whole(x + 0.5)])]);
    }
  }
  // One drawn by an overlay plane stays the image's own.
  if (names.length === 0) return [];
  return [
    ['00181600', 'CS', names],
    ['00181622', 'US', Math.round(shutter.grey * 0xffff)],
    ...new Map(elements.map((element) => [element[0], element])).values(),
  ];
};

const SHAPES = {
  point: 'POINT',
  polyline: 'POLYLINE',
  curve: 'INTERPOLATED',
  circle: 'CIRCLE',
  ellipse: 'ELLIPSE',
} as const;
const UNITS = { image: 'PIXEL', display: 'DISPLAY' } as const;

const shapeItem = ({ units, kind, points, filled }: GraphicShape): DataElements => {
  const [first, last] = [points[0], points.at(-1)];
  const closed =
    kind === 'circle' ||
    kind === 'ellipse' ||
    (points.length > 2 && first?.[0] === last?.[0] && first?.[1] === last?.[1]);
  return [
    ['00700005', 'CS', UNITS[units]],
    ['00700020', 'US', 2],
    ['00700021', 'US', points.length],
    ['00700022', 'FL', points.flat()],
    ['00700023', 'CS', SHAPES[kind]],
    ...(closed ? ([['00700024', 'CS', filled ? 'Y' : 'N']] as const) : []),
  ];
};

const textItem = ({ text, units, box, anchor }: Presentation['graphics'][number]['texts'][number]): DataElements => [
  ['00700006', 'ST', lines(text).slice(0, 1024)],
  ...(box
    ? ([
        ['00700003', 'CS', UNITS[units]],
        ['00700010', 'FL', [...box[0]]],
        ['00700011', 'FL', [...box[1]]],
        ['00700012', 'CS', 'LEFT'],
      ] as const)
    : []),
  ...(anchor
    ? ([
        ['00700004', 'CS', UNITS[anchor.units]],
        ['00700014', 'FL', [...anchor.at]],
        ['00700015', 'CS', anchor.visible ? 'Y' : 'N'],
      ] as const)
    : []),
];

const graphicElements = (file: PresentationFile): DataElements => {
  const graphics = file.presentation.graphics.filter(({ shapes, texts }) => shapes.length + texts.length > 0);
  if (graphics.length === 0) return [];
  const layerOf = (layer: string): string => codeString(layer) || 'GRAPHICS';
  const layers = [...new Set(graphics.map(({ layer }) => layerOf(layer)))];
  return [
    [
      '00700001',
      'SQ',
      graphics.map(({ images, layer, shapes, texts }) => [
        ...only(file, images),
        ['00700002', 'CS', layerOf(layer)],
        ...(texts.length === 0 ? [] : ([['00700008', 'SQ', texts.map(textItem)]] as const)),
        ...(shapes.length === 0 ? [] : ([['00700009', 'SQ', shapes.map(shapeItem)]] as const)),
      ]),
    ],
    [
      '00700060',
      'SQ',
      layers.map((layer, n) => [
        ['00700002', 'CS', layer],
        ['00700062', 'IS', n + 1],
      ]),
    ],
  ];
};

/** Capital letters, digits, space and underscore, at most 16. PS3.5 6.2 */
const codeString = (text: string): string =>
  text
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^A-Z0-9 _]/g, '')
    .trim()
    .slice(0, 16)
    .trim();

export const presentationStateFile = (file: PresentationFile): { bytes: Uint8Array; sopInstanceUid: string } => {
  const { presentation } = file;
  if (presentation.images.length === 0) throw new RangeError('a presentation of no image');
  const uid = uidOf(`${file.key}/instance/${file.edition}`);
  const [date, time] = localOf(file.at);
  const { rescale, quarterTurns, flipped } = presentation;
  const creator = line(file.creator, 64);
  const windows = windowItems(file);
  const dataSet: DataElements = [
    ...writtenElements(file, 'PR', 'Presentation states'),
    ['00200060', 'CS', null],
    ['00200013', 'IS', file.instanceNumber],
    ['00700080', 'CS', codeString(presentation.label) || 'PRESENTATION'],
    ['00700081', 'LO', line(presentation.description || presentation.label, 64)],
    ['00700082', 'DA', date],
    ['00700083', 'TM', time],
    ['00700084', 'PN', creator === '' ? null : personName(creator)],
    [
      '00081115',
      'SQ',
      [
        [
          ['00081140', 'SQ', references(file, presentation.images)],
          ['0020000E', 'UI', file.seriesUid],
        ],
      ],
    ],
    ['00281052', 'DS', rescale.intercept],
    ['00281053', 'DS', rescale.slope],
    ['00281054', 'LO', rescale.type || 'US'],
    ...(windows.length === 0 ? [] : ([['00283110', 'SQ', windows]] as const)),
    ...shutterElements(presentation.shutter),
    // PS3.3 C.10.6 turns before it mirrors; here the mirroring comes first.
    ['00700041', 'CS', flipped ? 'Y' : 'N'],
    ['00700042', 'US', ((flipped ? 4 - quarterTurns : quarterTurns) % 4) * 90],
    ['0070005A', 'SQ', areaItems(file)],
    ...graphicElements(file),
    ['20500020', 'CS', presentation.inverted ? 'INVERSE' : 'IDENTITY'],
  ];
  return { bytes: part10(GRAYSCALE_STATE, uid, dataSet), sopInstanceUid: uid };
};
