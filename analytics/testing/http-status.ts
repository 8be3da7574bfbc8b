/**
 * The HTTP status a ClickHouse server answers an error number with, after its
 * src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; every other number is 500.
 */
export function httpStatusOf(code: number): number {
  return STATUS_BY_CODE.get(code) ?? 500;
}

const STATUS_BY_CODE = new Map<number, number>(
  (
    [
      // REQUIRED_PASSWORD
      [401, [194]],
      // UNKNOWN_USER, WRONG_PASSWORD, AUTHENTICATION_FAILED, SET_NON_GRANTED_ROLE, ACCESS_DENIED
      [403, [192, 193, 516, 512, 497]],
      // What is wrong in the statement or in the rows: BAD_ARGUMENTS, CANNOT_PARSE_…, ILLEGAL_COLUMN, SYNTAX_ERROR, TYPE_MISMATCH, …
      [400, [36, 427, 6, 25, 26, 38, 41, 72, 441, 675, 676, 27, 376, 15, 44, 8, 167, 168, 223, 62, 117, 53, 321]],
      // UNKNOWN_TABLE, _FUNCTION, _IDENTIFIER, _TYPE, _STORAGE, _DATABASE, _SETTING, _AGGREGATE_FUNCTION, _FORMAT, _DATABASE_ENGINE, _TYPE_OF_QUERY, _ROLE
      [404, [60, 46, 47, 50, 56, 81, 115, 63, 73, 336, 78, 511]],
      // QUERY_IS_TOO_LARGE
      [413, [66]],
      // NOT_IMPLEMENTED
      [501, [48]],
      // SOCKET_TIMEOUT, CANNOT_OPEN_FILE, CANNOT_SCHEDULE_TASK
      [503, [209, 76, 439]],
      // TIMEOUT_EXCEEDED
      [408, [159]],
    ] as const
  ).flatMap(([status, codes]) => codes.map((code) => [code, status] as const)),
);
