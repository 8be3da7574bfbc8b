import Mrf from 'drachtio-fsmrf';
import type { Endpoint, MediaServer } from 'drachtio-fsmrf';
import Srf from 'drachtio-srf';
import type { PersonaCall } from '../public-port.ts';
import type { Address } from '../simulator.ts';

export const PHONE = '+380671234567';
export const CALLER_ID = '+380441112233';
export const CALLEE_URI = `sip:${PHONE}@127.0.0.1:5090`;

/** A human who answers after 100 ms, hums one tone and does nothing. */
export function persona(over: Partial<PersonaCall> = {}): PersonaCall {
  return {
    kind: 'human', ringingAfterMs: 20, ringMs: 100, final: { kind: 'answer' }, earlyMedia: null, hangUpAfterMs: null,
    answerAudio: { read: (from, out) => out.forEach((_, i) => (out[i] = (from + i) % 30000)) },
    react: () => null,
    ...over,
  };
}

/** A WAV of silence, 8 kHz mono 16 bit. */
export function silentWav(ms: number): Buffer {
  const data = Buffer.alloc(ms * 16);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** The real libraries, connected to a simulator. */
export interface RealClients {
  readonly srf: Srf;
  readonly media: MediaServer;
  close(): void;
}

export async function connectSrf(drachtio: Address): Promise<Srf> {
  const srf = new Srf();
  srf.on('error', () => undefined);
  const connected = new Promise<void>((resolve, reject) => {
    srf.on('connect', (error: Error | null) => (error ? reject(error) : resolve()));
  });
  void srf.connect({ host: drachtio.host, port: drachtio.port, secret: drachtio.secret });
  await connected;
  return srf;
}

export async function connectBoth(drachtio: Address, freeswitch: Address): Promise<RealClients> {
  const srf = await connectSrf(drachtio);
  const media = await new Mrf(srf).connect({ address: freeswitch.host, port: freeswitch.port, secret: freeswitch.secret, listenAddress: '127.0.0.1' });
  media.conn.socket?.setNoDelay(true);
  return {
    srf,
    media,
    close: () => {
      media.disconnect();
      srf.disconnect();
    },
  };
}

export async function newEndpoint(media: MediaServer): Promise<Endpoint> {
  const endpoint = await media.createEndpoint();
  endpoint.conn?.socket?.setNoDelay(true);
  return endpoint;
}

/** What createUAC needs to call somebody. */
export function callOptions(localSdp = 'v=0\r\nm=audio 40000 RTP/AVP 8\r\n', attemptId = 'attempt-1'): Srf.CreateUACOptions {
  return { localSdp, headers: { From: `<sip:${CALLER_ID}@127.0.0.1>`, 'X-Attempt-Id': attemptId } };
}

/** BYE, until it has gone out. */
export function hangUp(dialog: Srf.Dialog): Promise<void> {
  return new Promise((resolve, reject) => {
    dialog.destroy({ headers: {} }, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}
