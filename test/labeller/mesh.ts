/** MeSH headings in the words of the labeller: part of the judge. Written from MeSH itself, not from any report's tags. */
import type { FindingKey } from '../../models/tasks/report-generation/score/index.ts';

interface Group {
  readonly name: string;
  readonly keys: readonly FindingKey[];
  /** Of one tag, 'heading/qualifier/qualifier'. */
  readonly mesh: RegExp;
}

/** Findings that MeSH does not part are judged together; 'mediastinum' and 'liver-lesion' are not judged. */
export const GROUPS: readonly Group[] = [
  { name: 'cardiomegaly', keys: ['cardiomegaly'], mesh: /^(?:cardiomegaly|(?:heart|cardiac shadow).*\benlarged)/i },
  { name: 'opacity', keys: ['opacity', 'infiltrate'], mesh: /^(?:opacity|density|airspace disease|infiltrat)/i },
  { name: 'consolidation', keys: ['consolidation'], mesh: /^consolidation/i },
  { name: 'pneumonia', keys: ['pneumonia'], mesh: /^(?:broncho)?pneumonia/i },
  { name: 'edema', keys: ['edema', 'congestion'], mesh: /^(?:pulmonary (?:edema|congestion)|heart failure)/i },
  { name: 'atelectasis', keys: ['atelectasis'], mesh: /^(?:pulmonary )?atelectasis/i },
  {
    name: 'nodule or mass',
    keys: ['lung-nodule', 'lung-mass'],
    mesh: /^(?:nodule|mass|(?:lung )?neoplasms?|coin lesion)\b/i,
  },
  { name: 'pneumothorax', keys: ['pneumothorax'], mesh: /^(?:hydro)?pneumothorax/i },
  {
    name: 'effusion',
    keys: ['effusion'],
    mesh: /^(?:pleural effusion|hydro(?:pneumo)?thorax|costophrenic angle.*blunt)/i,
  },
  {
    name: 'pleural thickening',
    keys: ['pleural-thickening'],
    mesh: /^(?:thickening.*pleura|pleura.*thicken|pleural diseases)/i,
  },
  {
    name: 'emphysema',
    keys: ['emphysema'],
    mesh: /^(?:(?:pulmonary|bullous) emphysema|emphysema|pulmonary disease, chronic obstructive)/i,
  },
  { name: 'hyperinflation', keys: ['hyperinflation'], mesh: /^lung.*hyper(?:distention|inflation|expansion)/i },
  { name: 'fibrosis', keys: ['fibrosis'], mesh: /^(?:cicatrix|(?:pulmonary )?fibrosis)/i },
  { name: 'hernia', keys: ['hernia'], mesh: /^hernia, (?:hiatal|diaphragmatic)/i },
  { name: 'fracture', keys: ['fracture'], mesh: /fracture/i },
  {
    name: 'device',
    keys: ['device'],
    mesh: /^(?:catheter|(?:implanted )?medical device|tube|surgical instruments|stents?|pacemaker|defibrillator|heart valve prosthesis|sutures|prosthes|internal fixators)/i,
  },
  { name: 'granuloma', keys: ['granuloma'], mesh: /granuloma/i },
];
