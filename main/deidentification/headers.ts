/** Whom and what the headers of a study name, read by the profile's table: so that the same is found in free text. */
import type { KnownValue } from './known.ts';
import { isPrivate, profileOf } from './profile/index.ts';

/** One text value of a data set, of whatever level. */
export interface HeaderText {
  /** 0xGGGGEEEE */
  readonly tag: number;
  /** Two letters; '' in implicit VR. */
  readonly vr: string;
  readonly value: string;
}
export interface HeaderIdentities {
  readonly names: readonly string[];
  /** Written like a name where no name belongs: 'Doe^Jane' in a comment, but also 'Thorax^Routine' in a protocol. */
  readonly doubtful: readonly string[];
  readonly values: readonly KnownValue[];
}

const PERSON =
  /Name(?:s|Trial)?$|Physician|Operator|Performer|Reader|Author|Person|Observer|Verif|Interpreter|Recorder/u;
const NO_PERSON =
  /Institution|Department|Station|Sponsor|Site|Protocol|Facility|Device|Product|Label|Study|Series|Ethics|File|Manufacturer|Model|Organization|Source|ROI|StructureSet|RTPlan|Machine|Montage|Template|Entity|Narrative|Center/u;
const PLACE = /Institution|Facility|Sponsor|TrialSite|Organization|Department|CommitteeName|CenterName/u;
const MOMENT = /Date|Time/u;
const WHERE = /Address|Location|Residence|Region|Country/u;
const NUMBER = /ID$|IDs$|Identifier|Number|Accession|Serial|UID/u;
const TELEPHONE = /Telephone|Telecom/u;

/** Values that say nothing of anybody. */
const EMPTY = /^(?:anonym(?:ous|ized|ised)?|unknown|none|n\/?a|null|test|other|0+|\W*)$/iu;

const kindOf = (keyword: string): KnownValue['kind'] | 'name' | null => {
  if (MOMENT.test(keyword)) return null;
  if (TELEPHONE.test(keyword)) return 'phone';
  if (WHERE.test(keyword)) return 'address';
  if (PLACE.test(keyword)) return 'institution';
  if (PERSON.test(keyword) && !NO_PERSON.test(keyword)) return 'name';
  if (NUMBER.test(keyword)) return 'id';
  return null;
};

/** Attributes outside the table that name people or ids all the same: UIDs of the standard itself are no identity. */
const STANDARD_UID = '1.2.840.10008.';

export const headerIdentities = (texts: Iterable<HeaderText>): HeaderIdentities => {
  const names = new Set<string>();
  const doubtful = new Set<string>();
  const values = new Map<string, KnownValue>();
  const put = (kind: KnownValue['kind'], value: string): void => {
    values.set(`${kind}:${value}`, { kind, value });
  };
  for (const { tag, vr, value: raw } of texts) {
    const value = raw.trim();
    if (value.length < 2 || value.length > 400 || EMPTY.test(value)) continue;
    const uid = /^[0-2](?:\.\d+){3,}$/u.test(value);
    if (uid) {
      if (!value.startsWith(STANDARD_UID)) put('uid', value);
      continue;
    }
    const attribute = profileOf(tag);
    const kind = attribute && kindOf(attribute.keyword);
    if (vr === 'PN' || kind === 'name') {
      names.add(value);
      continue;
    }
    if (/\p{L}\^+\p{L}/u.test(value)) {
      doubtful.add(value);
      continue;
    }
    if (isPrivate(tag)) {
      // Unknown what it is: what looks like an id is one. Private creators (gggg,0010-00FF) name the maker only.
      if (
        (tag & 0xff00) !== 0 &&
        /\d{4,}/u.test(value) &&
        value.length <= 32 &&
        !/[\s=;,]/u.test(value) &&
        !/^\d{1,5}$|^\d*\.\d+$/u.test(value)
      )
        put('id', value);
      continue;
    }
    // An id without a digit is a word.
    if (kind && (kind !== 'id' || /\d/u.test(value))) put(kind, value);
  }
  return { names: [...names], doubtful: [...doubtful], values: [...values.values()] };
};

/** Values of one attribute at any level, in capitals; none where absent. */
export const headerValue = (texts: Iterable<HeaderText>, tag: number): string[] =>
  [...texts].filter((one) => one.tag === tag).map((one) => one.value.trim().toUpperCase());
