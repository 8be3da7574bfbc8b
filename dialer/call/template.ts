import type { Language, NameParts } from '../../core/contact.ts';
import type { Flow, LocalizedText } from '../../core/flow.ts';
import { spokenAmount, spokenDate } from './spoken-numbers.ts';

/** What a flow's texts are filled with. */
export interface TemplateValues {
  readonly name: string;
  /** Absent if the name could not be taken apart. */
  readonly nameParts?: NameParts | undefined;
  readonly debtMinor: number;
  readonly currency: string;
  /** `YYYY-MM-DD`; absent if the list gave none. */
  readonly dueDate?: string | undefined;
  readonly company: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The callee's local date, `YYYY-MM-DD`. */
  readonly today: string;
}

/** One sentence to be spoken. `personal`: it tells something of the debtor, so its recording must not be kept for long. */
export interface SpeechPart {
  readonly text: string;
  readonly personal: boolean;
}

const VARIABLE = /\{\{([^{}]*)\}\}/g;
const KNOWN = ['name', 'politeName', 'firstName', 'patronymic', 'lastName', 'debt', 'dueDate', 'company'];
const FIELD = /^fields\.([^\s{}.]{1,64})$/;

/**
 * What is wrong with a flow's texts: unknown variables and stray braces, one line each, naming step and language. Empty:
 * nothing. To be asked when the campaign is read.
 */
export function checkTemplates(flow: Flow): string[] {
  const problems: string[] = [];
  for (const [step, { texts }] of Object.entries(flow.steps).map(([name, step]) => [name, { texts: step.kind === 'say' ? step.text : step.kind === 'gather' ? step.prompt : {} }] as const)) {
    for (const [language, text] of Object.entries(texts)) {
      const where = `flow.steps.${step}, language "${language}"`;
      for (const [, inner = ''] of text.matchAll(VARIABLE)) {
        const variable = inner.trim();
        if (!KNOWN.includes(variable) && !FIELD.test(variable)) problems.push(`${where}: unknown variable {{${variable}}}; expected ${KNOWN.map((known) => `{{${known}}}`).join(', ')} or {{fields.x}}`);
      }
      if (/[{}]/.test(text.replace(VARIABLE, ''))) problems.push(`${where}: a brace stands alone; a variable is written {{name}}`);
    }
  }
  return problems;
}

/** The text in the contact's language, else in the campaign's default language. */
export function textIn(texts: LocalizedText, language: Language, defaultLanguage: Language): { readonly text: string; readonly language: Language } | null {
  const text = texts[language];
  if (text !== undefined) return { text, language };
  const fallback = texts[defaultLanguage];
  return fallback === undefined ? null : { text: fallback, language: defaultLanguage };
}

/**
 * Fills a template and gives it sentence by sentence, safe to speak. The template is split before it is filled, so a
 * value can neither end a sentence early nor be taken for a template. A sentence that names something the contact does
 * not have (no due date, no such field) is left out whole: silence is better than "pay by .".
 */
export function fillTemplate(template: string, language: Language, values: TemplateValues): SpeechPart[] {
  const parts: SpeechPart[] = [];
  for (const sentence of splitSentences(template)) {
    const variables = [...sentence.matchAll(VARIABLE)].map(([, inner = '']) => inner.trim());
    if (variables.some((variable) => valueOf(variable, language, values) === null)) continue;
    const filled = sentence.replace(VARIABLE, (_whole, inner: string) => harmless(valueOf(inner.trim(), language, values) ?? ''));
    const text = tidy(harmless(filled));
    if (/[\p{L}\p{N}]/u.test(text)) parts.push({ text, personal: variables.some((variable) => variable !== 'company') });
  }
  return parts;
}

function valueOf(variable: string, language: Language, values: TemplateValues): string | null {
  switch (variable) {
    case 'name':
      return calmName(values.name);
    case 'politeName':
      return values.nameParts?.first === undefined ? calmName(values.name) : [values.nameParts.first, values.nameParts.patronymic].filter((part) => part !== undefined).join(' ');
    case 'firstName':
      return values.nameParts?.first ?? null;
    case 'patronymic':
      return values.nameParts?.patronymic ?? null;
    case 'lastName':
      return values.nameParts?.last ?? null;
    case 'debt':
      return spokenAmount(values.debtMinor, values.currency, language);
    case 'dueDate':
      return values.dueDate === undefined ? null : spokenDate(values.dueDate, values.today, language);
    case 'company':
      return values.company;
    default: {
      const field = FIELD.exec(variable)?.[1];
      return field !== undefined && Object.hasOwn(values.fields, field) ? (values.fields[field] ?? null) : null;
    }
  }
}

/** Sentences of a text: after `.`, `!`, `?` or `…` followed by space, and at line ends. "12.50" stays whole. */
export function splitSentences(text: string): string[] {
  return text.split(/(?<=[.!?…])\s+|[\r\n]+/u).map((sentence) => sentence.trim()).filter((sentence) => sentence.length > 0);
}

/**
 * Leaves what is read aloud as text and nothing that a synthesiser, a shell or a markup could take for a command: letters,
 * digits, spaces and plain punctuation. Braces, `<>`, `[[`, `|`, `\`, control and invisible characters become spaces.
 */
export function harmless(text: string): string {
  return text.normalize('NFC').replace(/[’ʼ`´]/gu, '\'').replace(/[^\p{L}\p{M}\p{N} .,!?…:;'"()№%+/–—-]/gu, ' ');
}

/** Lists written in capitals are spelled letter by letter by a synthesiser: "ІВАНЕНКО" is said as "Іваненко". */
function calmName(name: string): string {
  return name.replace(/\p{Lu}[\p{Lu}'’ʼ]{2,}/gu, (word) => word.slice(0, 1) + word.slice(1).toLowerCase());
}

/** One space between words, none before punctuation that an empty value left alone. */
function tidy(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(/ +([.,!?…:;])/gu, '$1').replace(/,(?=[.!?])/gu, '').trim();
}
