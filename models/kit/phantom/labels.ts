/** What the voxels of a phantom are called. Ids are fixed: trained networks and files depend on them. */
export interface Label {
  readonly id: number;
  readonly name: string;
  /** DICOM coded concept (PS3.16, SNOMED CT where DICOM uses it). */
  readonly code: { readonly value: string; readonly scheme: 'SCT' | 'DCM'; readonly meaning: string };
  /** Recommended display colour, sRGB 0 to 255. */
  readonly rgb: readonly [number, number, number];
}

const sct = (value: string, meaning: string) => ({ value, scheme: 'SCT', meaning }) as const;

export const LABELS = [
  { id: 1, name: 'body', code: sct('38266002', 'Entire body'), rgb: [177, 122, 101] },
  { id: 2, name: 'lung-left', code: sct('44029006', 'Left lung'), rgb: [172, 138, 115] },
  { id: 3, name: 'lung-right', code: sct('3341006', 'Right lung'), rgb: [202, 164, 140] },
  { id: 4, name: 'trachea', code: sct('44567001', 'Trachea'), rgb: [182, 228, 255] },
  { id: 5, name: 'heart', code: sct('80891009', 'Heart'), rgb: [206, 110, 84] },
  { id: 6, name: 'aorta', code: sct('15825003', 'Aorta'), rgb: [224, 97, 76] },
  { id: 7, name: 'liver', code: sct('10200004', 'Liver'), rgb: [221, 130, 101] },
  { id: 8, name: 'spleen', code: sct('78961009', 'Spleen'), rgb: [157, 108, 162] },
  { id: 9, name: 'kidney-left', code: sct('18639004', 'Left kidney'), rgb: [212, 126, 151] },
  { id: 10, name: 'kidney-right', code: sct('9846003', 'Right kidney'), rgb: [185, 102, 83] },
  { id: 11, name: 'spine', code: sct('421060004', 'Vertebral column'), rgb: [226, 202, 134] },
  { id: 12, name: 'ribs', code: sct('113197003', 'Rib'), rgb: [253, 232, 158] },
  { id: 13, name: 'lung-nodule', code: sct('427359005', 'Solitary nodule of lung'), rgb: [255, 214, 10] },
  { id: 14, name: 'liver-lesion', code: sct('300331000', 'Lesion of liver'), rgb: [90, 220, 120] },
  { id: 15, name: 'effusion', code: sct('60046008', 'Pleural effusion'), rgb: [80, 170, 255] },
] as const satisfies readonly Label[];

export type LabelName = (typeof LABELS)[number]['name'];

/** Label ids by name, as the painting code writes them. */
export const ID = Object.fromEntries(LABELS.map((l) => [l.name, l.id])) as Readonly<Record<LabelName, number>>;

/** Label inside the abdomen, used while projecting only. */
export const BELLY = 16;
