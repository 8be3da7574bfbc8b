/** The AMD service alone in a process, for bench/amd-live.ts. */
import { startAmdServer } from '../amd/server.ts';
import { PrintCatalogue } from '../amd/fingerprint/catalogue.ts';

const token = process.argv[2] ?? '';
const catalogue = new PrintCatalogue();
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
});
process.on('message', (message) => {
  if (message === 'usage') process.send?.(process.cpuUsage());
  else void server.close().then(() => process.disconnect());
});
process.send?.(server.url);
