/**
 * A thousand live calls at one AMD service on one core: how much later a verdict comes than the deciding sample was sent.
 * `npx tsx bench/amd-live.ts [CALLS]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CallBuilder } from '../amd/corpus/calls.ts';
import { readClips } from '../amd/corpus/clips.ts';
import { AmdStream } from '../amd/stream.ts';
import { AMD_SUBPROTOCOL, type AmdStart } from '../core/amd-wire.ts';
import { runIfMain, type BenchResult } from './result.ts';

const LIMIT_MS = 50;
const FRAME_SAMPLES = 160;
const FRAME_MS = 20;
const SECONDS = 7;
const FRAMES = (SECONDS * 1000) / FRAME_MS;
const TOKEN = 'bench-token-of-no-secret';
const STAGGER_FRAMES = 50;
const WARM_UP_MS = 1500;

interface Script {
  /** WebSocket frames, one each 20 ms. */
  frames: Buffer[];
  /** After which of them the verdict falls; -1: after none of these. */
  decidingFrame: number;
}

const startOf = (call: number): AmdStart => ({
  type: 'start', token: TOKEN, callId: `call-${call}`, sampleRate: 8000, language: 'uk', earlyMedia: false, latestDecisionMs: 4000,
  country: 'UA', callee: call.toString(16).padStart(16, '0'),
});

/** A client's frame (RFC 6455, 5.2): masked with a key of zeros, which leaves the payload as it is. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const head = payload.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | payload.length]) : Buffer.from([0x80 | opcode, 0xfe, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

function scriptOf(pcm: Int16Array, call: number): Script {
  const offline = new AmdStream(startOf(call));
  const frames: Buffer[] = [];
  let decidingFrame = -1;
  for (let at = 0; frames.length < FRAMES; at += FRAME_SAMPLES) {
    const samples = Int16Array.from({ length: FRAME_SAMPLES }, (_, index) => pcm[at + index] ?? 0);
    const bytes = Buffer.from(samples.buffer);
    if (decidingFrame < 0 && offline.audio(bytes).some(({ type }) => type === 'verdict')) decidingFrame = frames.length;
    frames.push(frameOf(2, bytes));
  }
  return { frames, decidingFrame };
}

interface LiveCall {
  socket: Socket;
  script: Script;
  decidingSentMs: number;
  verdictMs: number;
}

async function dial(url: URL, call: number, script: Script): Promise<LiveCall> {
  const socket = connect(Number(url.port), url.hostname);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${Buffer.alloc(16, call).toString('base64')}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${AMD_SUBPROTOCOL}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(`call ${call}: found ${answer.toString('latin1').split('\r\n')[0]}; expected 101`);
  const live: LiveCall = { socket, script, decidingSentMs: 0, verdictMs: 0 };
  socket.on('data', (data: Buffer) => {
    if (live.verdictMs === 0 && data.includes('"type":"verdict"')) live.verdictMs = performance.now();
  });
  socket.write(frameOf(1, Buffer.from(JSON.stringify(startOf(call)))));
  return live;
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

/**
 * Streams every call in real time; their frames are spread over the 20 ms, their beginnings over a second. @returns how late frames
 * were sent, ms: what is late here is not the service's.
 */
async function stream(calls: readonly LiveCall[]): Promise<number[]> {
  const late: number[] = [];
  const beganMs = performance.now() + 100;
  const slots = (FRAMES + STAGGER_FRAMES) * calls.length;
  for (let slot = 0; slot < slots;) {
    for (const dueSlots = Math.min(slots, ((performance.now() - beganMs) / FRAME_MS) * calls.length); slot < dueSlots; slot++) {
      const index = slot % calls.length;
      const call = calls[index]!;
      const frame = Math.floor(slot / calls.length) - (index % STAGGER_FRAMES);
      if (frame < 0 || frame >= FRAMES) continue;
      if (frame === call.script.decidingFrame) {
        call.decidingSentMs = performance.now();
        late.push(call.decidingSentMs - beganMs - (slot / calls.length) * FRAME_MS);
      }
      call.socket.write(call.script.frames[frame]!);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return late;
}

export async function benchAmdLive(count = 1000): Promise<BenchResult> {
  const clips = await readClips(fileURLToPath(new URL('../amd/fixtures', import.meta.url)));
  const scripts = [...new CallBuilder(clips).calls(100, 9)].map(({ pcm }, index) => scriptOf(pcm, index));
  const pinned = existsSync('/usr/bin/taskset');
  const server = fork(fileURLToPath(new URL(`./amd-live-server${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)), [TOKEN], pinned ? { execPath: '/usr/bin/taskset', execArgv: ['-c', '0', process.execPath, ...process.execArgv] } : {});
  try {
    const [url] = (await once(server, 'message')) as [string];
    const calls: LiveCall[] = [];
    for (let call = 0; call < count; call++) calls.push(await dial(new URL(url), call, scripts[call % scripts.length]!));
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    const usage = async (): Promise<number> => {
      const answer = once(server, 'message');
      server.send('usage');
      const [{ user, system }] = (await answer) as [NodeJS.CpuUsage];
      return (user + system) / 1e6;
    };
    const beforeS = await usage();
    const late = (await stream(calls)).sort((a, b) => a - b);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const cpuS = (await usage()) - beforeS;
    for (const { socket } of calls) socket.destroy();
    const decided = calls.filter(({ script }) => script.decidingFrame >= 0);
    const lost = decided.filter(({ verdictMs }) => verdictMs === 0).length;
    const delays = decided.flatMap(({ verdictMs, decidingSentMs }) => (verdictMs > 0 ? [verdictMs - decidingSentMs] : [])).sort((a, b) => a - b);
    // A verdict that never came is as late as this run was long.
    const p99 = lost > 0 ? SECONDS * 1000 : at(delays, 0.99);
    return {
      name: 'amd live', unit: 'ms of added verdict delay, p99', ours: Number(p99.toFixed(1)), peer: null, peerName: `the limit of ${LIMIT_MS} ms`,
      ratio: LIMIT_MS / p99, target: 1,
      detail: `${count} WebSocket calls at once, one core${pinned ? ' (pinned)' : ''}: ${delays.length} verdicts, ${lost} lost, delay p50 ${at(delays, 0.5).toFixed(1)} ms, worst ${at(delays, 1).toFixed(1)} ms; the service took ${(cpuS / (SECONDS + 1)).toFixed(2)} CPU-s a second; this client sent p99 ${at(late, 0.99).toFixed(1)} ms late`,
    };
  } finally {
    server.send('close', () => undefined);
    await Promise.race([once(server, 'exit'), new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
    server.kill();
  }
}

await runIfMain(import.meta.url, () => benchAmdLive(Number(process.argv[2] ?? 1000)));
