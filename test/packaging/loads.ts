/**
 * Run in a process of its own: exercises what the packaged program loads by name (every package that its bundles
 * import, the pixel codecs with their wasm, ONNX Runtime, the fonts of the PDF) and prints every file of node_modules
 * that was read, one a line.
 */
import fs from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
const require = createRequire(import.meta.url);
const seen = new Set<string>();
const note = (path: unknown): void => {
  if (typeof path !== 'string' && !(path instanceof URL)) return;
  const name = relative(REPOSITORY, path instanceof URL ? fileURLToPath(path) : resolve(path)).replaceAll('\\', '/');
  if (name.startsWith('node_modules/')) seen.add(name);
};
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:')) note(new URL(url));
    return next(url, context);
  },
});
for (const name of ['readFileSync', 'openSync', 'createReadStream', 'readFile'] as const) {
  const original = fs[name] as (...args: unknown[]) => unknown;
  (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
    note(args[0]);
    return original(...args);
  };
}
const dlopen = process.dlopen.bind(process);
process.dlopen = (module: object, path: string, flags?: number) => {
  note(path);
  return flags === undefined ? dlopen(module, path) : dlopen(module, path, flags);
};

for (const specifier of process.argv.slice(2)) await import(specifier);
for (const name of [
  'charls/decodewasmjs',
  'libjpeg-turbo-8bit/decodewasmjs',
  'openjpeg/decodewasmjs',
  'openjph/wasmjs',
]) {
  await (require(`@cornerstonejs/codec-${name}`) as () => Promise<unknown>)();
}
require('onnxruntime-node');
const PDFDocument = (await import('pdfkit')).default;
const pdf = new PDFDocument();
for (const name of fs.readdirSync(join(REPOSITORY, 'node_modules/dejavu-fonts-ttf/ttf'))) {
  if (/^DejaVuSans(-Bold|-Oblique)?\.ttf$/.test(name)) {
    pdf.font(require.resolve(`dejavu-fonts-ttf/ttf/${name}`)).text('Größe 11 mm');
  }
}
pdf.end();
console.log([...seen].sort().join('\n'));
process.exit(0);
