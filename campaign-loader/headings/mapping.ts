import { z } from 'zod';
import { ObzvonError } from '../../core/errors.ts';
import { pathText, valueFaults } from '../../core/schema-issues.ts';
import { readYamlFile } from '../../core/yaml-file.ts';
import type { ListField } from './fields.ts';

const place = z.union([z.string().trim().min(1).max(200), z.int().min(1).max(16_384)]);
const places = z.union([place, z.array(place).min(1).max(50)]);

const mappingSchema = z.strictObject({
  account_id: place.optional(),
  name: places.optional(),
  first_name: place.optional(),
  last_name: place.optional(),
  patronymic: place.optional(),
  phones: places.optional(),
  debt: place.optional(),
  currency: place.optional(),
  due_date: place.optional(),
  debt_since: place.optional(),
  language: place.optional(),
  timezone: place.optional(),
  region: place.optional(),
  address: places.optional(),
  priority: place.optional(),
  disputed: place.optional(),
  birth_date: place.optional(),
  minor: place.optional(),
  paid: place.optional(),
  ignore: places.optional(),
  headings: z.union([z.literal('none'), z.int().min(1).max(1000)]).optional(),
} satisfies Record<ListField | 'ignore' | 'headings', z.ZodType>);

/** Which column is what, as a mapping file says it. */
export interface Mapping {
  /** Names it in errors. */
  readonly path: string;
  /** In the order of the file; several places for one field in the order they are to be taken in. */
  readonly columns: readonly { readonly field: ListField | 'ignored'; readonly place: string | number; readonly line: number }[];
  /** The physical line of the headings; `none`: the list begins with its first row, columns are named by number. Null: found out. */
  readonly headings: number | 'none' | null;
}

/**
 * Reads a mapping file (YAML): which column is what. A column is named by its heading or by its number from 1:
 *
 *     account_id: Лицевой счёт
 *     name: [Имя, Отчество]        # joined by a space in this order
 *     phones: [Тел. моб., 7]       # tried in this order
 *     debt: Долг на конец
 *     ignore: [Примечание]         # not kept at all
 *     headings: 4                  # the line of the headings; none: the list has no headings
 *
 * Columns it does not name are understood by their headings.
 * @throws ObzvonError not_found, bad_input (each fault with its line)
 */
export async function readMapping(path: string): Promise<Mapping> {
  const file = await readYamlFile(path, 'bad_input');
  const parsed = mappingSchema.safeParse(file.value ?? {});
  if (!parsed.success) {
    const faults = valueFaults(mappingSchema, file.value, parsed.error).map(({ path: at, text }) => `${path}:${file.lineOf(at)}: ${at.length > 0 ? `${pathText(at)}: ` : ''}${text}`);
    throw new ObzvonError('bad_input', faults.join('\n'));
  }
  const { ignore, headings, ...fields } = parsed.data;
  const columns = [...Object.entries(fields), ['ignore', ignore] as const].flatMap(([key, value]) =>
    (value === undefined ? [] : Array.isArray(value) ? value : [value]).map((column, index) => ({
      field: key === 'ignore' ? ('ignored' as const) : (key as ListField),
      place: column,
      line: file.lineOf(Array.isArray(value) ? [key, index] : [key]),
    })),
  );
  return { path, columns, headings: headings ?? null };
}
