import { startAmdServer, type AmdServer, type AmdServerEvent } from '../amd/server.ts';
import type { Bus } from '../core/bus/port.ts';
import { unreachable } from '../core/errors.ts';
import { recordTelemetry } from '../core/metrics.ts';
import { openRecordings } from './amd-recordings.ts';
import type { Context } from './context.ts';
import { openPrints } from './amd-prints.ts';
import { Releases } from './releases.ts';

/** The detector's service with its prints and recordings. */
export interface AmdService {
  readonly url: string;
  readonly activeStreams: number;
  /** Rejects if the prints can no longer be read from the bus. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Starts the detector's service: in a dialer, or as a process of its own that serves many. */
export async function startAmdService({ config, log }: Pick<Context, 'config' | 'log'>, bus: Bus, nowMs: () => number): Promise<AmdService> {
  const releases = new Releases();
  try {
    const prints = await openPrints(bus, `amd-${config.dialer.id}`, { nowMs, log });
    releases.add('prints', () => prints.stop());
    const recordings = await openRecordings(config.amd, log);
    releases.add('recordings', () => recordings.close());
    const server: AmdServer = await startAmdServer({
      host: config.amd.listenHost, port: config.amd.listenPort, token: config.amd.token, log, prints: prints.book,
      record: (start) => recordings.open(start), tell: measureAmd,
    });
    releases.add('server', () => server.close());
    return {
      url: server.url,
      get activeStreams() {
        return server.activeStreams;
      },
      failed: prints.failed,
      close: () => releases.releaseAll(),
    };
  } catch (error) {
    await releases.releaseAll();
    throw error;
  }
}

function measureAmd(event: AmdServerEvent): void {
  switch (event.kind) {
    case 'streams':
      recordTelemetry({ kind: 'amd_streams', streams: event.streams });
      return;
    case 'message':
      if (event.message.type === 'verdict') recordTelemetry({ kind: 'amd_verdict', verdict: event.message.verdict, takesBack: event.message.takesBack });
      return;
    case 'refused':
      recordTelemetry({ kind: 'amd_refused', reason: event.reason });
      return;
    case 'ended':
      recordTelemetry({ kind: 'amd_heard', audioMs: event.audioMs, computeMs: event.computeMs });
      return;
    default:
      unreachable(event);
  }
}
