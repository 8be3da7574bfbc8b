import { expect, test } from 'vitest';
import type { CallSteps } from './steps.ts';
import { voicesHeard } from './train.ts';

const call = (voice: string): Pick<CallSteps, 'call'> => ({ call: { voice } as CallSteps['call'] });

test('the model has heard the voices of the calls in the cache too; a call of nobody has none', () => {
  expect(voicesHeard([{ voice: 'b' }, { voice: 'a' }, { voice: 'b' }], [call('c'), call(''), call('a')])).toEqual(['a', 'b', 'c']);
});
