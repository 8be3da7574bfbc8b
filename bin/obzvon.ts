#!/usr/bin/env node
import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';

// Whoever reads the results has seen enough (`| head`): nothing is wrong, but not all was done.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.partial);
});
process.exitCode = await createProgram().run(process.argv.slice(2));
