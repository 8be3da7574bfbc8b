import type { Language } from '../../core/contact.ts';

export interface Voice {
  readonly name: string;
  readonly wordsPerMinute: number;
  readonly pitch: number;
}

/** Slower than the synthesiser's 175 words a minute: a sum of money heard once, over a telephone, must be understood. */
export const VOICES: Readonly<Record<Language, Voice>> = {
  uk: { name: 'uk', wordsPerMinute: 145, pitch: 45 },
  ru: { name: 'ru', wordsPerMinute: 145, pitch: 45 },
  en: { name: 'en', wordsPerMinute: 150, pitch: 45 },
};

/** Says which sound a text gets: part of every recording's name, so that a new engine, voice or level makes new ones. */
export const SPEECH_VERSION = 'espeak-ng-emscripten-0.3.5/1';
