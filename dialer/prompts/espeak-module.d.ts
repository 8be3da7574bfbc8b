/** The part of `@echogarden/espeak-ng-emscripten` (which ships no types) that is used. */
declare module '@echogarden/espeak-ng-emscripten' {
  export interface SpeechWorker {
    /** @returns 0 if the voice is known */
    set_voice(name: string): number;
    /** Words per minute; 175 is the default. */
    set_rate(wordsPerMinute: number): void;
    /** 0 to 100; 50 is the default. */
    set_pitch(pitch: number): void;
    /** Hz. */
    get_samplerate(): number;
    /** Calls back with 16-bit samples as they are made, before it returns; an answer of `true` stops it. */
    synthesize(text: string, onAudio: (audio: Int16Array | null, events: unknown) => boolean): void;
  }
  const load: () => Promise<{ readonly eSpeakNGWorker: new () => SpeechWorker }>;
  export default load;
}
