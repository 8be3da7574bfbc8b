import { z } from 'zod';
import { LIST_FIELDS } from './fields.ts';

const place = z.union([z.string().trim().min(1).max(200), z.int().min(1).max(16_384)]);
const oneOrMore = z.union([place, z.array(place).min(1)]);

/**
 * A mapping file: which column is what. A column is named by its heading or by its number from 1.
 *
 *     account_id: Лицевой счёт
 *     name: [Имя, Отчество]        # joined by a space in this order
 *     phones: [Тел. моб., 7]       # tried in this order
 *     debt: Долг на конец
 *     ignore: [Примечание]
 *     headings: none               # the list begins with its first row; or the line of the headings
 *
 * Columns it does not name are understood by their headings.
 */
export const mappingSchema = z.strictObject({
  ...(Object.fromEntries(LIST_FIELDS.map((field) => [field, oneOrMore.optional()])) as Record<(typeof LIST_FIELDS)[number], z.ZodOptional<typeof oneOrMore>>),
  ignore: oneOrMore.optional(),
  headings: z.union([z.literal('none'), z.int().min(1).max(1000)], 'expected "none" or the number of the line with the headings').optional(),
});
export type Mapping = z.infer<typeof mappingSchema>;
