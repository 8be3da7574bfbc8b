import { expect, test } from 'vitest';
import { encodeAmdFrame, type AmdMessage } from '../../core/amd-wire.ts';
import { parseAmdMessage } from './amd-messages.ts';

const beep: AmdMessage = { type: 'beep', callId: 'a-1', audioMs: 5200, frequencyHz: 1000 };

test('a message comes out of its frame, or bare', () => {
  expect(parseAmdMessage(JSON.parse(encodeAmdFrame(beep)))).toEqual(beep);
  expect(parseAmdMessage(beep)).toEqual(beep);
});

test.each([null, '', 'beep', {}, { type: 'json' }, { type: 'json', data: { type: 'beep' } }, { type: 'beep', callId: '', audioMs: 1, frequencyHz: 1 }, { type: 'json', data: { ...beep, audioMs: -1 } }])(
  '%j is nothing the service may say',
  (body) => {
    expect(parseAmdMessage(body)).toBeNull();
  },
);
