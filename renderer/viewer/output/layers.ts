/**
 * What stands on an element of the window, drawn on a canvas: its canvases as they are, its SVG as the browser draws it, its
 * text letter by letter. Nothing is drawn that says who the patient is, unless that is asked for.
 */

export interface LayerWish {
  /** Whether text that names the patient may be drawn. */
  readonly patient: boolean;
  /** Words that name the patient: no text that holds one of them is drawn. */
  readonly identity: readonly string[];
  /** Only what belongs to the image: no marks, no text. */
  readonly bare: boolean;
}

interface Target {
  readonly context: CanvasRenderingContext2D;
  /** Of the element whose picture it is. */
  readonly origin: DOMRect;
  /** Pixels of the picture a pixel of the page. */
  readonly scale: number;
}

/** Controls and what follows the hand are no part of a picture. */
const CHROME =
  '[role="slider"], [role="scrollbar"], [data-testid="lens"], input, button, [data-handle], .grip, .paper, .hint, .pen, [data-picture="no"]';
/** Belongs to the image itself: what it hides is hidden in every picture. */
const OF_IMAGE = '.stage, [data-testid="shutter"], [data-picture="image"]';

/** Words of this program's own: they hold no name, whatever the patient's may be like. */
const OURS = '[data-picture="ours"]';

const PROPERTIES = [
  'fill',
  'fill-opacity',
  'fill-rule',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'visibility',
  'display',
  'paint-order',
  'text-anchor',
  'dominant-baseline',
  'font-family',
  'font-size',
  'font-weight',
  'font-variant-numeric',
] as const;

const namesPatient = (text: string, identity: readonly string[]): boolean => {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return identity.some((word) => folded.includes(word));
};

/** Words of a patient that a text must not hold, folded as texts are. Parts of one or two letters say nothing. */
export const identityOf = (
  patient: {
    readonly name: string;
    readonly id: string;
    readonly birthDate: string | null;
  },
  accession: string,
): string[] =>
  [...patient.name.split(/[\^=\s,]+/), patient.id, patient.birthDate ?? '', accession]
    .map((word) => word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim())
    .filter((word) => word.length > 2);

const drawCanvas = ({ context, origin, scale }: Target, canvas: HTMLCanvasElement): void => {
  if (canvas.width === 0 || canvas.height === 0) return;
  const box = canvas.getBoundingClientRect();
  const [x, y] = [(box.left - origin.left) * scale, (box.top - origin.top) * scale];
  const [width, height] = [box.width * scale, box.height * scale];
  // As many pixels as the picture: none is mixed with its neighbour.
  context.imageSmoothingEnabled = canvas.width !== Math.round(width) || canvas.height !== Math.round(height);
  context.drawImage(canvas, x, y, width, height);
};

/** The copy holds the styles itself: in an image of its own the page's style sheets are not there. */
const styled = (from: Element, to: Element, wish: LayerWish): void => {
  const style = getComputedStyle(from);
  for (const property of PROPERTIES) {
    const value = style.getPropertyValue(property);
    if (value !== '') to.setAttribute(property, value);
  }
  to.removeAttribute('class');
  const children = [...from.children];
  const copies = [...to.children];
  children.forEach((child, n) => {
    const copy = copies[n];
    if (copy === undefined) return;
    const names =
      !wish.patient &&
      (child.matches('[data-patient]') ||
        (child.tagName === 'text' && namesPatient(child.textContent ?? '', wish.identity)));
    if (child.matches(CHROME) || child.tagName === 'title' || names) copy.remove();
    else styled(child, copy, wish);
  });
};

const drawSvg = async ({ context, origin, scale }: Target, svg: SVGSVGElement, wish: LayerWish): Promise<void> => {
  const box = svg.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || svg.childElementCount === 0) return;
  const copy = svg.cloneNode(true) as SVGSVGElement;
  styled(svg, copy, wish);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(box.width * scale));
  copy.setAttribute('height', String(box.height * scale));
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${box.width} ${box.height}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  context.drawImage(
    image,
    (box.left - origin.left) * scale,
    (box.top - origin.top) * scale,
    box.width * scale,
    box.height * scale,
  );
};

