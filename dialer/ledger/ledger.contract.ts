import { describe } from 'vitest';
import { claimsContract } from './claims.contract.ts';
import { forgetContract } from './forget.contract.ts';
import { LedgerFixture, type LedgerUnderTest } from './fixture.contract.ts';
import { loadsContract } from './loads.contract.ts';
import { rebuildContract } from './rebuild.contract.ts';
import { repeatsContract } from './repeats.contract.ts';
import { startsContract } from './starts.contract.ts';
import { stopsContract } from './stops.contract.ts';

export type { LedgerUnderTest } from './fixture.contract.ts';
export { ledgerLossContract } from './loss.contract.ts';

/** What every ledger must do, whatever holds its data. */
export function ledgerContract(name: string, setUp: () => Promise<LedgerUnderTest>): void {
  describe(`ledger: ${name}`, () => {
    const given = new LedgerFixture(setUp);
    claimsContract(given);
    stopsContract(given);
    loadsContract(given);
    repeatsContract(given);
    startsContract(given);
    rebuildContract(given);
    forgetContract(given);
  });
}
