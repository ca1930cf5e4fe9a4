/** Side, severity, negation and doubt as a report words them. */

export type Side = 'left' | 'right' | 'bilateral';
export type Severity = 'mild' | 'moderate' | 'severe';

/** Sides that are not the finding's: chambers, lobes of other organs, shifts to a side. Blanked, so that places keep. */
const NOT_ITS_SIDE =
  /\b(?:right|left) (?:atri\w+|ventric\w+|heart|main\w*|lobe of the (?:liver|thyroid)|hepatic)|\bto the (?:left|right)\b/gi;
const BOTH =
  /\b(?:bilateral(?:ly)?|both|biapical|bibasilar|bibasal|either side|left (?:or|and|to) (?:the )?right|right (?:or|and|to) (?:the )?left|diffuse bilateral)\b/i;

export const blank = (text: string, what: RegExp): string => text.replace(what, (found) => ' '.repeat(found.length));
export const withoutOtherSides = (text: string): string => blank(text, NOT_ITS_SIDE);

export const sideOf = (text: string): Side | null => {
  const left = /\b(?:left|lingula|lingular|retrocardiac)\b/i.test(text);
  const right = /\bright\b|(?<!left )\bmiddle lobe\b/i.test(text);
  if (BOTH.test(text) || (left && right)) return 'bilateral';
  return left ? 'left' : right ? 'right' : null;
};

const SEVERE =
  /\b(?:large|larger|severe(?:ly)?|mark(?:ed|edly)|massive(?:ly)?|extensive|gross(?:ly)?|near[- ]complete|complete|tension)\b/i;
const MODERATE = /\bmoderate(?:ly)?\b/i;
const MILD = /\b(?:small|mild(?:ly)?|minimal(?:ly)?|trace|tiny|slight(?:ly)?|subtle|borderline|minor|minute|faint)\b/i;
/** Words of change are not words of extent: 'slightly worse', 'mild interval increase'. */
const CHANGE =
  /\b(?:slight(?:ly)?|mild(?:ly)?|minimal(?:ly)?|marked(?:ly)?|moderate(?:ly)?|complete(?:ly)?) (?:interval )?(?:increas\w+|decreas\w+|improve\w*|worse\w*|progress\w*|resol\w+|clear\w*|larger|smaller)/gi;

export const severityOf = (text: string): Severity | null => {
  const said = blank(text, CHANGE);
  return SEVERE.test(said) ? 'severe' : MODERATE.test(said) ? 'moderate' : MILD.test(said) ? 'mild' : null;
};

/** 'No' that denies a change, or anything but the finding. */
export const NOT_A_DENIAL =
  /\bno(?:t)? (?:a |any |much |yet )?(?:significant(?:ly)?|definite|substantial(?:ly)?|appreciable|longer clearly)? ?(?:interval )?(?:chang\w+|increas\w+|decreas\w+|improve\w*|worse\w*|progress\w*)(?: (?:in|of))?(?: the (?:size|appearance) of)?|\bnot only\b|\bnot clearly seen\b|\bwithout (?:significant )?(?:interval )?change\b|\bunchanged\b|\bno(?:t)? (?:be )?(?:mistaken|doubt)\b/gi;

export const DENIED_BEFORE =
  /\b(?:no|not|without|absence of|absent|negative for|free of|clear of|neither|nor|(?<!near[- ]complete )(?:resolution|clearing|disappearance) of|resolved|cleared|removal of|re-?expansion of|nothing to suggest|rather than|no longer|denies|failed to show)\b/i;
export const DENIED_AFTER =
  /^[^.;]{0,60}?(?:\b(?:is|are|was|were|has|have|had) (?:now |since |been |completely |fully |clearly )*(?:not (?:\w+ )?(?:seen|identified|present|enlarged|demonstrated|evident|appreciated|confirmed|visuali[sz]ed|visible|detected|found|noted)|absent|resolved|cleared|disappeared|gone|removed|ruled out|excluded|no longer)\b|\bno longer\b|\bnot (?:seen|identified|present|evident|visuali[sz]ed|appreciated)\b|:\s*(?:none|no|absent)\b|\b(?:is|are) (?:likely |probably )?(?:due to|caused by|from) overlying\b|\bcorresponds? to (?:a |the )?(?:nipple|vessel|skin|artefact|artifact)|\bto be mistaken\b)/i;

export const DOUBTED_BEFORE =
  /\b(?:possib(?:le|ly|ility of)|probabl[ey]|perhaps|may|might|could|suspected|suspicious (?:for|of)|suspicion (?:of|for)|question(?:able|ed|s)?(?: of)?|doubtful|equivocal|cannot (?:exclude|rule out)|can ?not be (?:excluded|ruled out)|(?<!un)likely|suggest\w*|concern(?:ing)?(?: for| of)?|consider\w*|uncertain(?: whether)?|unclear whether|favou?red?(?: to represent)?|raises?|worrisome for|difficult to (?:judge|exclude)|versus|vs\.?)(?=[\s,:]|$)/i;
export const DOUBTED_AFTER =
  /^(?:[^.;,]{0,50}?\b(?:(?:is|are|was|were) (?:also )?(?:suspected|possible|probable|likely|questioned|(?:considered )?(?:un|less )likely|a possibility|difficult to exclude|raised|suggested|not (?:entirely |completely |definitely )?(?:excluded|ruled out))|(?:cannot|can not|could not|may not) be (?:entirely |completely |definitely )?(?:excluded|ruled out)|(?:not|hard to) exclude)|\s*(?:versus|vs\.?)(?=\s)|\s*,? if any\b|\s*\?)/i;

/** The clause ends here for what was denied, doubted or placed before. */
export const TURN =
  /;|\b(?:but(?! (?:is|are)\b)|however|although|though|while|whereas|except(?: for)?|apart from|aside from|other than|yet|nevertheless)\b|,(?= (?:and )?(?:no|without|there (?:is|are|has|have)|which|the (?:left|right|heart|lungs?)|repeat)\b)|,(?= (?:and )?(?:an?|the)\b[^,;]*\b(?:is|are|remains?|persists?|has|have)\b)/gi;

/** What follows in the same clause is a question, a plan, or earlier than this examination. */
export const NOT_NOW =
  /\b(?:history of|known history|rule out|r\/o|evaluat(?:e|ion)(?: for)?|assess(?:ment)? for|follow-?up (?:of|after|for)|(?:status )?post|(?:to|for) (?:exclude|exclusion of)|compared (?:with|to)|comparison is made (?:with|to)|question(?=\s+(?:of )?(?:pneumonia|effusion|fracture|pneumothorax|mass|nodule)\b)|if(?! any\b)|recommend\w*|(?:prior|previous|earlier) (?:examination|study|film|radiograph|ct)s? (?:showed|demonstrated|revealed))\b/i;
export const HEADED_NOT_NOW =
  /^\s*(?:indication|(?:clinical |past )?(?:medical )?history|reason(?: for (?:exam\w*|study))?|comparison|technique|exam(?:ination)?|procedure)\b[^:.]{0,30}:|^\s*(?:patient with (?:a )?history|clinical history)\b/i;
