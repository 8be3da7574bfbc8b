import { z } from 'zod';
import { SimulatedClock, SteadyClock, systemClock, type Clock } from '../core/clock.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Ledger } from '../dialer/ledger/port.ts';
import type { Releases } from './releases.ts';

const simulatedSchema = z.strictObject({
  wallMs: z.coerce.number().int(),
  simulatedMs: z.coerce.number().int(),
  speed: z.coerce.number().min(0.1).max(1000),
});

/** What `clock.url` names: the wall's time, or a simulated one made from it. */
export type ClockSource = { readonly kind: 'system' } | { readonly kind: 'simulated'; readonly wallMs: number; readonly simulatedMs: number; readonly speed: number };

/** @throws ObzvonError bad_config */
export function parseClockUrl(url: string): ClockSource {
  if (url === 'system:') return { kind: 'system' };
  const parsed = simulatedSchema.safeParse(Object.fromEntries(new URLSearchParams(url.replace(/^simulated:\??/, ''))));
  if (!url.startsWith('simulated:') || !parsed.success) throw new ObzvonError('bad_config', `clock.url: found "${url}"; expected system: or simulated:?wallMs=N&simulatedMs=N&speed=N`);
  return { kind: 'simulated', ...parsed.data };
}

/** How many of the clock's ms pass in one of the wall's. */
export function speedOf(source: ClockSource): number {
  return source.kind === 'system' ? 1 : source.speed;
}

/** The clock of a command that looks into no ledger. */
export function commandClock(source: ClockSource): Clock {
  return source.kind === 'system' ? systemClock : new SimulatedClock(source);
}

const CORRECT_EVERY_MS = 2_000;
/** The best of so many readings counts: the one whose question and answer took least. */
const READINGS = 3;
/** A ledger's clock that is suddenly off by more than this is not believed until it has said so for long. */
const BELIEVED_STEP_MS = 1_000;
const DOUBT_MS = 60_000;

/**
 * The clock of a dialer, kept in step with the ledger's engine: dialers that share a ledger share its time, and a step of one
 * machine's clock moves none of them.
 */
export async function dialerClock(source: ClockSource, parts: { readonly ledger: Pick<Ledger, 'engineTimeMs'>; readonly log: Logger; readonly releases: Releases }): Promise<Clock> {
  const steady = new SteadyClock((await readEngine(parts.ledger)).nowMs);
  let doubtedFromMs: number | null = null;
  const correct = async (): Promise<void> => {
    const { nowMs, uncertainMs } = await readEngine(parts.ledger);
    const wrongMs = nowMs - steady.nowMs();
    if (Math.abs(wrongMs) > BELIEVED_STEP_MS) {
      if (doubtedFromMs === null) parts.log.warn({ wrongMs: Math.round(wrongMs) }, "the ledger's clock has stepped; it is not followed unless it stays so");
      doubtedFromMs ??= performance.now();
      if (performance.now() - doubtedFromMs < DOUBT_MS) return;
      parts.log.warn({ wrongMs: Math.round(wrongMs) }, "following the ledger's clock");
    }
    doubtedFromMs = null;
    if (Math.abs(wrongMs) > uncertainMs) steady.correct(nowMs);
  };
  let correcting = false;
  const timer = setInterval(() => {
    if (correcting) return;
    correcting = true;
    // A ledger that is away says so elsewhere; the steady clock goes on without it.
    void correct().catch(() => undefined).finally(() => { correcting = false; });
  }, CORRECT_EVERY_MS);
  parts.releases.add('clock', () => clearInterval(timer));
  return source.kind === 'system' ? steady : new SimulatedClock(source, () => steady.nowMs());
}

async function readEngine(ledger: Pick<Ledger, 'engineTimeMs'>): Promise<{ nowMs: number; uncertainMs: number }> {
  let best = { offsetMs: 0, uncertainMs: Infinity };
  for (let reading = 0; reading < READINGS; reading++) {
    const askedMs = performance.now();
    const engineMs = await ledger.engineTimeMs();
    const answeredMs = performance.now();
    const uncertainMs = (answeredMs - askedMs) / 2;
    if (uncertainMs < best.uncertainMs) best = { offsetMs: engineMs - answeredMs, uncertainMs };
  }
  // Engines tell whole milliseconds.
  return { nowMs: performance.now() + best.offsetMs, uncertainMs: best.uncertainMs + 1 };
}
