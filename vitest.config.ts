import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{core,campaign-loader,dialer,amd,analytics,bin,deploy,tools}/**/*.test.ts'],
    // Starts nothing by itself: the first file that asks for Kafka or Redis gets it, the others share it.
    globalSetup: ['deploy/local/engines-for-tests.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores are shared by the simulator, the dialer and the databases under test.
    pool: 'forks',
    maxWorkers: 2,
  },
});
