/**
 * How much audio one core can judge: the whole detector (tones, voice, features, model) against WebRTC's voice activity detector
 * alone on the same calls in the same run. `npx tsx bench/amd.ts`
 */
import { fileURLToPath } from 'node:url';
import loadFvad from '@echogarden/fvad-wasm';
import { CallBuilder } from '../amd/corpus/calls.ts';
import { readClips } from '../amd/corpus/clips.ts';
import { createDetector, type Detector } from '../amd/detector.ts';
import { garbageCollector } from './garbage-collector.ts';
import { runIfMain, type BenchResult } from './result.ts';

const CALLS = 60;
const ROUNDS = 4;
/** What is asked of the detector: audio-seconds per CPU-second. The ratio that is good enough follows from it and the peer's speed. */
const TARGET_SPEED = 3000;
/** What one call may hold, and how many are made to measure it. */
const TARGET_KB = 64;
const MEMORY_CALLS = 2000;
const CHUNK_SAMPLES = 160;

/** Audio-seconds per CPU-second of this process for `work` over all calls; best of some rounds, as others share the machine. */
function speed(calls: readonly Int16Array[], work: (call: Int16Array) => void): number {
  const seconds = calls.reduce((sum, call) => sum + call.length / 8000, 0);
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    calls.forEach(work);
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, seconds / ((user + system) / 1e6));
  }
  return best;
}

/** Memory of one call that is being listened to, kB: heap and buffers of many, after a collection. */
function memoryPerCallKb(call: Int16Array): number {
  const collect = garbageCollector();
  const used = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const hear = (): Detector => {
    const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 60_000 });
    detector.push(call);
    return detector;
  };
  hear();
  const before = used();
  const detectors = Array.from({ length: MEMORY_CALLS }, hear);
  const perCall = (used() - before) / detectors.length / 1024;
  if (detectors.some(({ audioMs }) => audioMs === 0)) throw new Error('a detector heard nothing');
  return perCall;
}

export async function benchAmd(): Promise<BenchResult> {
  const clips = await readClips(fileURLToPath(new URL('../amd/fixtures', import.meta.url)));
  const calls = [...new CallBuilder(clips).calls(CALLS, 5)].map(({ pcm }) => pcm);
  const ours = speed(calls, (call) => {
    // A limit past the call's end, and after a verdict, which makes listening cheaper, a new detector: every second is listened to as before it.
    let detector = createDetector({ sampleRate: 8000, latestDecisionMs: 60_000 });
    for (let start = 0; start < call.length; start += CHUNK_SAMPLES) {
      if (detector.next() !== null) detector = createDetector({ sampleRate: 8000, latestDecisionMs: 60_000 });
      detector.push(call.subarray(start, start + CHUNK_SAMPLES));
    }
  });
  const memoryKb = memoryPerCallKb(calls[0]!.subarray(0, 8000));
  const fvad = await loadFvad();
  const buffer = fvad._malloc(CHUNK_SAMPLES * 2);
  const peer = speed(calls, (call) => {
    const instance = fvad._fvad_new();
    fvad._fvad_set_mode(instance, 2);
    fvad._fvad_set_sample_rate(instance, 8000);
    for (let start = 0; start + CHUNK_SAMPLES <= call.length; start += CHUNK_SAMPLES) {
      fvad.HEAP16.set(call.subarray(start, start + CHUNK_SAMPLES), buffer >> 1);
      fvad._fvad_process(instance, buffer, CHUNK_SAMPLES);
    }
    fvad._fvad_free(instance);
  });
  fvad._free(buffer);
  return {
    name: 'amd', unit: 'audio-s per CPU-s', ours: Math.round(ours), peer: Math.round(peer), peerName: 'WebRTC VAD alone (WebAssembly)',
    ratio: ours / peer, target: TARGET_SPEED / peer,
    detail: `whole detector: tones, voice, features, model. Target ${TARGET_SPEED} audio-s per CPU-s: ${ours >= TARGET_SPEED ? 'met' : 'missed'}. ${CALLS} calls in 20 ms chunks, every second listened to. Memory of a call ${memoryKb.toFixed(1)} kB, allowed ${TARGET_KB}: ${memoryKb < TARGET_KB ? 'met' : 'missed'}`,
  };
}

await runIfMain(import.meta.url, benchAmd);
