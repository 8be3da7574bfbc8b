/**
 * Loaded into a process before everything else (`node --import`): at SIGUSR2 the wall clock that the process sees steps one hour forward, at the
 * next one back again, as when somebody sets the machine's clock. The steady counter (performance.now) goes on as it does then.
 */
const HOUR_MS = 3_600_000;
let stepMs = 0;
const RealDate = Date;
const now = (): number => RealDate.now() + stepMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver): unknown => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});

process.on('SIGUSR2', () => {
  stepMs = stepMs === 0 ? HOUR_MS : 0;
});
