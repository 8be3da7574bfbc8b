import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{core,campaign-loader,dialer,amd,analytics,bin,deploy}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores are shared by the simulator, the dialer and the databases under test.
    pool: 'forks',
    maxWorkers: 2,
  },
});
