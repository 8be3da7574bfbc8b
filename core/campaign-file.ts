import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { campaignSchema, flowsOf } from './campaign.ts';
import type { Campaign } from './campaign.ts';
import { ObzvonError } from './errors.ts';
import { pathText, shown, valueFaults } from './schema-issues.ts';
import type { ValueFault } from './schema-issues.ts';
import { readYamlFile } from './yaml-file.ts';
import type { YamlFile } from './yaml-file.ts';

const MAX_FAULTS = 20;

/**
 * Reads a campaign's definition from a YAML file. Recordings are given back as absolute paths.
 * @throws ObzvonError not_found; bad_input naming file, line, key, what was found and what was expected, a line for each fault
 */
export async function readCampaignFile(path: string): Promise<Campaign> {
  const file = await readYamlFile(path, 'bad_input');
  if (typeof file.value !== 'object' || file.value === null || Array.isArray(file.value)) {
    throw new ObzvonError('bad_input', `${path}:1: found ${shown(file.value)}; expected the keys of a campaign (id, name, company, startsAt, ...)`);
  }
  const parsed = campaignSchema.safeParse(file.value);
  if (!parsed.success) throw refused(file, valueFaults(campaignSchema, file.value, parsed.error));
  const campaign = parsed.data;
  const missing: ValueFault[] = [];
  for (const { path: at, flow } of flowsOf(campaign)) for (const [name, step] of Object.entries(flow.steps)) {
    if (step.kind !== 'play') continue;
    for (const [language, written] of Object.entries(step.file)) {
      const recording = resolve(dirname(path), written);
      const found = await access(recording).then(() => true, () => false);
      if (found) step.file = { ...step.file, [language]: recording };
      else missing.push({ path: [...at, 'steps', name, 'file', language], text: `found no file ${recording}; expected a WAV file, its path relative to the campaign file` });
    }
  }
  if (missing.length > 0) throw refused(file, missing);
  return campaign;
}

function refused(file: YamlFile, found: readonly ValueFault[]): ObzvonError {
  const faults = found.map((fault) => ({ line: file.lineOf(fault.path), text: `${pathText(fault.path)}: ${fault.text}` })).sort((a, b) => a.line - b.line);
  const lines = faults.slice(0, MAX_FAULTS).map((fault) => `${file.path}:${fault.line}: ${fault.text}`);
  if (faults.length > MAX_FAULTS) lines.push(`${file.path}: and ${faults.length - MAX_FAULTS} more`);
  return new ObzvonError('bad_input', lines.join('\n'));
}
