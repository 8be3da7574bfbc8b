import { pino } from 'pino';
import { maskPhone } from './phone.ts';

export type Logger = pino.Logger;

export interface LogOptions {
  readonly level: pino.LevelWithSilent;
  /** `auto`: lines for people on a terminal, JSON lines elsewhere. */
  readonly format?: 'auto' | 'json' | 'human';
  /** File descriptor; 2, stderr, unless told. */
  readonly fd?: number;
}

/** Keys whose values are personal or secret, wherever they stand; case and underscores aside. */
const DROPPED_KEYS = new Set(['name', 'phone', 'phones', 'debt', 'debtminor', 'amount', 'amountminor', 'paidminor', 'fields', 'password', 'secret', 'token', 'authorization']);

/**
 * What looks like a phone: `+` and 7 to 15 digits anywhere, or 10 to 15 digits that stand alone (a SIP user part, a
 * number without its plus). Digits inside an id, such as a UUID's, stand beside letters or hyphens and stay.
 */
const PHONE = /\+[1-9]\d{6,14}(?!\d)|(?<![\w.-])\d{10,15}(?![\w-]|\.\d)/g;

/** Hides every phone in a text. */
export function maskPhones(text: string): string {
  return text.replace(PHONE, maskPhone);
}

/** A copy without personal keys, and with the phones in all its texts (and keys) hidden. */
function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskPhones(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (DROPPED_KEYS.has(key.toLowerCase().replaceAll('_', '')) ? [] : [[maskPhones(key), masked(inner)]])));
}

/**
 * The log: one line an event, to stderr. Phones are hidden and personal keys dropped from the finished line, so that
 * nothing logged through any child or error can slip by. Written synchronously: a crash loses no line, and the log is
 * a few lines a second, not one a call.
 */
export function createLogger(options: LogOptions): Logger {
  const fd = options.fd ?? 2;
  const format = options.format ?? 'auto';
  const human = format === 'human' || (format === 'auto' && fd === 2 && process.stderr.isTTY);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        streamWrite(line) {
          const event = masked(JSON.parse(line)) as Record<string, unknown>;
          return human ? humanLine(event) : `${JSON.stringify(event)}\n`;
        },
      },
    },
    pino.destination({ fd, sync: true }),
  );
}

/** `12:30:05 warn  what happened  key=value`, an error's stack below. */
function humanLine(event: Record<string, unknown>): string {
  const { level, time, msg, err, ...rest } = event;
  const clock = typeof time === 'string' ? time.slice(11, 19) : '';
  const details = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = [clock, String(level).padEnd(5), typeof msg === 'string' ? msg : '', details.join(' ')].filter((part) => part !== '').join(' ');
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? String(err.stack).split('\n') : [];
  // Control characters of somebody's text must reach no terminal, and its line ends must not pass for events.
  return [head, ...stack.map((line) => `  ${line}`)].map((line) => `${line.replace(/\p{Cc}/gu, '?')}\n`).join('');
}

/**
 * From now on an error nobody foresaw is logged, masked as all else, and ends the process with exit code 1 (Node alone
 * would print it unmasked).
 */
export function crashLoudly(log: Logger): void {
  const crash = (err: unknown): void => {
    log.fatal({ err }, 'unforeseen error: the process ends');
    process.exit(1);
  };
  process.on('uncaughtException', crash);
}
