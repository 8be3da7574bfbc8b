import type { BegunAttempt, Claim, Ledger } from '../port.ts';
import { BATCH } from './batches.ts';
import type { Reply } from './connection.ts';
import { list, num, readFacts, text } from './encoding.ts';
import { Gather } from './gather.ts';

export type ClaimRequest = Parameters<Ledger['claim']>[0];

/** The claims of one turn of the event loop, sent together. */
export class Claims {
  readonly #run: (args: readonly (string | number)[]) => Promise<Reply>;
  readonly #gathered: Gather<ClaimRequest, readonly Claim[]>;

  /** @param run runs claim.lua with these arguments behind the epoch */
  constructor(run: (args: readonly (string | number)[]) => Promise<Reply>) {
    this.#run = run;
    this.#gathered = new Gather((requests) => this.#claimAll(requests));
  }

  claim(request: ClaimRequest): Promise<readonly Claim[]> {
    return this.#gathered.add(request);
  }

  /** Claims of one dialer at one time are one: what it gives is dealt out in the order of asking. */
  async #claimAll(requests: readonly ClaimRequest[]): Promise<readonly (readonly Claim[])[]> {
    const groups = new Map<string, { readonly request: ClaimRequest; readonly places: number[]; limit: number }>();
    requests.forEach((request, place) => {
      const { campaignId, dialerId, nowMs, leaseMs, limit } = request;
      const key = JSON.stringify([campaignId, dialerId, nowMs, leaseMs]);
      const group = groups.get(key) ?? { request, places: [], limit: 0 };
      group.places.push(place);
      group.limit += limit;
      groups.set(key, group);
    });
    const dealt: (readonly Claim[])[] = requests.map(() => []);
    await Promise.all(
      [...groups.values()].map(async ({ request, places, limit }) => {
        const claims = await this.#claimBatches({ ...request, limit });
        for (let index = 0, from = 0; index < places.length; index++) {
          const place = places[index]!;
          dealt[place] = claims.slice(from, (from += requests[place]!.limit));
        }
      }),
    );
    return dealt;
  }

  async #claimBatches({ campaignId, dialerId, limit, nowMs, leaseMs }: ClaimRequest): Promise<Claim[]> {
    const claims: Claim[] = [];
    for (let left = limit; left > 0; ) {
      const asked = Math.min(left, BATCH);
      const given = list(await this.#run([campaignId, dialerId, asked, nowMs, nowMs + leaseMs]));
      for (const entry of given) {
        const [token, begun, facts] = list(entry);
        const known = readFacts(facts);
        const orphan = text(begun);
        claims.push({ lease: { contactId: known.contact.contactId, campaignId, dialerId, token: num(token) }, facts: known, orphan: orphan === '' ? null : (JSON.parse(orphan) as BegunAttempt) });
      }
      left = given.length < asked ? 0 : left - asked;
    }
    return claims;
  }
}
