import { readFileSync } from 'node:fs';
import { DockerfileParser, type From } from 'dockerfile-ast';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const dockerfile = DockerfileParser.parse(read('./Dockerfile'));
const stages: string[] = dockerfile.getFROMs().flatMap((from) => from.getBuildStage() ?? []);
const last = dockerfile.getFROMs().at(-1)!;
/** Instructions of the stage that becomes the image. */
const final = dockerfile.getInstructions().filter((each) => each.getRange().start.line > last.getRange().start.line);
const finalTexts = (keyword: string): string[] => final.filter((each) => each.getKeyword() === keyword).map((each) => each.getArgumentsContent() ?? '');
const base = (from: From): string => from.getImage() ?? '';

describe('Dockerfile', () => {
  test('starts from one image, pinned by version and digest, with glibc', () => {
    const outside = dockerfile.getFROMs().map(base).filter((image) => !stages.includes(image));
    expect(outside).toHaveLength(1);
    expect(outside[0]).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/);
    const { engines } = z.object({ engines: z.object({ node: z.string() }) }).parse(JSON.parse(read('../package.json')));
    expect(Number(/node:(\d+)/.exec(outside[0]!)?.[1])).toBe(Number(/>=(\d+)/.exec(engines.node)?.[1]));
  });

  test('ends in a stage that runs as somebody else than root and writes nothing after', () => {
    expect(finalTexts('USER')).toEqual(['node']);
    const user = final.findIndex((each) => each.getKeyword() === 'USER');
    for (const each of final.slice(user)) expect(['USER', 'WORKDIR', 'ENV', 'EXPOSE', 'HEALTHCHECK', 'STOPSIGNAL', 'ENTRYPOINT', 'CMD']).toContain(each.getKeyword());
  });

  test('takes from the other stages the compiled code and the libraries it runs on, nothing else', () => {
    const copies = dockerfile.getCOPYs().filter((copy) => copy.getRange().start.line > last.getRange().start.line);
    expect(copies.map((copy) => [copy.getFromFlag()?.getValue() ?? null, copy.getArgumentsContent()])).toEqual([
      ['dependencies', '/app/node_modules ./node_modules'],
      ['build', '/app/dist ./dist'],
      [null, 'package.json ./'],
    ]);
    const installs = dockerfile.getInstructions().filter((each) => each.getKeyword() === 'RUN' && (each.getArgumentsContent() ?? '').includes('npm install'));
    expect(installs.map((each) => /--omit=dev/.test(each.getArgumentsContent() ?? ''))).toEqual([false, true]);
    for (const each of installs) expect(each.getArgumentsContent()).toContain('--ignore-scripts');
  });

  test('is obzvon, told signals directly and asked for its health', () => {
    expect(finalTexts('ENTRYPOINT')).toEqual(['["obzvon"]']);
    expect(final.some((each) => each.getKeyword() === 'RUN' && (each.getArgumentsContent() ?? '').includes('ln -s /app/dist/bin/obzvon.js /usr/local/bin/obzvon'))).toBe(true);
    expect(finalTexts('HEALTHCHECK').join()).toContain('/healthz');
    expect(z.object({ bin: z.object({ obzvon: z.literal('dist/bin/obzvon.js') }) }).safeParse(JSON.parse(read('../package.json'))).success).toBe(true);
  });

  test('has every source folder that the compiler is given, and the build may see it', () => {
    const { include } = z.object({ include: z.array(z.string()) }).parse(JSON.parse(read('../tsconfig.build.json')));
    const copied = dockerfile.getInstructions().filter((each) => each.getKeyword() === 'COPY').map((each) => each.getArgumentsContent() ?? '');
    const seen = read('./Dockerfile.dockerignore').split('\n');
    expect(seen).toContain('*');
    // Of deploy only what is code: an .env with secrets lies beside it.
    for (const folder of include.map((each) => (each === 'deploy' ? 'deploy/local' : each))) {
      expect(copied).toContain(`${folder} ./${folder}`);
      expect(seen).toContain(`!${folder}`);
    }
  });

  test('no word of it is a secret: none is given at build time', () => {
    expect(dockerfile.getARGs().map((each) => each.getProperty()?.getName())).toEqual(['EMBEDDED_ANALYTICS']);
    expect(dockerfile.getENVs().flatMap((env) => env.getProperties().map((property) => property.getName()))).toEqual(['NODE_ENV', 'OBZVON_DATA_DIR', 'OBZVON_PROMPTS_DIR', 'OBZVON_METRICS_LISTEN']);
  });
});
