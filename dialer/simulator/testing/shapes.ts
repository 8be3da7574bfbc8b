const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Ports that mean something: drachtio's own and FreeSWITCH's. All others are the far parties'. */
const plainPorts = (text: string): string => text.replace(/127\.0\.0\.1:(?!5060|5080)\d+/g, '127.0.0.1:PORT');

/** What must agree of a drachtio message: the layout of its tokens, its start line, the names and order of its headers, its kind of body. */
export function shapeOfDrachtio(message: string): { tokens: string[]; startLine: string; headers: string[]; sdp: string } {
  const [first = '', ...rest] = message.split('\r\n');
  const tokens = first.split('|').map((token) => {
    if (/^[^;|]+;from-tag=\w+$/.test(token)) return 'DIALOG';
    if (/^\d\d:\d\d:\d\d\.\d{6}$/.test(token)) return 'TIME';
    if (/^v0\.9/.test(token)) return 'VERSION';
    if (/^[1-9]\d*$/.test(token)) return token === '5060' || token === '5080' ? token : 'NUMBER';
    return token.replace(UUID, 'UUID');
  });
  const blank = rest.indexOf('');
  const sip = rest.slice(0, blank < 0 ? rest.length : blank);
  // SIPp's scenarios write `sip:host` or `sip:sipp@host` into their Contact; whose name stands there is the far party's affair.
  const startLine = plainPorts(sip[0] ?? '').replace(/sip:(?:sipp@|callee@)?(127\.0\.0\.1:PORT;)/, 'sip:$1');
  // SIPp answers a BYE with a Contact in some scenarios and without in others; RFC 3261 leaves it open.
  const byeAnswer = sip.some((line) => /^CSeq: \d+ BYE$/.test(line)) && startLine.startsWith('SIP/2.0');
  const headers = sip.slice(1).map((line) => line.slice(0, line.indexOf(':'))).filter((name) => !(byeAnswer && name === 'Contact') && name !== 'X-Call-Ref');
  return { tokens, startLine, headers, sdp: blank >= 0 && rest[blank + 1] ? 'sdp' : 'none' };
}

/** Fields of an event whose values must agree; of the others the names must be the real one's. */
const TOLD = [
  'Event-Subclass', 'Event-Name', 'Event-Calling-Function', 'Original-Channel-Call-State', 'Channel-State', 'Channel-Call-State', 'Answer-State', 'Hangup-Cause',
  'Application', 'Application-Response', 'Playback-File-Path', 'Playback-Status', 'DTMF-Digit', 'DTMF-Duration', 'DTMF-Source', '_body',
];

/** What must agree of an event-socket message, as text, and the names of its fields. */
export function shapeOfEsl(message: string): { text: string; fields: string[] } {
  const json = /\{"Event-.*\}/s.exec(message)?.[0];
  if (json !== undefined) {
    const event = JSON.parse(json) as Record<string, string>;
    const told = TOLD.map((name) => `${name}=${event[name] ?? '-'}`);
    // A play that ran to its end has counters that must agree; those of a broken one depend on the moment.
    if (event['Playback-Status'] === 'done' && event['Answer-State'] === 'answered') told.push(`offset=${event.variable_playback_last_offset_pos ?? '-'}`, `ms=${event.variable_playback_ms ?? '-'}`);
    return { text: told.join('\n'), fields: Object.keys(event) };
  }
  if (message.includes('Event-Name: CHANNEL_DATA')) {
    const lines = message.split('\n');
    const needed = lines.filter((line) => /^(Answer-State|Channel-State|Channel-Call-State|variable_dtmf_type|variable_local_media_ip|Reply-Text|Socket-Mode|Control|Content-Type):/.test(line));
    return { text: needed.join('\n'), fields: lines.map((line) => line.split(':')[0] ?? '').filter((name) => name !== '' && name !== 'Content-Length') };
  }
  return { text: message.replace(UUID, 'UUID').replace(/\n+$/, ''), fields: [] };
}
