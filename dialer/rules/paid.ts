/**
 * Whether what was paid since the load ends the calls: the share `stopAtPaidShare` of the debt, or with 0 any money.
 * A payment taken back no longer counts.
 * @param facts sums in minor units
 */
export function isPaid(facts: { readonly hasPayment: boolean; readonly paidMinor: number; readonly debtMinor: number }, stopAtPaidShare: number): boolean {
  if (!facts.hasPayment || facts.paidMinor <= 0) return false;
  return facts.paidMinor >= facts.debtMinor * stopAtPaidShare;
}
