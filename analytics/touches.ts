import type { Analytics } from './client.ts';

/** Stores what other channels sent to accounts; the same again changes nothing. @param toldAtMs when it was imported */
export async function addTouches(analytics: Analytics, touches: readonly { readonly accountId: string; readonly channel: string; readonly atMs: number }[], toldAtMs: number): Promise<void> {
  await analytics.insert('touches', ['account_id', 'channel', 'at', 'told_at'], touches.map((touch) => [touch.accountId, touch.channel, touch.atMs, toldAtMs]));
}
