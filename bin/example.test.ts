import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readCampaignFile } from '../core/campaign-file.ts';
import { loadConfig } from '../core/config.ts';
import { EXAMPLE_ROWS, EXAMPLE_SEED, csvOf, exampleList } from '../tools/example-list.ts';

const at = (file: string): string => fileURLToPath(new URL(`../examples/november-debt/${file}`, import.meta.url));

test('the list in examples/november-debt is what its generator makes, the same each time', () => {
  expect(csvOf(exampleList(EXAMPLE_ROWS, EXAMPLE_SEED)) === readFileSync(at('debtors.csv'), 'utf8')).toBe(true);
  expect(csvOf(exampleList(100, 1))).not.toBe(csvOf(exampleList(100, 2)));
});

test('its campaign and configuration can be read, and fit each other', async () => {
  const campaign = await readCampaignFile(at('campaign.yaml'));
  const { config } = await loadConfig({ env: {}, path: at('obzvon.yaml') });
  const names = config.trunks.map((trunk) => trunk.name);
  expect(names).toEqual(expect.arrayContaining(campaign.trunks));
  for (const step of Object.values(campaign.flow.steps)) {
    if (step.kind === 'say') expect(Object.keys(step.text).sort()).toEqual(['en', 'ru', 'uk']);
    if (step.kind === 'gather') expect(Object.keys(step.prompt).sort()).toEqual(['en', 'ru', 'uk']);
  }
});
