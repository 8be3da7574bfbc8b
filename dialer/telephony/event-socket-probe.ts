import { connect } from 'node:net';
import type { ConnectResult } from './connection-loop.ts';

/**
 * Asks FreeSWITCH's event socket whether it takes the secret. The media library itself cannot tell a wrong secret from
 * silence and would try for ever.
 * @param timeoutMs of the wall
 */
export function probeEventSocket({ host, port, secret }: { host: string; port: number; secret: string }, timeoutMs: number): Promise<ConnectResult> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = '';
    const done = (result: ConnectResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => done({ kind: 'failed', reason: `no answer within ${timeoutMs} ms` }), timeoutMs);
    socket.setEncoding('utf8');
    socket.on('error', (error) => done({ kind: 'failed', reason: error.message }));
    socket.on('close', () => done({ kind: 'failed', reason: 'closed the connection' }));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('rude-rejection')) { done({ kind: 'refused', reason: 'its access list does not let this machine in' }); return; }
      if (text.includes('Reply-Text: +OK')) { done({ kind: 'connected' }); return; }
      if (text.includes('Reply-Text: -ERR')) { done({ kind: 'refused', reason: 'it refused the secret' }); return; }
      if (/auth\/request\r?\n\r?\n$/.test(text)) socket.write(`auth ${secret}\n\n`);
      if (text.length > 10_000) done({ kind: 'refused', reason: 'what answers there is no FreeSWITCH event socket' });
    });
  });
}
