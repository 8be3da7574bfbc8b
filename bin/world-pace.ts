import type { SimulatedWorld } from './simulated-world.ts';

const EVERY_MS = 200;
/** A callee who hears nothing for so long after having spoken is still there; simulated ms. */
const PATIENCE_MS = 2000;
/** From here on there is room to go faster. */
const EASE_MS = 1000;
const SLOWER = 0.75;
const FASTER = 1.08;

/**
 * The speed to go on with, of a simulated clock that should run `full` times as fast as the wall's but must not outrun the machine: on a real line
 * the time that a sentence takes to be spoken is some tens of milliseconds, whatever the machine.
 * @param waitMs the longest wait for a sentence of late, ms of the wall's time
 */
export function nextSpeed(speed: number, full: number, waitMs: number): number {
  const simulatedMs = waitMs * speed;
  if (simulatedMs > PATIENCE_MS) return Math.max(Math.min(1, full), speed * SLOWER);
  return simulatedMs < EASE_MS ? Math.min(full, speed * FASTER) : speed;
}

/** Keeps the world's speed to what the speech can follow, at most `full`. @returns what ends it */
export function paceWorld(world: Pick<SimulatedWorld, 'clock' | 'changeSpeed'>, full: number, longestWaitMs: () => number): () => void {
  // What was spoken before the first call nobody waited for.
  longestWaitMs();
  let changing = false;
  const timer = setInterval(() => {
    if (changing) return;
    const speed = nextSpeed(world.clock.speed, full, longestWaitMs());
    if (speed === world.clock.speed) return;
    changing = true;
    // A simulator that is gone says so elsewhere.
    void world.changeSpeed(speed).catch(() => undefined).finally(() => { changing = false; });
  }, EVERY_MS);
  return () => clearInterval(timer);
}
