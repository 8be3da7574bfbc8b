import { Command, Option } from 'commander';
import { loadConfig } from '../core/config.ts';
import { crashLoudly, createLogger } from '../core/log.ts';
import { registerAmd } from './commands/amd.ts';
import { registerAnalytics } from './commands/analytics.ts';
import { registerAudit } from './commands/audit.ts';
import { registerCampaign } from './commands/campaign.ts';
import { registerConfig } from './commands/config.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDial } from './commands/dial.ts';
import { registerDnc } from './commands/dnc.ts';
import { registerErase } from './commands/erase.ts';
import { registerLoad } from './commands/load.ts';
import { registerPayments } from './commands/payments.ts';
import { registerReport } from './commands/report.ts';
import { registerRun } from './commands/run.ts';
import { registerSink } from './commands/sink.ts';
import { registerWhy } from './commands/why.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerTouches } from './commands/touches.ts';
import type { Act } from './commands/act.ts';
import { EXIT, explainFailure, type ExitCode } from './exit-codes.ts';
import { Releases } from './releases.ts';
import { commandClock, parseClockUrl } from './house-clock.ts';
import { createTerminal } from './terminal.ts';
import { VERSION } from './version.ts';

const EPILOGUE = `
Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 done in part.
With --json the result is one JSON document on stdout (of amd classify a line for each file or event); everything else goes to stderr.
First steps:
  $ obzvon validate examples/november-debt/debtors.csv --campaign examples/november-debt/campaign.yaml
  $ obzvon run --campaign examples/november-debt/campaign.yaml --list examples/november-debt/debtors.csv
`;

/** The command line. */
export function createProgram(): { run(args: readonly string[]): Promise<ExitCode> } {
  let exitCode: ExitCode = EXIT.done;
  const program = new Command('obzvon');
  program
    .description('High-throughput autodialer with answering-machine detection')
    .addOption(new Option('--config <file>', 'configuration file (default: $OBZVON_CONFIG, then ./obzvon.yaml)'))
    .addOption(new Option('--data <dir>', 'where everything kept on this machine lies (data.dir)'))
    .option('--json', 'machine-readable result on stdout', false)
    .version(VERSION)
    .addHelpText('after', EPILOGUE)
    .exitOverride()
    .showSuggestionAfterError();

  const act: Act = (handler, overrides) => async (...args) => {
    const options = program.opts<{ config?: string; data?: string; json: boolean }>();
    const loaded = await loadConfig({ env: process.env, path: options.config, overrides: { ...overrides, ...(options.data === undefined ? {} : { 'data.dir': options.data }) } });
    const log = createLogger({ level: loaded.config.log.level });
    crashLoudly(log);
    const clock = commandClock(parseClockUrl(loaded.config.clock.url));
    const terminal = createTerminal({ json: options.json, stdout: process.stdout, stderr: process.stderr, nowMs: Date.now });
    const releases = new Releases();
    const stop = new AbortController();
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stop.signal.aborted) process.exit(EXIT.failed);
      terminal.say(`${signal}: ending what is under way; a second signal ends at once`);
      stop.abort();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    try {
      exitCode = await handler({ config: loaded.config, loaded, log, clock, terminal, releases, stopAsked: stop.signal }, ...args);
    } finally {
      terminal.endStatus();
      await releases.releaseAll();
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    }
  };

  for (const register of [
    registerLoad, registerDial, registerRun, registerSink, registerCampaign, registerPayments, registerTouches, registerDnc, registerReport, registerWhy, registerErase,
    registerAudit, registerAnalytics, registerAmd, registerSimulate, registerConfig, registerDemo,
  ]) register(program, act);

  return {
    async run(args) {
      try {
        await program.parseAsync(args, { from: 'user' });
      } catch (error) {
        const { code, message } = explainFailure(error);
        if (message !== '') process.stderr.write(`obzvon: ${message}\n`);
        return code;
      }
      return exitCode;
    },
  };
}
