import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAnalytics, type Analytics, type AnalyticsOptions } from '../client.ts';
import { startChdbHttpServer, type ChdbHttpServer } from './chdb-http-server.ts';

/** Both ways to the engine; what holds for one must hold for the other. */
export const WAYS = ['chdb', 'http'] as const;
export type Way = (typeof WAYS)[number];

/** A store in a directory of its own under the system's temporary one. */
export interface TestStore {
  readonly dir: string;
  readonly analytics: Analytics;
  /** Of way `http`: what stands between. */
  readonly server: ChdbHttpServer | null;
  close(): Promise<void>;
}

export async function openTestStore(way: Way, options: AnalyticsOptions = {}): Promise<TestStore> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-store-'));
  const server = way === 'http' ? await startChdbHttpServer({ path: join(dir, 'store'), user: 'ann', password: 'p@ss word' }) : null;
  const analytics = await connectAnalytics(server?.url ?? `chdb:${join(dir, 'store')}`, options);
  return {
    dir,
    analytics,
    server,
    async close() {
      await analytics.close();
      await server?.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
