/** Every kind of failure obzvon names. The code decides the exit code and whether trying again can help. */
export const ERROR_CODES = {
  usage: { exitCode: 2, retryable: false },
  bad_input: { exitCode: 2, retryable: false },
  bad_config: { exitCode: 2, retryable: false },
  not_found: { exitCode: 2, retryable: false },
  unsupported: { exitCode: 2, retryable: false },
  locked: { exitCode: 1, retryable: true },
  unreachable: { exitCode: 1, retryable: true },
  timeout: { exitCode: 1, retryable: true },
  storage: { exitCode: 1, retryable: false },
  /** The ledger came back empty: it must be rebuilt from the bus. */
  ledger_lost: { exitCode: 1, retryable: false },
  audit_failed: { exitCode: 1, retryable: false },
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error obzvon foresaw. Anything else that is thrown is a bug and ends the process, loudly. */
export class ObzvonError extends Error {
  override readonly name = 'ObzvonError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }

  get exitCode(): 1 | 2 {
    return ERROR_CODES[this.code].exitCode;
  }
}

/** Ends a `switch` over a closed union: the compiler refuses it while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`a case is missing for ${JSON.stringify(value)}`);
}
