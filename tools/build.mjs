// Compiles to dist/ and copies the files that the code reads beside itself (SQL, models, voices).
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ASSETS = ['.sql', '.json', '.jsonl', '.wav', '.lua', '.xml', '.NOTICE'];
const PARTS = ['core', 'campaign-loader', 'dialer', 'amd', 'analytics', 'bin', 'bench', 'deploy'];

function* assets(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      if (name !== 'recordings') yield* assets(path);
    } else if (ASSETS.some((ending) => name.endsWith(ending))) yield path;
  }
}

rmSync('dist', { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const part of PARTS) {
  for (const path of assets(part)) {
    mkdirSync(join('dist', dirname(path)), { recursive: true });
    cpSync(path, join('dist', path));
  }
}
