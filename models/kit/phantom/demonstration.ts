import { phantom } from './index.ts';
import type { CtPhantom, XrayPhantom } from './types.ts';

/** The demonstration patient: CT and chest X-ray of one body, and what was written of earlier examinations. */
export interface Demonstration {
  readonly ct: CtPhantom;
  readonly xray: XrayPhantom;
  readonly priorReports: readonly {
    readonly daysBefore: number;
    readonly modality: 'CT' | 'DX';
    readonly title: string;
    readonly text: string;
  }[];
}

const SEED = 'demonstration';

export const demonstration = (): Demonstration => {
  const who = 'female age 63';
  const ct = phantom(`demo ${who}`, { seed: SEED });
  const nodule = ct.lesions.find((l) => l.kind === 'lung-nodule');
  if (!nodule) throw new TypeError('the demonstration line plants a nodule');
  const at = nodule.centreMm.map((v) => v.toFixed(2)).join(',');
  const xray = phantom(`xray 1024x1024 pa ${who} nodule spiculated 16mm at ${at} effusion left small`, { seed: SEED });
  if (ct.kind !== 'ct' || xray.kind !== 'xray') throw new TypeError('the demonstration lines make a CT and an X-ray');
  return {
    ct,
    xray,
    priorReports: [
      {
        daysBefore: 196,
        modality: 'CT',
        title: 'CT chest and upper abdomen',
        text: [
          'INDICATION: 62-year-old woman with cough.',
          'TECHNIQUE: CT of the chest and upper abdomen with intravenous contrast medium.',
          'COMPARISON: None.',
          'FINDINGS: There is an 11 mm spiculated nodule in the right upper lobe. No pleural effusion or pneumothorax. The heart is normal in size. No enlarged mediastinal lymph nodes. There is a 24 mm hypodense lesion in the right lobe of the liver. The spleen and both kidneys are normal. No destructive bone lesion.',
          'IMPRESSION: 1. 11 mm spiculated nodule in the right upper lobe. 2. 24 mm hypodense liver lesion.',
        ].join('\n'),
      },
      {
        daysBefore: 410,
        modality: 'DX',
        title: 'Chest radiograph',
        text: [
          'INDICATION: 62-year-old woman, preoperative examination.',
          'TECHNIQUE: Posteroanterior chest radiograph, erect.',
          'COMPARISON: None.',
          'FINDINGS: The lungs are clear. No pleural effusion. No pneumothorax. The heart is normal in size. The mediastinal contours are normal.',
          'IMPRESSION: Normal chest radiograph.',
        ].join('\n'),
      },
    ],
  };
};
