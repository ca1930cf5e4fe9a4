/**
 * Drawn photographs of the retina: disc, fovea, vessels and the four lesions of diabetic retinopathy, with their cells.
 * One line makes one: 'fundus 640x480 grade 2'. Not anatomy to learn from; it tells whether a package reads photographs.
 */
import { type Random, seeded } from '../random.ts';
import { PhantomLineError } from './grammar.ts';

/** In this order everywhere: channels of the networks, bits of `cells`. */
export const FUNDUS_LESIONS = [
  'microaneurysms',
  'haemorrhages',
  'hard-exudates',
  'soft-exudates',
  'optic-disc',
] as const;
export type FundusLesion = (typeof FUNDUS_LESIONS)[number];

export interface FundusPhantom {
  readonly line: string;
  readonly seed: string;
  readonly columns: number;
  readonly rows: number;
  /** Red, green, blue. */
  readonly rgb: Uint8Array;
  /** By pixel: bit n is set where lesion n of FUNDUS_LESIONS lies. */
  readonly cells: Uint8Array;
  readonly grade: number;
  /** Centre and radius of the round field, pixels. */
  readonly field: { readonly x: number; readonly y: number; readonly radius: number };
}

/** Lengths below are for a field of this radius. */
const RADIUS = 320;

interface Request {
  readonly columns: number;
  readonly rows: number;
  readonly grade: number | null;
}

const parse = (line: string): Request => {
  const words = line.trim().split(/\s+/);
  const fail = (reason: string): never => {
    throw new PhantomLineError(line.slice(0, 200), reason);
  };
  if (words.shift() !== 'fundus') fail("a photograph of the retina begins with 'fundus'");
  let [columns, rows] = [640, 480];
  let grade: number | null = null;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const size = /^(\d+)x(\d+)$/.exec(word);
    if (size) [columns, rows] = [Number(size[1]), Number(size[2])];
    else if (word === 'grade') {
      const given = words.shift() ?? '';
      if (!/^[0-4]$/.test(given)) fail('a grade is 0 to 4');
      grade = Number(given);
    } else if (word !== 'random') fail(`'${word}' is not understood`);
  }
  if (columns < 64 || rows < 64 || columns * rows > 2 ** 24) fail('the size is 64x64 to 4096x4096');
  return { columns, rows, grade };
};

/** Smooth noise of about -1..1, `length` pixels from bump to bump. */
const smoothNoise = (
  random: Random,
  columns: number,
  rows: number,
  length: number,
): ((x: number, y: number) => number) => {
  const wide = Math.ceil(columns / length) + 2;
  const values = Float32Array.from({ length: wide * (Math.ceil(rows / length) + 2) }, () => random.between(-1, 1));
  const ease = (t: number): number => t * t * (3 - 2 * t);
  return (x, y) => {
    const [u, v] = [x / length, y / length];
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [a, b] = [ease(u - i), ease(v - j)];
    const at = (n: number, m: number): number => values[m * wide + n] ?? 0;
    return (at(i, j) * (1 - a) + at(i + 1, j) * a) * (1 - b) + (at(i, j + 1) * (1 - a) + at(i + 1, j + 1) * a) * b;
  };
};

class Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Blood in the light's way; exp(-2.2 of it) of the green comes back. */
  readonly blood: Float32Array;
  /** Share of exudate (yellow), of swollen fibres (white) and of the disc. */
  readonly yellow: Float32Array;
  readonly white: Float32Array;
  readonly cells: Uint8Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    const count = columns * rows;
    this.blood = new Float32Array(count);
    this.yellow = new Float32Array(count);
    this.white = new Float32Array(count);
    this.cells = new Uint8Array(count);
  }

  /** Calls `put` for pixels within `reach` of a place, with their offset. */
  around(x: number, y: number, reach: number, put: (n: number, dx: number, dy: number) => void): void {
    for (let r = Math.max(0, Math.floor(y - reach)); r <= Math.min(this.rows - 1, Math.ceil(y + reach)); r++)
      for (let c = Math.max(0, Math.floor(x - reach)); c <= Math.min(this.columns - 1, Math.ceil(x + reach)); c++)
        put(r * this.columns + c, c + 0.5 - x, r + 0.5 - y);
  }
}

