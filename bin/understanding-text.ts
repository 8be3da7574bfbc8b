import type { FileUnderstanding, UnderstoodColumn, Understanding, WhyUnderstood } from '../campaign-loader/index.ts';

/** A column understood with less is looked at by a person before anything is loaded. */
const SURE = 0.8;

const BECAUSE: Readonly<Record<WhyUnderstood, string>> = {
  mapping_file: 'the mapping file says so', exact_name: 'its own name', synonym: 'a known name', words: 'words of the heading', looks: 'what its values look like', not_known: 'nothing known by this name',
};

export const isUnsure = ({ field, why, sureness }: UnderstoodColumn): boolean => field !== 'ignored' && field !== 'extra' && why !== 'mapping_file' && sureness < SURE;

export function unsureColumns(understanding: Understanding): readonly UnderstoodColumn[] {
  return understanding.files.flatMap((file) => file.columns.filter(isUnsure));
}

/** Files understood alike are shown once; more than so many different ones are only counted. */
const MAX_SHOWN = 3;

/**
 * What a list was taken for, for a clerk: format, each heading with what it was taken for, what is unsure marked, and the lines of a mapping file that
 * would settle it.
 * @param withRows also the first rows, partly masked: for the clerk's own terminal, never for a log
 */
export function understandingText(understanding: Understanding, withRows: boolean): string {
  const kinds = new Map<string, FileUnderstanding[]>();
  for (const file of understanding.files) {
    const key = JSON.stringify([file.format, file.encoding, file.columns]);
    kinds.set(key, [...(kinds.get(key) ?? []), file]);
  }
  const lines: string[] = [];
  for (const files of [...kinds.values()].slice(0, MAX_SHOWN)) lines.push(...fileLines(files, withRows));
  if (kinds.size > MAX_SHOWN) lines.push(`and ${kinds.size - MAX_SHOWN} more kinds of files`);
  const unsure = unsureColumns(understanding);
  if (unsure.length > 0) lines.push(...mappingLines(unsure));
  return lines.join('\n');
}

function fileLines(files: readonly FileUnderstanding[], withRows: boolean): string[] {
  const file = files[0]!;
  const about = [
    file.format.toUpperCase() + (file.compression === 'none' ? '' : ` in ${file.compression}`),
    ...(file.encoding === null ? [] : [file.encoding]),
    ...(file.delimiter === null ? [] : [`delimiter ${file.delimiter === '\t' ? 'tab' : `"${file.delimiter}"`}`]),
    ...(file.decimalMark === null ? [] : [`decimal ${file.decimalMark === ',' ? 'comma' : 'point'}`]),
    ...(file.sheet === null ? [] : [`sheet "${file.sheet}"`]),
    ...(file.headingLine === null ? [] : [`headings in line ${file.headingLine}`]),
  ];
  const lines = [`${file.name}${files.length > 1 ? ` and ${files.length - 1} more like it` : ''}: ${about.join(', ')}`];
  if (file.otherSheets.length > 0) lines.push(`  not read: ${file.otherSheets.map((sheet) => `sheet "${sheet}"`).join(', ')} (choose with --sheet)`);
  const width = Math.min(40, Math.max(7, ...file.columns.map((column) => shown(column.heading).length)));
  lines.push(`    ${'heading'.padEnd(width)}  taken for`);
  for (const column of file.columns) {
    const remark = column.remark === null ? '' : `; ${column.remark}`;
    lines.push(`  ${isUnsure(column) ? '?' : ' '} ${shown(column.heading).slice(0, width).padEnd(width)}  ${takenFor(column)}${remark}`);
  }
  if (withRows && file.firstRows.length > 0) {
    lines.push('  first rows (partly masked):');
    for (const row of file.firstRows) lines.push(`    ${String(row.line).padStart(4)}  ${row.cells.map(partlyMasked).join(' | ')}`);
  }
  return lines;
}

function takenFor(column: UnderstoodColumn): string {
  if (column.field === 'ignored') return 'left out';
  if (column.field === 'extra') return `{{fields.${column.as}}}`;
  const sure = isUnsure(column) ? `, ${Math.round(column.sureness * 100)} % sure` : '';
  return column.why === 'exact_name' ? column.field : `${column.field} (${BECAUSE[column.why]}${sure})`;
}

function mappingLines(unsure: readonly UnderstoodColumn[]): string[] {
  return [
    'Look at the lines marked with ?. If one is wrong, say what it is in a mapping file, such as map.yaml, and give it with --map map.yaml:',
    ...unsure.map((column) => `    ${column.field}: ${column.heading.trim() === '' ? column.column : JSON.stringify(column.heading.trim())}`),
  ];
}

/** A heading in one line. */
function shown(heading: string): string {
  return heading.trim() === '' ? '(none)' : heading.trim().replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ');
}

const CELL_LENGTH = 24;

/** A cell that the clerk who has the list can know again, and others cannot read: of a word its first letter, of long digits the first two and last two. */
export function partlyMasked(cell: string): string {
  const masked = cell
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .slice(0, 60)
    .replace(/\p{L}{2,}/gu, (word) => `${String.fromCodePoint(word.codePointAt(0)!)}${'*'.repeat(Math.min(5, word.length - 1))}`)
    .replace(/\d(?:[ ()-]{0,2}\d){4,}/g, (digits) => {
      const bare = digits.replace(/\D/g, '');
      return `${bare.slice(0, 2)}***${bare.slice(-2)}`;
    });
  return masked.length > CELL_LENGTH ? `${masked.slice(0, CELL_LENGTH - 1)}…` : masked;
}
