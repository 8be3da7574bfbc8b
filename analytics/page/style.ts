/** The page's style: one column on a phone, two on a screen, black on white in print. Colours differ in lightness too, for those who do not tell them apart. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #16202e; --quiet: #5b6776; --line: #dfe4ea; --called: #1d5fd1; --held-out: #b45309; --good: #18794e; --bad: #c02626; --machine: #8a94a3; --no-answer: #c3cad3; }
@media (prefers-color-scheme: dark) { :root { --ground: #10151c; --card: #1a212b; --ink: #e8edf3; --quiet: #9ba8b7; --line: #2e3844; --called: #6ea8ff; --held-out: #f0a04b; --good: #4cc38a; --bad: #ff7b72; --machine: #7d8896; --no-answer: #46515e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 1080px; margin: 0 auto; padding: 20px 16px 40px; }
h1 { font-size: 15px; font-weight: 600; margin: 0; color: var(--quiet); }
h2 { font-size: 17px; margin: 0 0 4px; }
p { margin: 0 0 8px; }
.hint, .none, footer { color: var(--quiet); font-size: 14px; }
header { margin-bottom: 14px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; margin-bottom: 16px; min-width: 0; }
.effect { padding: 20px; }
.effect .big { font-size: clamp(22px, 4.6vw, 34px); line-height: 1.25; font-weight: 650; margin-bottom: 10px; text-wrap: balance; }
.effect .big .n { white-space: nowrap; color: var(--called); }
.effect .range { font-size: 18px; }
.chance { font-weight: 600; color: var(--held-out); }
.n { font-variant-numeric: tabular-nums; }
.grid2 { display: grid; grid-template-columns: 1fr; gap: 16px; }
.grid2 .card { margin: 0; }
.grid2 + .card, .card + .grid2, .grid2 + .grid2 { margin-top: 16px; }
@media (min-width: 800px) { .grid2 { grid-template-columns: 1fr 1fr; align-items: start; } }
.step { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 10px; align-items: baseline; padding: 5px 0; }
.step .count { font-weight: 600; text-align: right; }
.step .of { grid-column: 1 / -1; color: var(--quiet); font-size: 13px; }
.bar { grid-column: 1 / -1; height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--called); border-radius: 4px; }
.side .bar i { background: var(--no-answer); }
.side { padding-left: 16px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { text-align: right; font-weight: 500; color: var(--quiet); vertical-align: bottom; padding: 4px 0 4px 10px; }
td { text-align: right; padding: 5px 0 5px 10px; border-top: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; padding-left: 0; overflow-wrap: break-word; }
.wide td:first-child { white-space: nowrap; }
@media screen and (max-width: 500px) {
  .wide tr { display: block; border-top: 1px solid var(--line); padding: 6px 0; } .wide tr:first-child { display: none; }
  .wide td { display: flex; justify-content: space-between; gap: 12px; border: 0; padding: 2px 0; } .wide td:empty { display: none; }
  .wide td:first-child { font-weight: 600; white-space: normal; } .wide td:not(:first-child)::before { content: attr(data-column); color: var(--quiet); text-align: left; }
}
svg { display: block; width: 100%; height: auto; font-size: 12px; }
.tick { fill: var(--quiet); }
.grid { stroke: var(--line); }
.curve .middle { fill: none; stroke-width: 2.2; }
.curve .band { opacity: .16; }
.called .middle { stroke: var(--called); } .called .band, .called circle { fill: var(--called); }
.held-out .middle { stroke: var(--held-out); stroke-dasharray: 5 3; } .held-out .band, .held-out circle { fill: var(--held-out); }
.cell { fill: var(--called); } .cell.few { fill: var(--machine); fill-opacity: .12; }
.kind.human { fill: var(--called); } .kind.machine { fill: var(--machine); } .kind.noAnswer { fill: var(--no-answer); } .kind.failed { fill: var(--held-out); }
.on { fill: #fff; font-size: 11px; } .on.noAnswer { fill: var(--ink); }
@media (prefers-color-scheme: dark) { .on { fill: #10151c; } }
.keys { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 14px; margin: 4px 0 8px; }
.key::before { content: ""; display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; background: var(--called); }
.key.held-out::before, .key.failed::before { background: var(--held-out); } .key.machine::before { background: var(--machine); } .key.noAnswer::before { background: var(--no-answer); }
ul.checks { list-style: none; margin: 6px 0 0; padding: 0; }
ul.checks li { display: flex; gap: 10px; align-items: baseline; padding: 5px 0; border-top: 1px solid var(--line); font-size: 15px; }
.badge { flex: none; font-size: 12px; font-weight: 600; border: 1px solid currentColor; border-radius: 6px; padding: 0 6px; }
.badge.ok { color: var(--good); } .badge.attention { color: var(--bad); }
.falling { color: var(--bad); font-weight: 600; }
@media print {
  :root { --ground: #fff; --card: #fff; --ink: #000; --quiet: #444; --line: #bbb; --called: #1d5fd1; --held-out: #b45309; --good: #18794e; --bad: #c02626; --machine: #8a94a3; --no-answer: #c3cad3; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 11pt; } main { padding: 0; max-width: none; } .card { break-inside: avoid; } .on { fill: #fff; } .on.noAnswer { fill: #000; }
  .grid2 { grid-template-columns: 1fr 1fr; } #paid, #trunks { grid-column: 1 / -1; }
  table { font-size: 8.5pt; } th, td { padding-left: 5px; } th { font-size: 8pt; }
  @page { size: A4; margin: 14mm; }
}`;
