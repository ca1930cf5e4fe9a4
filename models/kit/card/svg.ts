/** A few marks of SVG, dark on light, without styles or scripts: plots of a package's card. */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (mark) => ESCAPES[mark] ?? mark);

/** Two decimals are finer than any screen here; a fixed form keeps files the same on every machine. */
const n = (value: number): string => String(Number(value.toFixed(2)));

export const INK = '#1b1f24';
export const FAINT = '#c9ced6';
/** Told apart with colour blindness too (Okabe and Ito 2008), the pale ones left out. */
export const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#7a5195', '#8c564b', '#56606b', '#b8860b'] as const;
export const colorOf = (at: number): string => COLORS[at % COLORS.length] ?? INK;

export const line = (
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  color: string = INK,
  width = 1,
  dashed = false,
): string =>
  `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="${color}" stroke-width="${width}"${dashed ? ' stroke-dasharray="4 4"' : ''}/>`;

export const path = (points: readonly (readonly [number, number])[], color: string, width = 1.6): string =>
  `<polyline points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(' ')}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round"/>`;

export const rectangle = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"/>`;

export const dot = (x: number, y: number, color: string, radius = 3.5): string =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="${radius}" fill="${color}"/>`;

export interface Writing {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly color?: string;
  readonly bold?: boolean;
  /** Read from below. */
  readonly upright?: boolean;
}
export const text = (
  x: number,
  y: number,
  words: string,
  { anchor = 'start', size = 12, color = INK, bold = false, upright = false }: Writing = {},
): string =>
  `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" font-size="${size}" fill="${color}"${bold ? ' font-weight="600"' : ''}${upright ? ` transform="rotate(-90 ${n(x)} ${n(y)})"` : ''}>${escaped(words)}</text>`;

/** The whole picture: white ground, title above, and the title for those who cannot see it. */
export const picture = (width: number, height: number, title: string, marks: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}" font-family="system-ui, sans-serif" role="img">`,
    `<title>${escaped(title)}</title>`,
    rectangle(0, 0, width, height, '#ffffff'),
    text(16, 24, title, { size: 14, bold: true }),
    ...marks,
    '</svg>',
    '',
  ].join('\n');