/** A blot with an uneven edge: strength by distance from its own outline, soft over `edge` pixels. */
const blot = (
  canvas: Canvas,
  random: Random,
  place: { x: number; y: number; radius: number; strength: number; edge: number; rough: number },
  plane: Float32Array,
  lesion: FundusLesion,
): void => {
  const waves = Array.from({ length: 4 }, (_, n) => ({
    n: n + 2,
    a: (random.normal() * place.rough) / (n + 2),
    p: random.between(0, 2 * Math.PI),
  }));
  const bit = 1 << FUNDUS_LESIONS.indexOf(lesion);
  const { x, y, radius, edge } = place;
  const [stretch, turn] = [Math.exp(random.normal(0, place.rough * 0.6)), random.between(0, Math.PI)];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  canvas.around(x, y, radius * 2.5 + edge * 2, (n, dx, dy) => {
    const [u, v] = [(dx * cos + dy * sin) / stretch, (dy * cos - dx * sin) * stretch];
    const angle = Math.atan2(v, u);
    let outline = 1;
    for (const wave of waves) outline += wave.a * Math.cos(wave.n * angle + wave.p);
    const out = Math.hypot(u, v) - radius * Math.max(0.3, outline);
    const share = 1 / (1 + Math.exp((4 * out) / edge));
    if (share < 0.01) return;
    plane[n] = Math.max(plane[n] ?? 0, share * place.strength);
    if (share > 0.4) canvas.cells[n] = (canvas.cells[n] ?? 0) | bit;
  });
};

interface Eye {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly scale: number;
  readonly disc: { readonly x: number; readonly y: number; readonly radius: number };
  readonly fovea: { readonly x: number; readonly y: number };
}

const vessel = (
  canvas: Canvas,
  random: Random,
  eye: Eye,
  from: { x: number; y: number; angle: number; width: number; bend: number; steps: number },
): void => {
  let { x, y, angle, width } = from;
  const step = 3 * eye.scale;
  const strength = random.between(0.35, 0.6);
  let wander = 0;
  for (let n = 0; n < from.steps && width > 0.55; n++) {
    wander = wander * 0.9 + random.normal(0, 0.012);
    angle += from.bend + wander;
    x += Math.cos(angle) * step;
    y += Math.sin(angle) * step;
    width *= 0.9935;
    const half = (width * eye.scale) / 2;
    canvas.around(x, y, half * 2.5 + step, (at, dx, dy) => {
      const along = dx * Math.cos(angle) + dy * Math.sin(angle);
      const across = dy * Math.cos(angle) - dx * Math.sin(angle);
      if (Math.abs(along) > step) return;
      canvas.blood[at] = Math.max(canvas.blood[at] ?? 0, strength * Math.exp(-((across / half) ** 2)));
    });
    if (random.next() < 0.035 && width > 1.4) {
      const side = random.next() < 0.5 ? -1 : 1;
      const turned = angle + side * random.between(0.4, 0.9);
      vessel(canvas, random, eye, {
        x,
        y,
        angle: turned,
        width: width * random.between(0.45, 0.7),
        bend: -side * 0.004,
        steps: random.integer(20, 70),
      });
    }
  }
};

const vessels = (canvas: Canvas, random: Random, eye: Eye): void => {
  const inward = Math.sign(eye.fovea.x - eye.disc.x);
  for (const down of [-1, 1])
    for (const [out, width] of [
      [1, 8],
      [1, 6],
      [-1, 5],
    ] as const) {
      const angle = Math.atan2(down * random.between(0.7, 1.4), out * inward * random.between(0.35, 0.8));
      // the arcades bend around the fovea
      const bend = out * inward * down * -random.between(0.004, 0.009);
      vessel(canvas, random, eye, {
        x: eye.disc.x,
        y: eye.disc.y,
        angle,
        width: width * random.between(0.8, 1.15),
        bend: -bend,
        steps: 170,
      });
    }
};

