import { z } from 'zod';
import { languageSchema } from './contact.ts';

const stepNameSchema = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected a step name in lower case, such as ask_date');

/**
 * What is said, per language. `{{name}}`, `{{politeName}}` (given name and patronymic, else the whole name), `{{firstName}}`, `{{patronymic}}`, `{{lastName}}`,
 * `{{debt}}`, `{{dueDate}}`, `{{company}}` and `{{fields.x}}` are filled from the contact; nothing else is a variable. A language that is missing falls back to the campaign's default language.
 */
export const textSchema = z.partialRecord(languageSchema, z.string().min(1).max(2000));
export type LocalizedText = z.infer<typeof textSchema>;

/** A recorded WAV per language, named by path relative to the campaign file. */
export const recordingSchema = z.partialRecord(languageSchema, z.string().min(1).max(400));

/** What a pressed digit means. */
export const choiceSchema = z.discriminatedUnion('meaning', [
  z.strictObject({ meaning: z.literal('repeat'), next: stepNameSchema }),
  z.strictObject({ meaning: z.literal('promise_to_pay'), withinDays: z.number().int().min(0).max(60).default(3), next: stepNameSchema }),
  z.strictObject({ meaning: z.literal('opt_out'), next: stepNameSchema }),
  z.strictObject({ meaning: z.literal('wrong_person'), next: stepNameSchema }),
]);
export type Choice = z.infer<typeof choiceSchema>;

const digitSchema = z.string().regex(/^[0-9*#]$/, 'expected one of 0-9 * #');

export const stepSchema = z.discriminatedUnion('kind', [
  /** Speaks a text. `essential`: a contact has heard the message once every essential step was played whole. */
  z.strictObject({ kind: z.literal('say'), text: textSchema, essential: z.boolean().default(false), next: stepNameSchema }),
  /** Plays a recorded file. */
  z.strictObject({ kind: z.literal('play'), file: recordingSchema, essential: z.boolean().default(false), next: stepNameSchema }),
  /** Asks for one digit, up to `tries` times; a digit pressed during the prompt (or during a `say` that leads here) counts. */
  z.strictObject({
    kind: z.literal('gather'),
    prompt: textSchema,
    waitSeconds: z.number().min(1).max(30).default(5),
    tries: z.number().int().min(1).max(5).default(2),
    choices: z.record(digitSchema, choiceSchema),
    otherwise: stepNameSchema,
  }),
  z.strictObject({ kind: z.literal('hangup') }),
]);
export type FlowStep = z.infer<typeof stepSchema>;

/** Steps that a step can lead to. */
export function nextSteps(step: FlowStep): string[] {
  switch (step.kind) {
    case 'say':
    case 'play':
      return [step.next];
    case 'gather':
      return [step.otherwise, ...Object.values(step.choices).map((choice) => choice.next)];
    case 'hangup':
      return [];
  }
}

/** Where speaking from `start` leads: the first step that is not spoken; undefined if there is none. */
function endOfSpeech(steps: Readonly<Record<string, FlowStep>>, start: string): string | undefined {
  const seen = new Set<string>();
  let name = start;
  while (!seen.has(name)) {
    seen.add(name);
    const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
    if (!step || (step.kind !== 'say' && step.kind !== 'play')) return name;
    name = step.next;
  }
  return undefined;
}

export const flowSchema = z
  .strictObject({
    start: stepNameSchema,
    steps: z.record(stepNameSchema, stepSchema),
    /** Where a message for a machine begins: say and play steps only. Absent: machines hear nothing. */
    messageStart: stepNameSchema.optional(),
  })
  .superRefine((flow, context) => {
    const named = (name: string, path: (string | number)[]): void => {
      if (!Object.hasOwn(flow.steps, name)) context.addIssue({ code: 'custom', path, message: `there is no step named "${name}"; steps: ${Object.keys(flow.steps).join(', ')}` });
    };
    named(flow.start, ['start']);
    for (const [name, step] of Object.entries(flow.steps)) for (const next of nextSteps(step)) named(next, ['steps', name]);
    for (const name of Object.keys(flow.steps)) {
      if (endOfSpeech(flow.steps, name) === undefined) context.addIssue({ code: 'custom', path: ['steps', name], message: 'speaks for ever: the steps after it come back without a gather or a hangup' });
    }
    if (flow.messageStart === undefined) return;
    named(flow.messageStart, ['messageStart']);
    const end = endOfSpeech(flow.steps, flow.messageStart);
    if (end !== undefined && flow.steps[end]?.kind === 'gather') context.addIssue({ code: 'custom', path: ['messageStart'], message: `step "${end}" gathers digits; a machine presses none` });
  });
export type Flow = z.infer<typeof flowSchema>;
