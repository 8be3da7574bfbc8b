/** The AMD service alone in a process, for bench/amd-live.ts: says when each verdict was handed to the kernel, and how the process fared. */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { startAmdServer } from '../amd/server.ts';
import { PrintCatalogue } from '../amd/fingerprint/catalogue.ts';
import { orderSchema, type ServiceReport } from './amd-live-report.ts';

const token = process.argv[2] ?? '';
const catalogue = new PrintCatalogue();
const verdictNs: Record<string, string> = {};
const server = await startAmdServer({
  host: '127.0.0.1', port: 0, token,
  log: { info: () => undefined, warn: () => undefined },
  prints: {
    index: catalogue.index,
    meaningOf: (id) => catalogue.meaningOf(id),
    heard(callee, matchId, words) {
      const event = matchId !== null ? catalogue.matched(matchId, callee, 0) : words !== null ? catalogue.takeOffer(words, callee, 0) : null;
      if (event !== null) catalogue.apply(event);
    },
  },
  tell(event) {
    if (event.kind === 'message' && event.message.type === 'verdict') verdictNs[event.message.callId] ??= String(process.hrtime.bigint());
  },
});

const loop = monitorEventLoopDelay({ resolution: 1 });
const collector = { count: 0, ms: 0, worstMs: 0 };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collector.count++;
    collector.ms += duration;
    collector.worstMs = Math.max(collector.worstMs, duration);
  }
}).observe({ entryTypes: ['gc'] });
let before = process.cpuUsage();

process.on('message', (message) => {
  const order = orderSchema.parse(message);
  switch (order) {
    case 'begin':
      before = process.cpuUsage();
      loop.enable();
      loop.reset();
      Object.assign(collector, { count: 0, ms: 0, worstMs: 0 });
      process.send?.('begun');
      return;
    case 'report': {
      const { user, system } = process.cpuUsage(before);
      const ms = (share: number): number => loop.percentile(share) / 1e6;
      process.send?.({
        cpuSeconds: (user + system) / 1e6, collector, verdictNs,
        loopDelayMs: { p50: ms(50), p99: ms(99), worst: loop.max / 1e6 },
      } satisfies ServiceReport);
      return;
    }
    case 'close':
      void server.close().then(() => process.disconnect());
  }
});
process.send?.(server.url);
