/** test/geometry with every acquisition on the screen. */
process.env.SIGHTLINE_ALL_ACQUISITIONS = '1';
await import('../geometry/geometry.test.ts');

export {};
