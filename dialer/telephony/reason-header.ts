/** Splits a header of several values at commas outside quotes. */
function values(header: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let from = 0;
  for (let i = 0; i < header.length; i++) {
    const char = header[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      parts.push(header.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(header.slice(from));
  return parts;
}

/**
 * The Q.850 cause of a SIP Reason header (RFC 3326), such as `Q.850;cause=16;text="Normal call clearing"`.
 * @param header the header's value; several reasons are separated by commas
 * @returns 1 to 127; 0 if there is no Q.850 reason or its cause makes no sense
 */
export function q850CauseOf(header: string | null | undefined): number {
  if (!header) return 0;
  for (const value of values(header)) {
    const [protocol = '', ...parameters] = value.split(';');
    if (protocol.trim().toUpperCase() !== 'Q.850') continue;
    for (const parameter of parameters) {
      const cause = /^\s*cause\s*=\s*"?(\d{1,3})"?\s*$/i.exec(parameter)?.[1];
      if (cause !== undefined) return Number(cause) <= 127 ? Number(cause) : 0;
    }
  }
  return 0;
}
