import type { Command } from 'commander';
import { classifyFile } from '../../amd/wav.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

export function registerAmd(program: Command, act: Act): void {
  const amd = program.command('amd').description('answering-machine detection on recordings');
  example(amd.command('classify <file>').description('say what answered in a WAV recording of the called party, from the answer on'), 'obzvon amd classify answer.wav --json').action(
    act(async (context, file: string) => {
      const report = await classifyFile(file);
      context.terminal.result(report, () =>
        `${file}: ${report.verdict} (confidence ${report.confidence.toFixed(2)}) after ${(report.audioMs / 1000).toFixed(2)} s of ${report.seconds.toFixed(1)} s: ${report.reason}`,
      );
      return EXIT.done;
    }),
  );
}