/** Cut to the width that it has on the screen. */
const fitted = (context: CanvasRenderingContext2D, text: string, width: number): string => {
  if (context.measureText(text).width <= width + 1) return text;
  let short = text;
  while (short.length > 1 && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return `${short}…`;
};

interface Line {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The text's lines as the page has broken them. */
const linesOf = (node: Text, isPre: boolean): Line[] => {
  const range = document.createRange();
  const lines: (Line & { from: number })[] = [];
  for (const word of node.data.matchAll(/\S+/g)) {
    const to = word.index + word[0].length;
    range.setStart(node, word.index);
    range.setEnd(node, to);
    const { left, right, top, bottom, width } = range.getBoundingClientRect();
    if (width === 0) continue;
    const last = lines.at(-1);
    if (last === undefined || Math.abs(last.top - top) > 2) {
      lines.push({ text: word[0], left, right, top, bottom, from: word.index });
      continue;
    }
    const text = node.data.slice(last.from, to);
    lines[lines.length - 1] = { ...last, text: isPre ? text : text.replace(/\s+/g, ' '), right };
  }
  return lines;
};

const drawText = ({ context, origin, scale }: Target, node: Text, wish: LayerWish): void => {
  const parent = node.parentElement;
  const words = node.data.replace(/\s+/g, ' ').trim();
  if (parent === null || words === '' || parent.closest(CHROME) !== null) return;
  if (!wish.patient) {
    if (parent.closest('[data-patient]') !== null) return;
    if (parent.closest(OURS) === null && namesPatient(words, wish.identity)) return;
  }
  const style = getComputedStyle(parent);
  const holder = parent.getBoundingClientRect();
  // Words that are for a screen reader alone take a pixel or none.
  if (style.visibility === 'hidden' || holder.width <= 2 || holder.height <= 2) return;
  context.save();
  context.scale(scale, scale);
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.shadowColor = '#000';
  context.shadowBlur = 3 * scale;
  context.textBaseline = 'alphabetic';
  for (const line of linesOf(node, style.whiteSpace.startsWith('pre'))) {
    const metrics = context.measureText(line.text);
    const ascent = metrics.fontBoundingBoxAscent;
    const height = ascent + metrics.fontBoundingBoxDescent;
    const left = Math.max(line.left, holder.left);
    context.fillText(
      fitted(context, line.text, Math.min(line.right, holder.right) - left),
      left - origin.left,
      line.top - origin.top + (line.bottom - line.top - height) / 2 + ascent,
    );
  }
  context.restore();
};

const drawNodes = async (target: Target, nodes: Iterable<Node>, wish: LayerWish): Promise<void> => {
  for (const child of nodes) {
    if (child instanceof Text) {
      if (!wish.bare) drawText(target, child, wish);
      continue;
    }
    if (!(child instanceof Element) || child.matches(CHROME)) continue;
    if (!wish.patient && child.matches('[data-patient]')) continue;
    const belongs = child.closest(OF_IMAGE) !== null;
    const style = getComputedStyle(child);
    if (style.display === 'none' || style.visibility === 'hidden') continue;
    if (wish.bare && !belongs) continue;
    if (child instanceof HTMLCanvasElement) drawCanvas(target, child);
    else if (child instanceof SVGSVGElement) await drawSvg(target, child, wish);
    else await drawNodes(target, child.childNodes, wish);
  }
};

/** Draws what stands on the element, in its order, over what the canvas holds. `skipStage`: the image itself is there already. */
export const drawLayers = async (
  context: CanvasRenderingContext2D,
  element: HTMLElement,
  scale: number,
  wish: LayerWish,
  skipStage = false,
): Promise<void> => {
  const target: Target = { context, origin: element.getBoundingClientRect(), scale };
  for (const child of element.children) {
    if (child.matches('.stage')) {
      if (!skipStage) for (const canvas of child.querySelectorAll('canvas')) drawCanvas(target, canvas);
      continue;
    }
    await drawNodes(target, [child], wish);
  }
};
