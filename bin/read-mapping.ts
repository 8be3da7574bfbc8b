import { mappingSchema, type Mapping } from '../campaign-loader/index.ts';
import { ObzvonError } from '../core/errors.ts';
import { pathText, valueFaults } from '../core/schema-issues.ts';
import { readYamlFile } from '../core/yaml-file.ts';

/**
 * Reads a mapping file (YAML): which column is what.
 * @throws ObzvonError not_found; bad_input naming file, line, key, what was found and what was expected
 */
export async function readMapping(path: string): Promise<Mapping> {
  const file = await readYamlFile(path, 'bad_input');
  const parsed = mappingSchema.safeParse(file.value);
  if (parsed.success) return parsed.data;
  const faults = valueFaults(mappingSchema, file.value, parsed.error).map((fault) => `${path}:${file.lineOf(fault.path)}: ${pathText(fault.path)}: ${fault.text}`);
  throw new ObzvonError('bad_input', faults.slice(0, 20).join('\n'));
}
