/** Which packages fit a series. Told apart: those that run by themselves, and those that a reader may ask for. */
import { gantryTiltDegrees } from '../../models/kit/geometry.ts';
import type { Manifest } from '../../models/kit/manifest.ts';
import { isFrontal } from '../../models/tasks/detection/index.ts';
import type { SeriesImages, SeriesSummary } from '../../preload/contract/index.ts';

export type Fit =
  | { readonly kind: 'certain' }
  /** Nothing speaks against it, but the file does not say what it shows (a photograph of a film, a PNG). */
  | { readonly kind: 'possible' }
  | { readonly kind: 'none'; readonly why: string };

const none = (why: string): Fit => ({ kind: 'none', why });
/** Images that are not made by a modality: what they show is not known. */
const UNSAID = new Set(['OT', 'SC', '']);
const MOST_FRAMES = 8;
const CHEST = /CHEST|THORA|LUNG|RIB/i;
const TRUNK = /CHEST|THORA|LUNG|RIB|ABD|LIVER|TRUNK|BODY|SPINE|HEART|CARD/i;
const ELSEWHERE = /\b(head|brain|skull|sinus|neck|pelvis|hip|knee|ankle|foot|shoulder|elbow|wrist|hand)\b/i;
/** A network that outlines these has nothing to look for in a head. */
const TRUNK_ORGANS = new Set(['lung-left', 'lung-right', 'liver', 'heart']);
/** A camera for the outside of things may show an eye's inside, where the file says so. */
const RETINA = /retina|fundus|ophthal|macula|eye|disc/i;
const LATERAL = /\b(lat|lateral|ll)\b/i;

/** What decides of a series' images. */
export type Shown = Pick<SeriesImages, 'frames' | 'volume'>;
/** So many frames as decide: more of them are too many whatever they are. */
export const decisive = ({ frames, volume }: Shown): Shown => ({ frames: frames.slice(0, MOST_FRAMES + 1), volume });

export const fitOf = (manifest: Manifest, series: SeriesSummary, images: Shown): Fit => {
  const { task } = manifest.pipeline;
  const said = manifest.modalities.includes(series.modality);
  if (task === 'segmentation') {
    if (!said) return none(`it reads ${manifest.modalities.join(', ')}, not ${series.modality}`);
    if (images.volume.kind !== 'volume') return none(`the series is no volume: ${images.volume.reason}`);
    const tilt = gantryTiltDegrees(images.volume.affineVoxelToPatient, images.volume.dims);
    if (tilt > 0) return none(`the gantry was tilted by ${tilt.toFixed(1)}°: it reads upright volumes`);
    const ofTrunk = manifest.labels.some((label) => TRUNK_ORGANS.has(label.key));
    const elsewhere = series.bodyPart === '' ? ELSEWHERE.test(series.description) : !TRUNK.test(series.bodyPart);
    return { kind: ofTrunk && elsewhere ? 'possible' : 'certain' };
  }
  if (task === 'grading') {
    if (!said && !UNSAID.has(series.modality))
      return none(`it reads ${manifest.modalities.join(', ')}, not ${series.modality}`);
    if (images.frames.length > MOST_FRAMES) return none('the series has too many images for photographs');
    if (images.frames.some((frame) => frame.format !== 'rgb8')) return none('the images are not in colour');
    const ofRetina = RETINA.test(series.bodyPart) || RETINA.test(series.description);
    if (series.bodyPart !== '' && !RETINA.test(series.bodyPart))
      return none('the series shows another part of the body');
    return { kind: said && (series.modality === 'OP' || ofRetina) ? 'certain' : 'possible' };
  }
  if (task !== 'detection' && task !== 'classification' && task !== 'report-drafting')
    return none('it reads no images');
  if (!said && !UNSAID.has(series.modality))
    return none(`it reads ${manifest.modalities.join(', ')}, not ${series.modality}`);
  if (images.frames.length > MOST_FRAMES) return none('the series has too many images for radiographs');
  if (images.frames.some((frame) => frame.format === 'rgb8')) return none('the images are in colour');
  if (manifest.views.includes('frontal-chest')) {
    if (series.bodyPart !== '' && !CHEST.test(series.bodyPart))
      return none('the series shows another part of the body');
    if (images.frames.every((frame) => isFrontal(frame) === false)) return none('no image is a frontal view');
    if (LATERAL.test(series.description)) return none('the series is described as lateral');
    if (
      said &&
      series.bodyPart === '' &&
      !CHEST.test(series.description) &&
      images.frames.every((f) => isFrontal(f) === null)
    )
      return { kind: 'possible' };
  }
  return { kind: said ? 'certain' : 'possible' };
};
