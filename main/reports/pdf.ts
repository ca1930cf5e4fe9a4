/** A report as A4 pages. Every page says whose it is, whether it is signed, and which page it is. */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import type { Report, StudySummary } from '../../preload/contract/index.ts';
import { type EastAsianFont, eastAsianFont } from './fonts.ts';
import { ALTERED, momentText, passages, patientLine, signatureLine, studyLine, UNSIGNED } from './text.ts';

const require = createRequire(import.meta.url);
const fontFile = (name: string): string => require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);

/** Points, 72 to the inch. */
const MARGIN = { top: 96, bottom: 64, left: 56, right: 56 };
/** Stands for a character that the font does not have; DejaVu Sans has it. */
const MISSING = '\u25a1';

/** pdfkit keeps fontkit's font here; its types leave it out. Pinned by the exact version and a test. */
interface WithFont {
  readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } };
}

const withoutControls = (text: string): string =>
  text.replace(/\r\n?/gu, '\n').replace(/[^\P{C}\n\u200c\u200d]/gu, ' ');

export interface PdfOptions {
  /** False leaves the page streams readable, for tests. */
  readonly compress?: boolean;
  /** Instead of looking for one on this machine, for tests. */
  readonly eastAsian?: (text: string) => EastAsianFont | null;
}

interface Run {
  readonly font: 'plain' | 'bold' | 'east';
  readonly text: string;
}

/** False where there is none, or the file is not what its name says. */
const registerEast = (pdf: PDFKit.PDFDocument, font: EastAsianFont | null): boolean => {
  if (font === null) return false;
  try {
    if (font.face === null) pdf.registerFont('east', font.path);
    else pdf.registerFont('east', font.path, font.face);
    pdf.font('east');
    return true;
  } catch {
    return false;
  }
};

