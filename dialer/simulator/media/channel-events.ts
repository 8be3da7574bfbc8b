import { uuid } from '../signalling/identifiers.ts';

/** The one FreeSWITCH that is simulated. */
export const CORE_UUID = uuid();
export const HOSTNAME = 'simulator';
/** Where its SIP profile says it listens; INVITEs to it come through drachtio, nothing listens there. */
export const PROFILE_HOST = '127.0.0.1';
export const PROFILE_PORT = 5080;

const SERVER_FIELDS =
  `"Core-UUID":"${CORE_UUID}","FreeSWITCH-Hostname":"${HOSTNAME}","FreeSWITCH-Switchname":"${HOSTNAME}",` +
  '"FreeSWITCH-IPv4":"127.0.0.1","FreeSWITCH-IPv6":"::1"';

let sequence = 500;

/** Numbers every event, as FreeSWITCH does over all its connections. */
export function nextSequence(): number {
  sequence += 1;
  return sequence;
}

/** Fields of an event in the order they are written; all values are strings. */
export type EventFields = readonly (readonly [name: string, value: string])[];

function json(fields: EventFields): string {
  let text = '';
  for (const [name, value] of fields) text += `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return text;
}

/** The part of every event of one channel that does not change over its life, ready-made. */
export function channelFragment(channelUuid: string, createdMs: number): string {
  const created = `${createdMs}000`;
  const name = 'sofia/drachtio_mrf/nobody@127.0.0.1:5060';
  return json([
    ['Channel-Name', name],
    ['Unique-ID', channelUuid],
    ['Call-Direction', 'inbound'],
    ['Presence-Call-Direction', 'inbound'],
    ['Channel-HIT-Dialplan', 'true'],
    ['Channel-Call-UUID', channelUuid],
    ['Channel-Read-Codec-Name', 'PCMA'],
    ['Channel-Read-Codec-Rate', '8000'],
    ['Channel-Write-Codec-Name', 'PCMA'],
    ['Channel-Write-Codec-Rate', '8000'],
    ['Caller-Direction', 'inbound'],
    ['Caller-Destination-Number', 'drachtio'],
    ['Caller-Unique-ID', channelUuid],
    ['Caller-Source', 'mod_sofia'],
    ['Caller-Context', 'mrf'],
    ['Caller-Channel-Name', name],
    ['Caller-Channel-Created-Time', created],
    ['Caller-Channel-Answered-Time', created],
  ]);
}

/** A channel's event as JSON. `fragment` from {@link channelFragment}, `fields` the event's own. */
export function channelEvent(
  head: { name: string; subclass?: string; from: string; nowMs: number; hungUp: boolean; cause: string },
  fragment: string,
  fields: EventFields,
): string {
  const subclass = head.subclass === undefined ? '' : `"Event-Subclass":"${head.subclass}",`;
  const state = head.name === 'CHANNEL_CALLSTATE' ? ['CS_HANGUP', 'HANGUP', '10'] : ['CS_EXECUTE', 'ACTIVE', '4'];
  const answer = head.hungUp ? `,"Answer-State":"hangup","Hangup-Cause":"${head.cause}"` : ',"Answer-State":"answered"';
  return (
    `{${subclass}"Event-Name":"${head.name}",${SERVER_FIELDS},"Event-Date-Timestamp":"${head.nowMs}000",` +
    `"Event-Calling-Function":"${head.from}","Event-Sequence":"${nextSequence()}","Channel-State":"${state[0]!}",` +
    `"Channel-Call-State":"${state[1]!}","Channel-State-Number":"${state[2]!}"${fragment}${answer}${json(fields)}}`
  );
}

/** A server's event as JSON. */
export function serverEvent(name: string, from: string, nowMs: number, fields: EventFields): string {
  return (
    `{"Event-Name":"${name}",${SERVER_FIELDS},"Event-Date-Timestamp":"${nowMs}000","Event-Calling-Function":"${from}",` +
    `"Event-Sequence":"${nextSequence()}"${json(fields)}}`
  );
}

/** The block that answers `connect` and `uuid_dump`: one line a field, values URL-encoded as FreeSWITCH does. */
export function plainBlock(fields: EventFields): string {
  let text = '';
  for (const [name, value] of fields) text += `${name}: ${encodeURIComponent(value)}\n`;
  return text;
}
