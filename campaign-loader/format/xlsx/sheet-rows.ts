import { MAX_ROW_CHARACTERS } from '../raw-row.ts';
import type { CellFault, RawRow } from '../raw-row.ts';
import { PLAIN, columnOf, numberText, unescaped } from './cell-text.ts';
import type { NumberStyle } from './cell-text.ts';
import type { SharedStrings } from './shared-strings.ts';
import { readXml } from './xml.ts';
import type { XmlTaker } from './xml.ts';

export interface SheetContext {
  readonly strings: SharedStrings;
  readonly styles: readonly NumberStyle[];
  readonly date1904: boolean;
}

/** The rows of a sheet (ECMA-376 part 1, 18.3.1.73), in batches as its XML comes. Cells are texts; empty ones at the end are left out. */
export async function* sheetRows(bytes: AsyncIterable<Buffer>, name: string, context: SheetContext): AsyncGenerator<readonly RawRow[]> {
  const taker = new SheetTaker(context);
  const reading = readXml(bytes, name, taker);
  while ((await reading.next()).done !== true) {
    const rows = taker.take();
    if (rows.length > 0) yield rows;
  }
  yield taker.take();
}

class SheetTaker implements XmlTaker {
  readonly #context: SheetContext;
  #rows: RawRow[] = [];
  #line = 0;
  #cells: string[] = [];
  #faults: CellFault[] = [];
  #characters = 0;
  /** The cell being read. */
  #column = -1;
  #type = 'n';
  #style: NumberStyle = PLAIN;
  #hasFormula = false;
  #hasValue = false;
  #value = '';
  /** Whether text is now of a value; that of formulas and phonetic runs is not. */
  #within: 'nothing' | 'value' = 'nothing';
  #phonetic = false;

  constructor(context: SheetContext) {
    this.#context = context;
  }

  take(): RawRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case 'row': {
        const given = Number(attributes['r']);
        this.#line = Number.isInteger(given) && given > this.#line ? given : this.#line + 1;
        this.#cells = [];
        this.#faults = [];
        this.#characters = 0;
        this.#column = -1;
        break;
      }
      case 'c':
        this.#column = columnOf(attributes['r'] ?? '') ?? this.#column + 1;
        this.#type = attributes['t'] ?? 'n';
        this.#style = this.#context.styles[Number(attributes['s'] ?? 0)] ?? PLAIN;
        this.#hasFormula = false;
        this.#hasValue = false;
        this.#value = '';
        break;
      case 'f':
        this.#hasFormula = true;
        break;
      case 'v':
      case 't':
        this.#within = this.#phonetic ? 'nothing' : 'value';
        this.#hasValue = true;
        break;
      case 'rPh':
        this.#phonetic = true;
        break;
      default:
    }
  }

  text(text: string): void {
    if (this.#within === 'value' && this.#value.length <= MAX_ROW_CHARACTERS) this.#value += text;
  }

  close(name: string): void {
    switch (name) {
      case 'v':
      case 't':
        this.#within = 'nothing';
        break;
      case 'rPh':
        this.#phonetic = false;
        break;
      case 'c':
        this.#closeCell();
        break;
      case 'row':
        if (this.#characters > MAX_ROW_CHARACTERS) this.#rows.push({ kind: 'broken', line: this.#line, code: 'row_too_long', found: this.#cells.join(' ').slice(0, 200), expected: `a row of at most ${MAX_ROW_CHARACTERS} characters` });
        else if (this.#cells.length > 0) this.#rows.push({ kind: 'cells', line: this.#line, cells: this.#cells, ...(this.#faults.length > 0 ? { faults: this.#faults } : {}) });
        break;
      default:
    }
  }

  #closeCell(): void {
    const text = this.#cellText();
    if (text === '' || this.#characters > MAX_ROW_CHARACTERS) return;
    this.#characters += text.length + 1;
    while (this.#cells.length < this.#column) this.#cells.push('');
    this.#cells[this.#column] = text;
  }

  #cellText(): string {
    const { strings, date1904 } = this.#context;
    if (!this.#hasValue) {
      if (!this.#hasFormula) return '';
      return this.#fault('formula_without_value', 'a formula');
    }
    switch (this.#type) {
      case 's':
        return strings.get(Number(this.#value)) ?? this.#fault('formula_error', `shared text ${this.#value}, which is not there`);
      case 'str':
      case 'inlineStr':
        return unescaped(this.#value);
      case 'b':
        return this.#value === '1' ? 'true' : 'false';
      case 'e':
        return this.#fault('formula_error', this.#value);
      case 'd':
        return this.#value;
      default:
        return numberText(this.#value, this.#style, date1904);
    }
  }

  #fault(code: CellFault['code'], found: string): string {
    this.#faults.push({ column: this.#column, code, found });
    return found;
  }
}