/** How many of each, by grade. */
const counts = (random: Random, grade: number): Record<Exclude<FundusLesion, 'optic-disc'>, number> => {
  const many = (low: number, high: number): number => random.integer(low, high);
  const none = { microaneurysms: 0, haemorrhages: 0, 'hard-exudates': 0, 'soft-exudates': 0 };
  switch (grade) {
    case 0:
      return none;
    case 1:
      return { ...none, microaneurysms: many(2, 6) };
    case 2:
      return {
        microaneurysms: many(4, 18),
        haemorrhages: many(2, 10),
        'hard-exudates': many(0, 3),
        'soft-exudates': many(0, 1),
      };
    case 3:
      return {
        microaneurysms: many(15, 40),
        haemorrhages: many(15, 40),
        'hard-exudates': many(1, 6),
        'soft-exudates': many(0, 5),
      };
    default:
      return {
        microaneurysms: many(8, 30),
        haemorrhages: many(10, 30),
        'hard-exudates': many(0, 5),
        'soft-exudates': many(0, 4),
      };
  }
};

const lesions = (canvas: Canvas, random: Random, eye: Eye, grade: number): void => {
  const place = (least = 0): { x: number; y: number } => {
    for (;;) {
      const [r, a] = [eye.radius * 0.93 * Math.sqrt(random.next()), random.between(0, 2 * Math.PI)];
      const at = { x: eye.x + r * Math.cos(a), y: eye.y + r * Math.sin(a) };
      if (at.y < 6 || at.y > canvas.rows - 6) continue;
      if (Math.hypot(at.x - eye.disc.x, at.y - eye.disc.y) > eye.disc.radius * 1.4 + least) return at;
    }
  };
  const { scale } = eye;
  const many = counts(random, grade);
  for (let n = 0; n < many.microaneurysms; n++)
    blot(
      canvas,
      random,
      {
        ...place(),
        radius: random.between(1.4, 2.8) * scale,
        strength: random.between(0.35, 0.7),
        edge: 1.6 * scale,
        rough: 0.1,
      },
      canvas.blood,
      'microaneurysms',
    );
  for (let n = 0; n < many.haemorrhages; n++)
    blot(
      canvas,
      random,
      {
        ...place(),
        radius: (3 + Math.min(16, random.normal() ** 2 * 4)) * scale,
        strength: random.between(0.3, 0.85),
        edge: random.between(1.5, 5) * scale,
        rough: 0.35,
      },
      canvas.blood,
      'haemorrhages',
    );
  for (let n = 0; n < many['hard-exudates']; n++) {
    const middle = place(20 * scale);
    const spread = random.between(6, 34) * scale;
    for (let k = random.integer(2, 22); k > 0; k--)
      blot(
        canvas,
        random,
        {
          x: middle.x + random.normal() * spread,
          y: middle.y + random.normal() * spread,
          radius: random.between(1.2, 5) * scale,
          strength: random.between(0.45, 0.95),
          edge: 1.5 * scale,
          rough: 0.35,
        },
        canvas.yellow,
        'hard-exudates',
      );
  }
  for (let n = 0; n < many['soft-exudates']; n++)
    blot(
      canvas,
      random,
      {
        ...place(),
        radius: random.between(6, 13) * scale,
        strength: random.between(0.3, 0.6),
        edge: random.between(6, 12) * scale,
        rough: 0.3,
      },
      canvas.white,
      'soft-exudates',
    );
  if (grade < 4) return;
  // new vessels: a tangle of fine ones
  for (let n = random.integer(1, 3); n > 0; n--) {
    const at = random.next() < 0.5 ? eye.disc : place();
    for (let k = 0; k < 14; k++)
      vessel(canvas, random, eye, {
        ...at,
        angle: random.between(0, 2 * Math.PI),
        width: random.between(1, 2),
        bend: random.normal(0, 0.08),
        steps: random.integer(10, 28),
      });
  }
};

