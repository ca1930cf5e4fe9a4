import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * vtk.js's label-outline shaders truncate a label read from an 8-bit texture where they should round, so that label 1
 * can vanish (`int(value * 255.0)`, Rendering/OpenGL/ImageMapper.js and ImageResliceMapper.js, 36.4.1). May go when a
 * version that cornerstone depends on rounds.
 */
const roundOutlineLabels = (): Plugin => ({
  name: 'sightline:round-outline-labels',
  transform(code, id) {
    if (!/Rendering\/OpenGL\/Image(Reslice)?Mapper\.js/.test(id)) return null;
    const rounded = code.replace(/int\((\w[^()]*?) \* 255\.0\)/g, 'int($1 * 255.0 + 0.5)');
    return rounded === code ? null : { code: rounded, map: null };
  },
});

export default defineConfig({
  root: here,
  base: '/',
  plugins: [svelte({ configFile: false }), roundOutlineLabels()],
  build: {
    target: 'esnext',
    outDir: fileURLToPath(new URL('../.build/renderer', import.meta.url)),
    emptyOutDir: true,
    // The content security policy allows no data: script or style; one file more costs nothing on loopback.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 8000,
    sourcemap: false,
  },
  worker: { format: 'es' },
});
