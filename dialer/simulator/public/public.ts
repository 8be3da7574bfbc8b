import { unreachable } from '../../../core/errors.ts';
import { e164Schema } from '../../../core/phone.ts';
import type { PersonaKind } from '../journal.ts';
import type { SimulatorOptions } from '../options.ts';
import type { AudioScript, PersonaCall, PersonaEvent, PersonaFinal, Public } from '../public-port.ts';
import { Draw } from './draw.ts';
import { Human } from './human.ts';
import { addUnansweredHellos, announcement, drawLine, fax, humanGreeting, voicemail } from './sounds-of-personas.ts';
import { answerChance, kindOf } from './who-answers.ts';

/** How long a voicemail records before it hangs up. */
const RECORDING_MS = 60_000;
/** Share of people whose voicemail takes the calls they do not. */
const HAS_VOICEMAIL_SHARE = 0.3;
const listens = (): null => null;

/** Q.850 causes (ITU-T Q.850, table 1) as networks put them into the Reason header. */
const sip = (status: number, reason: string, q850Cause: number): PersonaFinal => ({ kind: 'sip', status, reason, q850Cause });
const NOT_FOUND = sip(404, 'Not Found', 1);
const ABSENT = sip(480, 'Temporarily Unavailable', 20);

/** A call that is refused without being answered, ringing first or not. */
function refused(kind: PersonaKind, ringingAfterMs: number | null, ringMs: number, final: PersonaFinal): PersonaCall {
  return { kind, ringingAfterMs, ringMs, final, earlyMedia: null, answerAudio: null, hangUpAfterMs: null, react: listens };
}

/** A call that something answers; it hangs up after `hangUpAfterMs`. */
function answered(draw: Draw, kind: PersonaKind, ring: readonly [number, number], audio: AudioScript, hangUpAfterMs: number, react: (event: PersonaEvent) => ReturnType<PersonaCall['react']> = listens): PersonaCall {
  const ringingAfterMs = draw.between('post-dial delay', 300, 3500);
  const ringMs = ringingAfterMs + draw.between('ring', ring[0], ring[1]);
  return { kind, ringingAfterMs, ringMs, final: { kind: 'answer' }, earlyMedia: null, answerAudio: audio, hangUpAfterMs, react };
}

function callOf(kind: PersonaKind, draw: Draw): PersonaCall {
  const postDialMs = draw.between('post-dial delay', 300, 3500);
  switch (kind) {
    case 'human': {
      const line = drawLine(draw);
      humanGreeting(draw, line);
      addUnansweredHellos(draw, line);
      const human = new Human(draw, line.track);
      // Their patience is renewed by what they hear (react); nobody stays longer than ten minutes.
      return answered(draw, kind, [3000, 25_000], line.track, 600_000, (event) => human.react(event));
    }
    case 'voicemail': {
      const line = drawLine(draw);
      const beepEndMs = voicemail(draw, line);
      // A telephone that is off goes to voicemail at once, one that is on rings first.
      return answered(draw, kind, draw.chance('off', 0.4) ? [200, 1500] : [12_000, 25_000], line.track, beepEndMs + RECORDING_MS);
    }
    case 'announcement_answered': {
      const track = announcement(draw, drawLine(draw), 'nothing', 2);
      return answered(draw, kind, [500, 6000], track, track.endMs + 800);
    }
    case 'fax':
      return answered(draw, kind, [3000, 10_000], fax(draw, drawLine(draw)), 35_000);
    case 'silence':
      return answered(draw, kind, [3000, 20_000], drawLine(draw).track, draw.between('stays', 15_000, 60_000));
    case 'announcement_early':
    case 'sit': {
      const track = announcement(draw, drawLine(draw), kind === 'sit' ? 'sit' : 'nothing', 2);
      if (kind === 'sit' && draw.chance('answered', 0.5)) return answered(draw, kind, [200, 2000], track, track.endMs + 800);
      const final = kind === 'sit' || draw.chance('no such number', 0.5) ? NOT_FOUND : ABSENT;
      return { ...refused(kind, postDialMs, postDialMs + track.endMs + 400, final), earlyMedia: track };
    }
    case 'busy':
      return refused(kind, null, draw.between('answers', 500, 3000), sip(486, 'Busy Here', 17));
    case 'no_answer':
      if (draw.chance('network gives up', 0.15)) return refused(kind, postDialMs, draw.between('gives up', 40_000, 70_000), sip(480, 'Temporarily Unavailable', 19));
      return refused(kind, postDialMs, 0, { kind: 'ring_forever' });
    case 'rejected':
      return refused(kind, postDialMs, postDialMs + draw.between('declines', 1500, 12_000), sip(603, 'Decline', 21));
    case 'invalid':
      return refused(kind, null, draw.between('answers', 300, 2000), draw.chance('incomplete', 0.2) ? sip(484, 'Address Incomplete', 28) : NOT_FOUND);
    case 'unreachable':
      return refused(kind, null, draw.between('searches', 2000, 9000), draw.chance('absent', 0.7) ? ABSENT : sip(502, 'Bad Gateway', 27));
    case 'congestion':
      return refused(kind, null, draw.between('answers', 150, 1500), draw.pick('cause', [sip(503, 'Service Unavailable', 42), sip(503, 'Service Unavailable', 34), sip(500, 'Server Internal Error', 41)]));
    default:
      return unreachable(kind);
  }
}

/** What the public must know of the simulator's options. */
export type PublicOptions = Pick<SimulatorOptions, 'seed' | 'mix' | 'answerProbability'>;

/** The people, machines and networks behind the numbers, drawn from a seed; nothing is kept from one call to the next. */
export function createPublic({ seed, mix, answerProbability }: PublicOptions): Public {
  return {
    personaOf(phone, callIndex, atMs) {
      const call = new Draw(seed, phone, String(callIndex));
      if (!e164Schema.safeParse(phone).success) return callOf('invalid', call);
      const number = new Draw(seed, phone);
      let kind = kindOf(mix, number, call);
      if (kind === 'human' && !call.chance('picks up', answerChance(answerProbability, phone, atMs, number))) {
        kind = number.chance('has voicemail', HAS_VOICEMAIL_SHARE) ? 'voicemail' : 'no_answer';
      }
      return callOf(kind, call);
    },
  };
}