const paint = (canvas: Canvas, random: Random, eye: Eye): Uint8Array => {
  const { columns, rows } = canvas;
  const out = new Uint8Array(columns * rows * 3);
  const red = random.between(150, 240);
  const tint = [red, red * random.between(0.38, 0.62), red * random.between(0.08, 0.34)] as const;
  const broad = smoothNoise(random.fork('broad'), columns, rows, 130 * eye.scale);
  const middle = smoothNoise(random.fork('middle'), columns, rows, 22 * eye.scale);
  const fine = smoothNoise(random.fork('fine'), columns, rows, 5 * eye.scale);
  const rim = random.between(0.15, 0.5);
  const grain = random.between(0.004, 0.012);
  const [light, cloud, texture] = [random.normal(0, 0.15), random.between(0.03, 0.14), random.between(0.02, 0.07)];
  const noise = random.fork('grain');
  const macula = random.between(0.25, 0.5);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const n = y * columns + x;
      const far = Math.hypot(x + 0.5 - eye.x, y + 0.5 - eye.y) / eye.radius;
      const inside = 1 / (1 + Math.exp((far - 1) * eye.radius));
      if (inside < 0.002) {
        for (let c = 0; c < 3; c++) out[n * 3 + c] = Math.max(0, 2 + noise.normal(0, 1));
        continue;
      }
      let shade = 1 - rim * far ** 3 + (light * (x - eye.x)) / eye.radius;
      shade *= 1 + cloud * broad(x, y) + texture * middle(x, y) + texture * 0.7 * fine(x, y);
      const fovea = Math.exp(-(((x - eye.fovea.x) ** 2 + (y - eye.fovea.y) ** 2) / (38 * eye.scale) ** 2));
      shade *= 1 - macula * fovea;
      const disc = Math.hypot(x - eye.disc.x, y - eye.disc.y) / eye.disc.radius;
      const pale = 1 / (1 + Math.exp((disc - 1) * 14));
      const cup = Math.exp(-((disc / 0.5) ** 2));
      const blood = canvas.blood[n] ?? 0;
      const [yellow, white] = [canvas.yellow[n] ?? 0, canvas.white[n] ?? 0];
      if (pale > 0.5) canvas.cells[n] = (canvas.cells[n] ?? 0) | 16;
      const bright = [1, 0.78 + 0.1 * cup, 0.42 + 0.25 * cup] as const;
      const through = [Math.exp(-0.9 * blood), Math.exp(-1.9 * blood), Math.exp(-1.3 * blood)] as const;
      for (let c = 0; c < 3; c++) {
        const t = c as 0 | 1 | 2;
        let v = tint[t] * shade;
        v += pale * (250 * bright[t] * Math.min(1, shade + 0.1) - v) * 0.85;
        v *= through[t];
        v += yellow * (([255, 235, 120][t] ?? 0) * Math.min(1.05, shade + 0.15) - v) * 0.9;
        v += white * (([245, 225, 185][t] ?? 0) * Math.min(1, shade + 0.1) - v) * 0.75;
        v *= 1 + noise.normal(0, grain) * 2;
        out[n * 3 + c] = Math.max(0, Math.min(255, Math.round(v * inside + noise.normal(0, 1))));
      }
      if (far > 0.98) canvas.cells[n] = 0;
    }
  return out;
};

/** Throws PhantomLineError where the line is not understood. */
export const fundusPhantom = (line: string, seed: number | string = 1): FundusPhantom => {
  const request = parse(line);
  const random = seeded(`fundus ${seed}`);
  const { columns, rows } = request;
  const grade = request.grade ?? random.pick([0, 0, 1, 2, 2, 3, 4]);
  const radius = Math.min(columns * 0.47, rows * random.between(0.5, 0.6));
  const scale = radius / RADIUS;
  const [x, y] = [columns / 2 + random.normal(0, 4 * scale), rows / 2 + random.normal(0, 3 * scale)];
  const side = random.next() < 0.5 ? -1 : 1;
  const offset = random.between(-0.15, 0.3);
  const disc = {
    x: x + side * radius * (0.45 + offset),
    y: y + random.normal(0, 14 * scale),
    radius: random.between(38, 50) * scale,
  };
  const fovea = { x: disc.x - side * radius * random.between(0.68, 0.8), y: disc.y + random.between(5, 30) * scale };
  const eye: Eye = { x, y, radius, scale, disc, fovea };
  const canvas = new Canvas(columns, rows);
  vessels(canvas, random.fork('vessels'), eye);
  lesions(canvas, random.fork('lesions'), eye, grade);
  const rgb = paint(canvas, random.fork('paint'), eye);
  return { line, seed: String(seed), columns, rows, rgb, cells: canvas.cells, grade, field: { x, y, radius } };
};