export const reportPdf = async (report: Report, study: StudySummary, options: PdfOptions = {}): Promise<Uint8Array> => {
  const pdf = new PDFDocument({
    size: 'A4',
    margins: MARGIN,
    bufferPages: true,
    compress: options.compress ?? true,
    font: fontFile('DejaVuSans'),
    // No name here: a file's properties travel further than its pages.
    info: { Title: 'Radiology report', Creator: 'Sightline', CreationDate: new Date(report.updatedAt) },
    lang: 'en',
  });
  const chunks: Uint8Array[] = [];
  const done = new Promise<void>((resolve, reject) => {
    pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  pdf.registerFont('plain', fontFile('DejaVuSans'));
  pdf.registerFont('bold', fontFile('DejaVuSans-Bold'));

  let replaced = 0;
  const all = [
    patientLine(study),
    studyLine(study),
    signatureLine(report),
    ...passages(report).map(({ text }) => text),
  ];
  const withEast = registerEast(pdf, (options.eastAsian ?? eastAsianFont)(all.join('\n')));
  const glyphsOf = (font: Run['font']) => (pdf.font(font) as unknown as WithFont)._font.font;
  const glyphs = { plain: glyphsOf('plain'), bold: glyphsOf('bold'), east: withEast ? glyphsOf('east') : null };
  /** Text by the font that has its letters, with a box for each that none has. */
  const runsOf = (font: 'plain' | 'bold', text: string): Run[] => {
    const runs: { font: Run['font']; text: string }[] = [];
    for (const character of withoutControls(text).normalize('NFC')) {
      const code = character.codePointAt(0) ?? 0;
      const known = character === '\n' || glyphs[font].hasGlyphForCodePoint(code);
      const east = !known && glyphs.east?.hasGlyphForCodePoint(code) === true;
      if (!known && !east) replaced += 1;
      const own = east ? 'east' : font;
      const last = runs.at(-1);
      const shown = known || east ? character : MISSING;
      if (last?.font === own) last.text += shown;
      else runs.push({ font: own, text: shown });
    }
    const whole = runs.map((run) => run.text).join('');
    // Two fonts have two baselines: where one has all the letters, it draws them all.
    const inEast = runs.some((run) => run.font === 'east') && !whole.includes(MISSING);
    const one = [...whole].every(
      (c) => c === '\n' || glyphs.east?.hasGlyphForCodePoint(c.codePointAt(0) ?? 0) === true,
    );
    return inEast && one ? [{ font: 'east', text: whole }] : runs;
  };
  const write = (font: 'plain' | 'bold', sizePt: number, text: string): void => {
    pdf.fontSize(sizePt).fillColor('#111111');
    const runs = runsOf(font, text);
    for (const [n, run] of runs.entries()) pdf.font(run.font).text(run.text, { continued: n < runs.length - 1 });
  };

  for (const { title, text } of passages(report)) {
    // A title alone at the foot of a page is easily missed.
    if (pdf.y > pdf.page.height - MARGIN.bottom - 60) pdf.addPage();
    write('bold', 10.5, title);
    pdf.moveDown(0.2);
    write('plain', 10.5, text);
    pdf.moveDown(0.9);
  }
  write('plain', 9.5, signatureLine(report));
  if (report.signature) write('plain', 7, `sha256 ${report.signature.hash}`);
  report.addenda.forEach((one, index) => {
    pdf.moveDown(1);
    if (pdf.y > pdf.page.height - MARGIN.bottom - 60) pdf.addPage();
    write('bold', 10.5, `Addendum ${index + 1}`);
    pdf.moveDown(0.2);
    write('plain', 10.5, one.text);
    pdf.moveDown(0.3);
    write('plain', 9.5, `Signed by ${one.signature.signedBy}, ${momentText(one.signature.signedAt)}`);
    write('plain', 7, `sha256 ${one.signature.hash}`);
  });

  /** One line inside the margins, in a smaller size where it would not fit, cut with an ellipsis where that fails too. */
  const line = (text: string, y: number, font: 'plain' | 'bold', sizePt: number, color: string): void => {
    const room = pdf.page.width - MARGIN.left - MARGIN.right;
    const widthOf = (runs: readonly Run[]): number =>
      runs.reduce((sum, run) => sum + pdf.font(run.font).widthOfString(run.text), 0);
    let runs = runsOf(font, text.replaceAll('\n', ' '));
    let size = sizePt;
    pdf.fontSize(size).fillColor(color);
    while (size > 6 && widthOf(runs) > room) {
      size -= 0.5;
      pdf.fontSize(size);
    }
    for (let kept = [...text].length - 1; kept > 0 && widthOf(runs) > room; kept -= 1)
      runs = runsOf(font, `${[...text].slice(0, kept).join('')}\u2026`);
    let x = MARGIN.left;
    for (const run of runs) {
      pdf.font(run.font).text(run.text, x, y, { lineBreak: false });
      x += pdf.widthOfString(run.text);
    }
  };
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page += 1) {
    pdf.switchToPage(page);
    // Writing below the bottom margin would begin a new page.
    pdf.page.margins.bottom = 0;
    line(patientLine(study), 36, 'bold', 10, '#111111');
    line(studyLine(study), 52, 'plain', 9, '#333333');
    if (report.altered) line(ALTERED, 66, 'bold', 9, '#b00020');
    pdf
      .moveTo(MARGIN.left, 82)
      .lineTo(pdf.page.width - MARGIN.right, 82)
      .lineWidth(0.5)
      .stroke('#888888');
    if (!report.signature) {
      pdf.save();
      pdf.rotate(-45, { origin: [pdf.page.width / 2, pdf.page.height / 2] });
      pdf.font('bold').fontSize(46).fillColor('#000000').fillOpacity(0.1);
      pdf.text(UNSIGNED, 0, pdf.page.height / 2 - 30, { width: pdf.page.width, align: 'center', lineBreak: false });
      pdf.restore();
      pdf.fillOpacity(1);
    }
    const foot = pdf.page.height - 44;
    if (replaced > 0)
      line(
        `${MISSING} stands for characters that this file's font does not have; the plain text has them.`,
        foot - 12,
        'plain',
        7,
        '#b00020',
      );
    line(
      `${report.signature ? signatureLine(report) : UNSIGNED} · page ${page + 1} of ${count}`,
      foot,
      'plain',
      8,
      '#333333',
    );
  }
  pdf.end();
  await done;
  return Buffer.concat(chunks);
};
