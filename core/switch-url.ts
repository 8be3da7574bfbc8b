/** One part of the switch as a URL names it. */
export type SwitchPart =
  /** `simulator:` or `simulator:?speed=60&seed=x`: what follows the `?` is for the simulator. */
  | { readonly kind: 'simulator'; readonly options: Readonly<Record<string, string>> }
  | { readonly kind: 'drachtio' | 'freeswitch'; readonly host: string; readonly port: number; readonly secret: string };

/** Ports and passwords the servers come with; drachtio-server's and FreeSWITCH's own documentation. */
const SERVERS = { drachtio: { port: 9022, secret: 'cymru' }, freeswitch: { port: 8021, secret: 'ClueCon' } } as const;

/** Reads one switch URL; null if it is none. */
export function parseSwitchUrl(text: string): SwitchPart | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const kind = url.protocol.slice(0, -1);
  if (kind === 'simulator') return url.host === '' && url.pathname === '' ? { kind, options: Object.fromEntries(url.searchParams) } : null;
  if (kind !== 'drachtio' && kind !== 'freeswitch') return null;
  if (url.hostname === '' || (url.pathname !== '' && url.pathname !== '/')) return null;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { kind, host, port: url.port === '' ? SERVERS[kind].port : Number(url.port), secret: decodeURIComponent(url.password) || SERVERS[kind].secret };
}

/** Whether a host can only be this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** Hides the password (and a user name that stands alone) of any URL in a text, and what a query calls a password. */
export function maskUrl(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^@/\s]*@/gi, '$1***@').replace(/([?&]\w*password=)[^&\s]*/gi, '$1***');
}
