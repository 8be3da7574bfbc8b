import { existsSync, readFileSync } from 'node:fs';
import { treeModelSchema, TreeModel } from './tree-model.ts';

let loaded: TreeModel | null | undefined;

/** The model that ships with obzvon, read once a process; null if there is none (then timing alone decides). */
export function shippedModel(): TreeModel | null {
  if (loaded === undefined) {
    const url = new URL('../model/human-or-machine.json', import.meta.url);
    loaded = existsSync(url) ? new TreeModel(treeModelSchema.parse(JSON.parse(readFileSync(url, 'utf8')))) : null;
  }
  return loaded;
}
