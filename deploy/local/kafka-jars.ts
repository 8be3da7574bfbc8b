import { execFile } from 'node:child_process';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ObzvonError } from '../../core/errors.ts';
import { withFileLock } from './file-lock.ts';

const run = promisify(execFile);
const COPY_LIMIT_MS = 300_000;

/** Where this checkout says which Kafka it runs; the build leaves poms behind, so dist/ asks the sources' own. */
async function pomPath(): Promise<string> {
  for (const path of ['../kafka/pom.xml', '../../../deploy/kafka/pom.xml']) {
    const candidate = fileURLToPath(new URL(path, import.meta.url));
    if (await access(candidate).then(() => true, () => false)) return candidate;
  }
  throw new ObzvonError('not_found', 'deploy/kafka/pom.xml was not found; expected it in the checkout');
}

/**
 * The directory of Kafka's jars, copied once from Maven Central into the user's cache (`$XDG_CACHE_HOME` or ~/.cache).
 * @throws ObzvonError not_found if Java or Maven is not there, unreachable if Maven cannot get the jars
 */
export async function kafkaJars(): Promise<string> {
  await requireCommand('java', ['-version'], 'a JDK or JRE, 17 or later');
  const pom = await pomPath();
  const version = /<kafka\.version>([^<]+)</.exec(await readFile(pom, 'utf8'))?.[1];
  if (version === undefined) throw new ObzvonError('bad_config', `${pom}: no <kafka.version> found; expected one`);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'obzvon');
  const dir = join(cache, `kafka-${version}`);
  const there = (): Promise<boolean> => access(dir).then(() => true, () => false);
  if (await there()) return dir;
  await mkdir(cache, { recursive: true });
  await withFileLock(`${dir}.lock`, async () => {
    if (await there()) return;
    await requireCommand('mvn', ['-v'], 'Apache Maven 3, to copy Kafka from Maven Central');
    const part = `${dir}.part`;
    await rm(part, { recursive: true, force: true });
    try {
      await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${part}`], { timeout: COPY_LIMIT_MS });
    } catch (error) {
      const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
      throw new ObzvonError('unreachable', `Kafka ${version} could not be copied from Maven Central: ${said.split('\n').find((line) => line.includes('ERROR')) ?? said.slice(0, 300)}`, { cause: error });
    }
    await rename(part, dir);
  });
  return dir;
}

async function requireCommand(command: string, args: readonly string[], expected: string): Promise<void> {
  try {
    await run(command, args);
  } catch (cause) {
    throw new ObzvonError('not_found', `"${command}" could not be run; expected ${expected}`, { cause });
  }
}
