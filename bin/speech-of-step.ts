import { flowsOf, type Campaign } from '../core/campaign.ts';
import type { Config } from '../core/config.ts';
import { LANGUAGES, type Contact } from '../core/contact.ts';
import { ObzvonError, unreachable } from '../core/errors.ts';
import type { FlowStep } from '../core/flow.ts';
import { fillTemplate, textIn } from '../dialer/call/template.ts';
import type { PreparedPrompt } from '../dialer/engine/live-call.ts';
import { createEspeak } from '../dialer/prompts/espeak.ts';
import { createPrompts } from '../dialer/prompts/prompts.ts';
import { localDateAt } from '../core/hours/zoned-time.ts';

/** Turns a step of the flow into files that the switch can play to one contact. */
export interface StepSpeech {
  /** @throws ObzvonError not_found if the step has neither the contact's language nor the campaign's default */
  prepare(step: FlowStep, contact: Contact, campaign: Campaign): Promise<PreparedPrompt>;
  /** Speaks beforehand every sentence of a campaign that is the same for all contacts, so that the first callees do not wait for it. */
  warmUp(campaign: Campaign): Promise<void>;
  /** The longest wait for a sentence since this was last asked, ms of the wall's time. */
  longestWaitMs(): number;
  close(): Promise<void>;
}

/** Recordings that name a debtor are kept this long after their last use. */
const PERSONAL_MAX_AGE_MS = 48 * 3_600_000;

/** Stands in for a contact where only what is the same for all is wanted. */
const NOBODY = { name: '-', debtMinor: 100, fields: {}, today: '2000-01-01' };

export async function openSpeech(config: Config): Promise<StepSpeech> {
  const speech = createEspeak();
  const prompts = createPrompts({ dir: config.prompts.dir, switchDir: config.prompts.switchDir, speech });
  await prompts.sweep(PERSONAL_MAX_AGE_MS);
  return {
    async prepare(step, contact, campaign) {
      switch (step.kind) {
        case 'hangup':
          return { files: [], durationMs: 0 };
        case 'play': {
          const file = step.file[contact.language] ?? step.file[campaign.defaultLanguage];
          if (file === undefined) throw new ObzvonError('not_found', `campaign ${campaign.id}: a play step has no file in the default language ${campaign.defaultLanguage}`);
          return prompts.prepareRecording(file);
        }
        case 'say':
        case 'gather': {
          const chosen = textIn(step.kind === 'say' ? step.text : step.prompt, contact.language, campaign.defaultLanguage);
          if (chosen === null) throw new ObzvonError('not_found', `campaign ${campaign.id}: a ${step.kind} step has no text in the default language ${campaign.defaultLanguage}`);
          const parts = fillTemplate(chosen.text, chosen.language, {
            name: contact.name,
            nameParts: contact.nameParts,
            debtMinor: contact.debtMinor,
            currency: contact.currency,
            dueDate: contact.dueDate,
            company: campaign.company,
            fields: contact.fields,
            today: localDateAt(contact.timezone, Date.parse(campaign.startsAt)),
          });
          return prompts.prepare(parts, chosen.language);
        }
        default:
          return unreachable(step);
      }
    },
    async warmUp(campaign) {
      for (const step of flowsOf(campaign).flatMap(({ flow }) => Object.values(flow.steps))) {
        const texts = step.kind === 'say' ? step.text : step.kind === 'gather' ? step.prompt : {};
        for (const language of LANGUAGES) {
          const parts = fillTemplate(texts[language] ?? '', language, { ...NOBODY, company: campaign.company, currency: campaign.currency });
          await prompts.prepare(parts.filter((part) => !part.personal), language);
        }
      }
    },
    longestWaitMs: () => speech.longestWaitMs(),
    close: () => prompts.close(),
  };
}
