import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { countAttempts, countContacts } from '../analytics/audit.ts';
import { attemptsTopic, contactsTopic } from '../core/bus/topics.ts';
import type { Contact } from '../core/contact.ts';
import { openAnalytics } from './house.ts';
import { loadNamed } from './load-one.ts';
import { presses, Rig } from './testing/rig.contract.ts';

/** Stands in every hostile cell; where it turns up, something of a list has got out. */
const MARK = 'zqxmark';
const DEBT = '98765.43';

const rows: (readonly [name: string, phone: string, note: string])[] = [
  [`Ivan ${MARK}\r\nX-Injected: ${MARK}\r\n\r\nINVITE sip:${MARK}@evil SIP/2.0`, '+380670000101', 'plain'],
  [`"${MARK}" 'quoted' \\"${MARK}`, '+380670000102', `\n\napi status ${MARK}\n\n`],
  [`{{debt}} {{fields.note}} \${${MARK}} [[${MARK}]] <speak>${MARK}</speak>`, '+380670000103', '{{name}}{{debt}}'],
  [`Anna\n\napi originate user/${MARK}\n\n`, '+380670000104', `bgapi system ${MARK}`],
  [`Petro|${MARK}|0|0|sip`, '+380670000105', `|${MARK}|`],
  [`Olha'; DROP TABLE contacts; -- ${MARK}`, '+380670000106', `'); DROP TABLE attempts; -- ${MARK}`],
  [`=HYPERLINK("http://${MARK}.invalid","x")`, '+380670000107', `../../../../etc/${MARK}`],
  [`/../../${MARK}.wav`, '+380670000108', `file_string://${MARK}!${MARK}`],
  // Phones that try the same.
  [`Good ${MARK}`, `+380670000109\r\nX-Injected: ${MARK}`, 'plain'],
  [`Good ${MARK}`, `+380670000110@evil.invalid;${MARK}`, 'plain'],
  [`Good ${MARK}`, `+380670000111|${MARK}`, 'plain'],
  [`Good ${MARK}`, `"><sip:${MARK}@evil>`, 'plain'],
  [`Good ${MARK}`, `{phone}${MARK}'; DROP TABLE contacts`, 'plain'],
  // Damaged or endless.
  [`Nul ${MARK}\0`, '+380670000112', 'plain'],
  [`${MARK}${'x'.repeat(1 << 20)}`, '+380670000113', 'plain'],
  [`Long ${MARK}`, '+380670000114', MARK.repeat(150_000)],
];

function listOf(): Buffer {
  const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(([name, phone, note], i) => [`A${i}'; DROP TABLE contacts; --${MARK}`, name, phone, DEBT, 'en', note].map(cell).join(','));
  const broken = Buffer.concat([Buffer.from(`"A-broken","${MARK} `), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from(`","+380670000115","${DEBT}","en","plain"\r\n`)]);
  return Buffer.concat([Buffer.from(`account_id,name,phones,debt,language,note\r\n${lines.join('\r\n')}\r\n`), broken]);
}

/** Keeps every byte that this process, dialer and simulated switch, writes to any connection. */
function listenIn(): { text(): string; stop(): void } {
  const kept: Buffer[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its socket below
  const write = Socket.prototype.write;
  const listening = function (this: Socket, ...args: unknown[]): boolean {
    const [chunk, encoding] = args;
    if (typeof chunk === 'string') kept.push(Buffer.from(chunk, encoding === 'latin1' || encoding === 'binary' ? 'latin1' : 'utf8'));
    else if (chunk instanceof Uint8Array) kept.push(Buffer.from(chunk));
    return Reflect.apply(write, this, args) as boolean;
  };
  Object.assign(Socket.prototype, { write: listening });
  return { text: () => Buffer.concat(kept).toString('latin1'), stop: () => void (Socket.prototype.write = write) };
}

let rig: Rig | null = null;
let wire: ReturnType<typeof listenIn> | null = null;
afterEach(async () => {
  wire?.stop();
  await rig?.close();
});

test('a list that attacks is loaded and dialled, and nothing of it is ever more than speech', { timeout: 120_000 }, async () => {
  wire = listenIn();
  rig = await Rig.start((phone) => presses('1', phone));
  const { house, context, space } = rig;
  const campaign = await rig.define({
    holdOutShare: 0,
    // Whoever is not reached at once is not called again: nobody moves the clock here.
    retry: { maxAttempts: 1 },
    flow: {
      start: 'ask',
      steps: {
        ask: { kind: 'gather', prompt: { en: '{{name}} {{debt}} {{fields.note}}' }, choices: { 1: { meaning: 'promise_to_pay', next: 'end' } }, otherwise: 'end' },
        end: { kind: 'hangup' },
      },
    },
  });
  space.write('list.csv', listOf());
  const report = await loadNamed(context, house.bus, house.clock, campaign, space.at('list.csv'));
  expect(report.rows).toBe(rows.length + 1);
  expect(report.accepted + report.refusedRows).toBe(report.rows);
  const contacts: Contact[] = [];
  for await (const { value } of house.bus.scan(contactsTopic)) contacts.push(value);
  // The eight with a hostile name and a good phone are called; the damaged and the endless are not.
  expect(contacts.length).toBe(report.accepted);
  expect(contacts.length).toBeGreaterThanOrEqual(8);
  for (const bad of ['+380670000112', '+380670000113', '+380670000114', '+380670000115']) expect(contacts.map((contact) => contact.phones)).not.toContainEqual([bad]);

  const { analytics, sink } = await openAnalytics(context, house.bus);
  rig.run(campaign.id);
  expect(await rig.finished()).toEqual({ kind: 'finished' });
  await sink.caughtUp();
  let attempts = 0;
  let heard = 0;
  for await (const { value } of house.bus.scan(attemptsTopic)) {
    attempts++;
    if (value.heardMs > 0) heard++;
  }
  expect(attempts).toBeGreaterThanOrEqual(contacts.length);
  expect(heard).toBeGreaterThan(0);

  // SQL: every table stands, and every row is there.
  expect(await countContacts(analytics, campaign.id)).toBe(contacts.length);
  expect(await countAttempts(analytics, campaign.id)).toBe(attempts);

  // The wires: SIP and the event sockets, on which prompts were played.
  const text = wire.text();
  expect(text).toMatch(/playback[^]*\.wav/);
  const invites = [...text.matchAll(/INVITE sip:(\S+)@127\.0\.0\.1:5060 SIP\/2\.0/g)].map((match) => match[1]!);
  expect(new Set(invites)).toEqual(new Set(contacts.flatMap((contact) => contact.phones)));
  for (const phone of invites) expect(phone).toMatch(/^\+380670000\d{3}$/);
  for (const trace of [MARK, 'DROP TABLE', 'X-Injected', 'evil', 'originate', 'HYPERLINK', 'bgapi system', 'api status', '98765', '9876543', 'Petro', 'Olha']) expect(text, `found on the wire: ${trace}`).not.toContain(trace);

  // Paths.
  const paths = readdirSync(space.dir, { recursive: true, encoding: 'utf8' }).join('\n');
  for (const trace of [MARK, 'Petro', '98765', '38067']) expect(paths, `found in a path: ${trace}`).not.toContain(trace);

  // The log.
  expect(rig.log).not.toBe('');
  for (const trace of [MARK, '98765', '9876543', 'Petro', 'Olha', '380670000']) expect(rig.log, `found in the log: ${trace}`).not.toContain(trace);
});
