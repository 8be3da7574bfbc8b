import { parseArgs } from 'node:util';
import { capRows } from './chaos/cap-rows.ts';
import { isGreen } from './chaos/result.ts';

/**
 * The call starts of several dialers under one cap, in real time, counted by the switch: worst sliding second and mean; the same after a
 * dialer was killed and one added; how soon a changed cap is in force. `cps-cap.js [--seconds 60] [--dialers 4]`
 */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, dialers: { type: 'string', default: '4' }, seed: { type: 'string', default: 'obzvon' } } });
const results = await capRows({
  dialers: Number(values.dialers), seconds: Number(values.seconds), seed: values.seed,
  say: (line) => void process.stderr.write(`${line}\n`),
  onRow: (result) => {
    process.stdout.write(`${isGreen(result) ? 'holds ' : 'BROKEN'} ${result.name} (${result.what}): ${result.seen}\n`);
    for (const offence of result.offences) process.stdout.write(`         ${offence}\n`);
  },
});
process.exitCode = results.every(isGreen) ? 0 : 1;
