import { describe, expect, test } from 'vitest';
import { REGION_TABLE } from './region-table.ts';
import { regionNamed, regionOfAddress } from './regions.ts';

test.each([
  ['Київська обл.', 'Kyiv', 'Europe/Kyiv', 'uk'], ['киевская область', 'Kyiv', 'Europe/Kyiv', 'uk'], ['м. Київ', 'Kyiv city', 'Europe/Kyiv', 'uk'], ['Івано-Франківська', 'Ivano-Frankivsk', 'Europe/Kyiv', 'uk'],
  ['Dnipropetrovsk oblast', 'Dnipropetrovsk', 'Europe/Kyiv', 'uk'], ['АР Крим', 'Crimea', 'Europe/Simferopol', 'uk'], ['Калининградская обл', 'Kaliningrad', 'Europe/Kaliningrad', 'ru'],
  ['г. Москва', 'Moscow', 'Europe/Moscow', 'ru'], ['Московская область', 'Moscow region', 'Europe/Moscow', 'ru'], ['Удмуртская Республика', 'Udmurtia', 'Europe/Samara', 'ru'], ['Республика Саха (Якутия)', 'Sakha', 'Asia/Yakutsk', 'ru'],
  ['ХМАО', 'Khanty-Mansi', 'Asia/Yekaterinburg', 'ru'], ['Ханты-Мансийский автономный округ - Югра', 'Khanty-Mansi', 'Asia/Yekaterinburg', 'ru'], ['Алтайский край', 'Altai Krai', 'Asia/Barnaul', 'ru'], ['Республика Алтай', 'Altai Republic', 'Asia/Barnaul', 'ru'],
  ['Хабаровский край', 'Khabarovsk', 'Asia/Vladivostok', 'ru'], ['Камчатский край', 'Kamchatka', 'Asia/Kamchatka', 'ru'], ['Алматы', 'Almaty', 'Asia/Almaty', 'ru'], ['Алматинская обл.', 'Almaty region', 'Asia/Almaty', 'ru'],
  ['ЗКО', 'West Kazakhstan', 'Asia/Oral', 'ru'], ['Мангистауская область', 'Mangystau', 'Asia/Aqtau', 'ru'], ['САНКТ-ПЕТЕРБУРГ', 'Saint Petersburg', 'Europe/Moscow', 'ru'],
])('%s is %s', (text, name, timezone, language) => expect(regionNamed(text)).toMatchObject({ name, timezone, language }));

test.each(['', 'вул. Шевченка', 'Mazowieckie', '__proto__', 'область', 'х'.repeat(5000)])('%j names no region', (text) => expect(regionNamed(text)).toBeNull());

test.each([
  ['65000, Одеська обл., м. Ізмаїл, вул. Київська 5', 'Odesa'], ['630099, Новосибирская область, г Новосибирск, ул Ленина, д 1', 'Novosibirsk'], ['Приморский край, г. Находка', 'Primorsky'], ['вул. Київська, 12, Полтава', 'Poltava'],
  ['Харківська область Чугуївський район', 'Kharkiv'],
])('%s lies in %s', (address, name) => expect(regionOfAddress(address)?.name).toBe(name));

test('a street called after a town is not in it', () => {
  expect(regionOfAddress('вул. Київська 12 кв. 4')).toBeNull();
  expect(regionOfAddress('')).toBeNull();
});

describe('the table', () => {
  test('has the regions that there are', () => {
    const count = (country: 'UA' | 'RU' | 'KZ') => Object.values(REGION_TABLE[country]).join(';').split(';').length;
    // 24 oblasts, Kyiv, Crimea, Sevastopol; 83 subjects; 17 regions and 3 cities.
    expect([count('UA'), count('RU'), count('KZ')]).toEqual([27, 83, 20]);
  });

  test('has Russia’s eleven times and Kazakhstan’s one, as this runtime’s zone data tell them', () => {
    const offsets = (country: 'RU' | 'KZ') =>
      new Set(Object.keys(REGION_TABLE[country]).map((timeZone) => new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(Date.UTC(2026, 10, 25)).find((part) => part.type === 'timeZoneName')!.value));
    expect(offsets('RU').size).toBe(11);
    expect(offsets('KZ')).toEqual(new Set(['GMT+05:00']));
  });

  test('no short form stands for two regions', () => {
    const seen = new Map<string, string>();
    for (const zones of Object.values(REGION_TABLE)) {
      for (const entry of Object.values(zones).join(';').split(';')) {
        const [name, aliases] = entry.trim().split('=') as [string, string];
        for (const alias of aliases.split(' ')) {
          expect([alias, seen.get(alias) ?? name]).toEqual([alias, name]);
          seen.set(alias, name);
        }
      }
    }
  });
});
