/**
 * A thousand live calls at one AMD service on one core: how much later a verdict comes than the deciding sample was sent. What is modelled:
 * switches whose audio fork (mod_audio_fork) sends each call's audio as it comes, one masked WebSocket frame of 320 bytes (L16, 8 kHz) each
 * 20 ms on a connection of its own, calls at any phase of the 20 ms. Service and sender have a core each.
 * `npx tsx bench/amd-live.ts [CALLS]`
 */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CallBuilder } from '../amd/corpus/calls.ts';
import { readClips } from '../amd/corpus/clips.ts';
import { AmdStream } from '../amd/stream.ts';
import { AMD_SUBPROTOCOL, type AmdStart } from '../core/amd-wire.ts';
import { serviceReportSchema, type Order, type ServiceReport } from './amd-live-report.ts';
import { runIfMain, type BenchResult } from './result.ts';

const LIMIT_MS = 50;
const FRAME_SAMPLES = 160;
const FRAME_MS = 20;
const SECONDS = 7;
const FRAMES = (SECONDS * 1000) / FRAME_MS;
const TOKEN = 'bench-token-of-no-secret';
/** Calls begin over a second. */
const STAGGER_FRAMES = 50;
const WARM_UP_MS = 1500;
const SETTLE_MS = 500;
const SERVICE_CORE = '0';
const SENDER_CORE = '1';

interface Script {
  /** WebSocket frames, one each 20 ms. */
  frames: Buffer[];
  /** After which of them the verdict falls; -1: after none of these. */
  decidingFrame: number;
}

const callIdOf = (call: number): string => `call-${call}`;

const startOf = (call: number): AmdStart => ({
  type: 'start', token: TOKEN, callId: callIdOf(call), sampleRate: 8000, language: 'uk', earlyMedia: false, latestDecisionMs: 4000,
  country: 'UA', callee: call.toString(16).padStart(16, '0'),
});

/** Clients mask with a key that nobody can foresee; what it costs the service to unmask does not depend on which. */
const MASK = Buffer.from([0x9d, 0x21, 0x5e, 0xc7]);

/** A client's frame (RFC 6455, 5.2). */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const head = payload.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | payload.length]) : Buffer.from([0x80 | opcode, 0xfe, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, MASK, payload.map((byte, index) => byte ^ MASK[index & 3]!)]);
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
  /** Machine's monotonic clock, ms, as the service tells its times; just before the frame is handed to the kernel. */
  decidingSentMs: number;
  verdictReadMs: number;
}

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

async function dial(url: URL, call: number, script: Script): Promise<LiveCall> {
  const socket = connect(Number(url.port), url.hostname);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${Buffer.alloc(16, call).toString('base64')}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${AMD_SUBPROTOCOL}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(`call ${call}: found ${answer.toString('latin1').split('\r\n')[0]}; expected 101`);
  const live: LiveCall = { socket, script, decidingSentMs: 0, verdictReadMs: 0 };
  socket.on('data', (data: Buffer) => {
    if (live.verdictReadMs === 0 && data.includes('"type":"verdict"')) live.verdictReadMs = nowMs();
  });
  socket.write(frameOf(1, Buffer.from(JSON.stringify(startOf(call)))));
  return live;
}

