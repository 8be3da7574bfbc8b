import { readCampaignFile } from '../core/campaign-file.ts';
import { flowsOf, type Campaign } from '../core/campaign.ts';
import { ObzvonError } from '../core/errors.ts';
import { checkTemplates } from '../dialer/call/template.ts';

/**
 * Reads a campaign's file, the texts of its flow included.
 * @throws ObzvonError not_found, bad_input with a line for each fault
 */
export async function readCampaign(path: string): Promise<Campaign> {
  const campaign = await readCampaignFile(path);
  const faults = flowsOf(campaign).flatMap(({ version, flow }) => checkTemplates(flow).map((fault) => (version === 'main' ? fault : `experiment.flows.${version}: ${fault}`)));
  if (faults.length > 0) throw new ObzvonError('bad_input', faults.map((fault) => `${path}: ${fault}`).join('\n'));
  return campaign;
}
