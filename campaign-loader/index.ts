export { groupOf } from './hold-out.ts';
export { knownContacts } from './known-contacts.ts';
export type { KnownContacts } from './known-contacts.ts';
export type { ListFormat, ListSource } from './list-source.ts';
export { loadList, refusedPathOf, remarksPathOf, validateList } from './load.ts';
export type { LoadOptions } from './load.ts';
export type { LoadProgress, LoadReport, RefusalCount, RefusalExample } from './load-report.ts';
export { parsePhone } from './phone/e164.ts';
export type { ParsedPhone } from './phone/e164.ts';
