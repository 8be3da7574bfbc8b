import { LABELS } from './labels.ts';

/** The page on which recordings are heard and labelled: one file, no build, driven by the keyboard. */
export const LABEL_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>obzvon: label recordings</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
  button { font: inherit; padding: .4rem .8rem; margin: .2rem .2rem .2rem 0; }
  button[aria-pressed=true] { outline: 3px solid #2a6; }
  #name { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
  #problem { color: #b00; min-height: 1.5em; }
  audio { width: 100%; } progress { width: 100%; }
</style></head><body>
<h1>Who answered?</h1>
<p><progress id="progress" value="0" max="1"></progress> <span id="count"></span></p>
<p id="name"></p>
<audio id="audio" controls></audio>
<p id="labels"></p>
<p>Space plays again, 1 to ${LABELS.length} label and go on, U takes the last label back, arrows go to and fro.</p>
<p id="problem" role="alert"></p>
<script>
const LABELS = ${JSON.stringify(LABELS)};
const at = (id) => document.getElementById(id);
let files = [], labels = {}, place = 0, done = [], busy = false;
const call = async (path, body) => {
  const answer = await fetch(path, body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};
const show = () => {
  const labelled = files.filter((file) => labels[file]).length;
  at('count').textContent = labelled + ' of ' + files.length;
  at('progress').max = Math.max(1, files.length);
  at('progress').value = labelled;
  const file = files[place];
  at('name').textContent = file || 'Everything is labelled.';
  for (const button of at('labels').children) button.setAttribute('aria-pressed', String(file !== undefined && labels[file] === button.dataset.label));
  document.body.dataset.file = file || '';
};
const go = (to) => {
  place = Math.max(0, Math.min(files.length, to));
  const file = files[place];
  const audio = at('audio');
  at('problem').textContent = '';
  if (file) { audio.src = 'audio?file=' + encodeURIComponent(file); audio.play().catch(() => {}); }
  else audio.removeAttribute('src');
  show();
};
const nextOpen = () => { const found = files.findIndex((file, index) => index > place && !labels[file]); return found < 0 ? files.findIndex((file) => !labels[file]) : found; };
const label = async (name) => {
  const file = files[place];
  if (!file || busy) return;
  busy = true;
  try {
    const before = labels[file] || null;
    await call('label', { file, label: name });
    labels[file] = name;
    done.push({ file, before });
    at('problem').textContent = '';
    const next = nextOpen();
    go(next < 0 ? files.length : next);
  } catch (error) { at('problem').textContent = 'Not saved: ' + error.message; }
  finally { busy = false; }
};
const undo = async () => {
  const last = done[done.length - 1];
  if (!last || busy) return;
  busy = true;
  try {
    await call('label', { file: last.file, label: last.before });
    done.pop();
    if (last.before) labels[last.file] = last.before; else delete labels[last.file];
    go(files.indexOf(last.file));
  } catch (error) { at('problem').textContent = 'Not taken back: ' + error.message; }
  finally { busy = false; }
};
const play = () => { const audio = at('audio'); audio.currentTime = 0; audio.play().catch(() => {}); };
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const number = Number(event.key);
  if (number >= 1 && number <= LABELS.length) label(LABELS[number - 1]);
  else if (event.key === ' ') play();
  else if (event.key.toLowerCase() === 'u') undo();
  else if (event.key === 'ArrowRight') go(place + 1);
  else if (event.key === 'ArrowLeft') go(place - 1);
  else return;
  event.preventDefault();
});
at('audio').addEventListener('error', async () => {
  const file = files[place];
  if (!file) return;
  const answer = await fetch('audio?file=' + encodeURIComponent(file)).catch(() => null);
  const said = answer === null ? 'the program has ended' : answer.ok ? 'the browser cannot play it' : await answer.text();
  if (files[place] === file) at('problem').textContent = 'Cannot be heard: ' + said + '. Arrow right goes on.';
});
LABELS.forEach((name, index) => {
  const button = document.createElement('button');
  button.textContent = (index + 1) + ' ' + name;
  button.dataset.label = name;
  button.onclick = () => label(name);
  at('labels').append(button);
});
call('state').then((state) => {
  files = state.files; labels = state.labels;
  const first = files.findIndex((file) => !labels[file]);
  go(first < 0 ? files.length : first);
}, (error) => { at('problem').textContent = error.message; });
</script></body></html>
`;
