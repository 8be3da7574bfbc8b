import { crashRun } from '../bin/testing/crash-run.ts';

/** The whole figure of the promise: 2,000 contacts, ten kills at random moments. `crash.js [seed] [contacts] [kills]` */
const [seed = 'obzvon', contacts = '2000', kills = '10'] = process.argv.slice(2);
console.log(`kill -9 at ${kills} random moments of a run of ${contacts} contacts, seed ${seed}`);
console.log('kill  calls before  under way  moment');
const outcome = await crashRun({
  contacts: Number(contacts),
  kills: Number(kills),
  seed,
  onKill: (kill) => console.log(`${String(kill.number).padStart(4)}  ${String(kill.calls).padStart(12)}  ${String(kill.open).padStart(9)}  ${kill.moment}`),
});
console.log(`last run: exit code ${outcome.last.code}; ${outcome.calls} calls, ${outcome.cutByCrash} cut short by a kill; ${outcome.seconds.toFixed(0)} s in all`);
console.log(outcome.audit.stdout.trimEnd());
console.log(`the switch's journal: ${outcome.offences.length === 0 ? 'no number called within the gap, never two calls at once' : outcome.offences.slice(0, 10).join('; ')}`);
if (outcome.last.code !== 0) console.log(outcome.last.stderr.slice(-2000));
process.exitCode = outcome.last.code === 0 && outcome.audit.code === 0 && outcome.offences.length === 0 ? 0 : 1;