/** CPU-seconds of the whole machine, and of this process, since they began; and when that was. */
function usedSeconds(): { clock: number; machine: number; sender: number } {
  const { user, system } = process.cpuUsage();
  return { clock: nowMs() / 1000, machine: cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000, sender: (user + system) / 1e6 };
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
const ascending = (values: number[]): number[] => values.sort((a, b) => a - b);

/**
 * Streams every call in real time; each has its own phase of the 20 ms. @returns how late frames were sent, ms, ascending: what is late here
 * is not the service's.
 */
async function stream(calls: readonly LiveCall[]): Promise<number[]> {
  const late: number[] = [];
  const beganMs = nowMs() + 100;
  const slots = (FRAMES + STAGGER_FRAMES) * calls.length;
  for (let slot = 0; slot < slots;) {
    for (const dueSlots = Math.min(slots, ((nowMs() - beganMs) / FRAME_MS) * calls.length); slot < dueSlots; slot++) {
      const index = slot % calls.length;
      const call = calls[index]!;
      const frame = Math.floor(slot / calls.length) - (index % STAGGER_FRAMES);
      if (frame < 0 || frame >= FRAMES) continue;
      if (frame === call.script.decidingFrame) {
        call.decidingSentMs = nowMs();
        late.push(call.decidingSentMs - beganMs - (slot / calls.length) * FRAME_MS);
      }
      call.socket.write(call.script.frames[frame]!);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return ascending(late);
}

/** Service and sender on a core each, where there are two: else one's work would be the other's delay. */
function startService(): { service: ChildProcess; pinned: boolean } {
  const path = fileURLToPath(new URL(`./amd-live-service${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  const pinned = availableParallelism() > 1 && existsSync('/usr/bin/taskset');
  if (!pinned) return { service: fork(path, [TOKEN]), pinned };
  execFileSync('/usr/bin/taskset', ['-a', '-c', '-p', SENDER_CORE, String(process.pid)]);
  return { service: fork(path, [TOKEN], { execPath: '/usr/bin/taskset', execArgv: ['-c', SERVICE_CORE, process.execPath, ...process.execArgv] }), pinned };
}

async function ask(service: ChildProcess, order: Order): Promise<unknown> {
  const answer = once(service, 'message');
  service.send(order);
  const [told] = (await answer) as [unknown];
  return told;
}

export async function benchAmdLive(count = 1000): Promise<BenchResult> {
  const clips = await readClips(fileURLToPath(new URL('../amd/fixtures', import.meta.url)));
  const scripts = [...new CallBuilder(clips).calls(100, 9)].map(({ pcm }, index) => scriptOf(pcm, index));
  const { service, pinned } = startService();
  try {
    const [url] = (await once(service, 'message')) as [string];
    const calls: LiveCall[] = [];
    for (let call = 0; call < count; call++) calls.push(await dial(new URL(url), call, scripts[call % scripts.length]!));
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    await ask(service, 'begin');
    const before = usedSeconds();
    const late = await stream(calls);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const report = serviceReportSchema.parse(await ask(service, 'report'));
    const after = usedSeconds();
    const others = after.machine - before.machine - (after.sender - before.sender) - report.cpuSeconds;
    for (const { socket } of calls) socket.destroy();
    return resultOf(calls, late, report, pinned, { seconds: after.clock - before.clock, othersSeconds: Math.max(0, others) });
  } finally {
    service.send('close' satisfies Order, () => undefined);
    await Promise.race([once(service, 'exit'), new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
    service.kill();
  }
}

function resultOf(calls: readonly LiveCall[], late: readonly number[], report: ServiceReport, pinned: boolean, { seconds, othersSeconds }: { seconds: number; othersSeconds: number }): BenchResult {
  const decided = calls.map((call, index) => ({ ...call, leftMs: Number(report.verdictNs[callIdOf(index)] ?? Number.NaN) / 1e6 })).filter(({ script }) => script.decidingFrame >= 0);
  const read = ascending(decided.flatMap(({ verdictReadMs, decidingSentMs }) => (verdictReadMs > 0 ? [verdictReadMs - decidingSentMs] : [])));
  const left = ascending(decided.flatMap(({ leftMs, decidingSentMs }) => (leftMs > 0 ? [leftMs - decidingSentMs] : [])));
  const lost = decided.length - read.length;
  // A verdict that never came is as late as this run was long.
  const p99 = lost > 0 ? SECONDS * 1000 : at(read, 0.99);
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return {
    name: 'amd live', unit: 'ms of added verdict delay, p99', ours: Number(p99.toFixed(1)), peer: null, peerName: `the limit of ${LIMIT_MS} ms`,
    ratio: LIMIT_MS / p99, target: 1,
    detail: `${calls.length} WebSocket calls at once, ${pinned ? 'service and sender on a core each' : 'not pinned'}: ${read.length} verdicts, ${lost} lost; from the deciding frame's sending to the verdict's reading p50 ${ms(at(read, 0.5))}, p99 ${ms(p99)}, worst ${ms(at(read, 1))}; `
      + `to its leaving the service p50 ${ms(at(left, 0.5))}, p99 ${ms(at(left, 0.99))}, worst ${ms(at(left, 1))}. The service took ${(report.cpuSeconds / seconds).toFixed(2)} CPU-s a second, its loop was late by p50 ${ms(report.loopDelayMs.p50)}, p99 ${ms(report.loopDelayMs.p99)}, worst ${ms(report.loopDelayMs.worst)}, `
      + `${report.collector.count} collections took ${ms(report.collector.ms)}, the longest ${ms(report.collector.worstMs)}. The sender was late by p50 ${ms(at(late, 0.5))}, p99 ${ms(at(late, 0.99))}, which is not counted. Everything else on the machine took ${(othersSeconds / seconds).toFixed(2)} CPU-s a second meanwhile: more than 0.1 of it, and the delay is not the service's alone`,
  };
}

await runIfMain(import.meta.url, () => benchAmdLive(Number(process.argv[2] ?? 1000)));
