import { defineConfig } from 'vitest/config';

/** One workbench at a time: each file has its own server, and two cores are not many for a browser and a VS Code. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    bail: 0,
  },
});
