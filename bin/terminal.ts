import type { Writable } from 'node:stream';

/** Where a command writes: results on stdout, everything else on stderr. */
export interface Terminal {
  /** Machine-readable output is wanted (`--json`). */
  readonly json: boolean;
  readonly interactive: boolean;
  /** A result: text, or in JSON mode the value as one document. */
  result(value: unknown, asText: () => string): void;
  /** A line for a person, on stderr. */
  say(line: string): void;
  /** Replaces the live status (terminal) or writes a plain line at most every 10 s (cron). */
  status(lines: readonly string[]): void;
  /** Leaves the last status standing. */
  endStatus(): void;
}

const PLAIN_EVERY_MS = 10_000;

export function createTerminal(options: { json: boolean; stdout: Writable; stderr: Writable & { isTTY?: boolean; columns?: number }; nowMs: () => number }): Terminal {
  const { stdout, stderr } = options;
  const interactive = stderr.isTTY === true;
  let shown = 0;
  let lastPlainMs = 0;
  const erase = (): void => {
    if (shown > 0) stderr.write(`\x1b[${shown}A\x1b[0J`);
    shown = 0;
  };
  return {
    json: options.json,
    interactive,
    result(value, asText) {
      stdout.write(options.json ? `${JSON.stringify(value)}\n` : `${asText().trimEnd()}\n`);
    },
    say(line) {
      erase();
      stderr.write(`${line}\n`);
    },
    status(lines) {
      if (interactive) {
        erase();
        const width = Math.max(20, (stderr.columns ?? 100) - 1);
        stderr.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
        shown = lines.length;
        return;
      }
      if (options.nowMs() - lastPlainMs < PLAIN_EVERY_MS) return;
      lastPlainMs = options.nowMs();
      stderr.write(`${lines.join(' | ')}\n`);
    },
    endStatus() {
      shown = 0;
    },
  };
}
