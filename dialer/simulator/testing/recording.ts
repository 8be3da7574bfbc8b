import { readFileSync } from 'node:fs';

/** One step of a recorded conversation. `connection`: `drachtio`, `esl-in` or `esl-out`. */
export type Step =
  | { readonly from: 'client' | 'server'; readonly connection: string; readonly text: string }
  | { readonly from: 'app'; readonly text: string };

const MARK = /^(?:>>> (client)|<<< (server))(?: \[([a-z-]+) #\d+\])? .*\n|^--- app: (.*)\n|^=== .*\n/gm;

/** Reads a recording: blocks under `>>> client` and `<<< server`, remarks of the application under `--- app`. */
export function readRecording(url: URL): Step[] {
  const file = readFileSync(url, 'utf8');
  const marks = [...file.matchAll(MARK)];
  const steps: Step[] = [];
  for (const [index, mark] of marks.entries()) {
    if (mark[4] !== undefined) steps.push({ from: 'app', text: mark[4].replace(/ \(?\+\d+ms\)?$/, '') });
    if (mark[1] === undefined && mark[2] === undefined) continue;
    const text = file.slice(mark.index + mark[0].length, marks[index + 1]?.index ?? file.length);
    steps.push({ from: mark[1] === undefined ? 'server' : 'client', connection: mark[3] ?? 'drachtio', text });
  }
  return steps;
}

/** The drachtio messages of a block: `<len>#` and as many bytes. */
export function drachtioMessages(block: string): string[] {
  const bytes = Buffer.from(block);
  const messages: string[] = [];
  for (let at = 0; ; ) {
    const hash = bytes.indexOf('#', at);
    if (hash < 0) return messages;
    const end = hash + 1 + Number.parseInt(bytes.toString('latin1', at, hash).trim(), 10);
    messages.push(bytes.toString('utf8', hash + 1, end));
    at = end;
  }
}

/** The commands of a client's event-socket text, however its writes were split. */
export function eslCommands(text: string): string[] {
  const commands: string[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (/^(connect|event|filter|api|bgapi|sendmsg|auth|exit)\b/.test(line)) commands.push(line);
    else commands.push(`${commands.pop() ?? ''}\n${line}`);
  }
  return commands;
}

/**
 * The messages of recorded event-socket text. Host names were changed in the recordings, so their lengths do not hold:
 * a message begins at its Content- headers (or with the block that answers `connect`).
 */
export function eslMessages(text: string): string[] {
  const starts = [...text.matchAll(/Event-Name: CHANNEL_DATA\n[^]*?Control: full\n|Content-Length: \d+\nContent-Type: |Content-Type: /g)];
  const messages: string[] = [];
  for (const [index, start] of starts.entries()) {
    const piece = text.slice(start.index, starts[index + 1]?.index ?? text.length);
    messages.push(piece.replace(/\n+$/, '\n'));
  }
  return messages;
}
