/**
 * Timezones by phone. Country zones: the IANA time zone database's zone.tab, countries with one zone, and those whose other
 * zones cover no separate area codes (noted below). North American area codes: those that lie in one zone by
 * libphonenumber's resources/timezones/map_data.txt. Russian area codes: the zone of the region's capital, by the national
 * numbering plan (ABC codes) and the same database.
 *
 * Checked on 2026-11-25 against the timezone metadata of libphonenumber 9.0.43 (every code and every one-zone country, by its offset in January and
 * July 2026): the two agree but for Kaliningrad (401) and Saratov (845), for Algeria, Libya, Nicaragua and South Sudan. There the metadata are older than
 * the IANA database, which is followed: Kaliningrad UTC+2 all year, Saratov UTC+4 since December 2016, Nicaragua and Algeria without summer time,
 * Juba UTC+2 since February 2021.
 */
import type { ParsedPhone } from './e164.ts';

const SINGLE_ZONE_COUNTRIES = `
  AD:Europe/Andorra AE:Asia/Dubai AF:Asia/Kabul AG:America/Antigua AI:America/Anguilla AL:Europe/Tirane AM:Asia/Yerevan AO:Africa/Luanda
  AS:Pacific/Pago_Pago AT:Europe/Vienna AW:America/Aruba AX:Europe/Mariehamn AZ:Asia/Baku BA:Europe/Sarajevo BB:America/Barbados BD:Asia/Dhaka
  BE:Europe/Brussels BF:Africa/Ouagadougou BG:Europe/Sofia BH:Asia/Bahrain BI:Africa/Bujumbura BJ:Africa/Porto-Novo BL:America/St_Barthelemy
  BM:Atlantic/Bermuda BN:Asia/Brunei BO:America/La_Paz BQ:America/Kralendijk BS:America/Nassau BT:Asia/Thimphu BW:Africa/Gaborone
  BY:Europe/Minsk BZ:America/Belize CC:Indian/Cocos CF:Africa/Bangui CG:Africa/Brazzaville CH:Europe/Zurich CI:Africa/Abidjan
  CK:Pacific/Rarotonga CM:Africa/Douala CO:America/Bogota CR:America/Costa_Rica CU:America/Havana CV:Atlantic/Cape_Verde CW:America/Curacao
  CX:Indian/Christmas CZ:Europe/Prague DJ:Africa/Djibouti DK:Europe/Copenhagen DM:America/Dominica DO:America/Santo_Domingo DZ:Africa/Algiers
  EE:Europe/Tallinn EG:Africa/Cairo EH:Africa/El_Aaiun ER:Africa/Asmara ET:Africa/Addis_Ababa FI:Europe/Helsinki FJ:Pacific/Fiji
  FK:Atlantic/Stanley FO:Atlantic/Faroe FR:Europe/Paris GA:Africa/Libreville GB:Europe/London GD:America/Grenada GE:Asia/Tbilisi
  GF:America/Cayenne GG:Europe/Guernsey GH:Africa/Accra GI:Europe/Gibraltar GM:Africa/Banjul GN:Africa/Conakry GP:America/Guadeloupe
  GQ:Africa/Malabo GR:Europe/Athens GS:Atlantic/South_Georgia GT:America/Guatemala GU:Pacific/Guam GW:Africa/Bissau GY:America/Guyana
  HK:Asia/Hong_Kong HN:America/Tegucigalpa HR:Europe/Zagreb HT:America/Port-au-Prince HU:Europe/Budapest IE:Europe/Dublin IL:Asia/Jerusalem
  IM:Europe/Isle_of_Man IN:Asia/Kolkata IO:Indian/Chagos IQ:Asia/Baghdad IR:Asia/Tehran IS:Atlantic/Reykjavik IT:Europe/Rome JE:Europe/Jersey
  JM:America/Jamaica JO:Asia/Amman JP:Asia/Tokyo KE:Africa/Nairobi KG:Asia/Bishkek KH:Asia/Phnom_Penh KM:Indian/Comoro KN:America/St_Kitts
  KP:Asia/Pyongyang KR:Asia/Seoul KW:Asia/Kuwait KY:America/Cayman LA:Asia/Vientiane LB:Asia/Beirut LC:America/St_Lucia LI:Europe/Vaduz
  LK:Asia/Colombo LR:Africa/Monrovia LS:Africa/Maseru LT:Europe/Vilnius LU:Europe/Luxembourg LV:Europe/Riga LY:Africa/Tripoli
  MA:Africa/Casablanca MC:Europe/Monaco MD:Europe/Chisinau ME:Europe/Podgorica MF:America/Marigot MG:Indian/Antananarivo MK:Europe/Skopje
  ML:Africa/Bamako MM:Asia/Yangon MO:Asia/Macau MP:Pacific/Saipan MQ:America/Martinique MR:Africa/Nouakchott MS:America/Montserrat
  MT:Europe/Malta MU:Indian/Mauritius MV:Indian/Maldives MW:Africa/Blantyre MZ:Africa/Maputo NA:Africa/Windhoek NC:Pacific/Noumea
  NE:Africa/Niamey NF:Pacific/Norfolk NG:Africa/Lagos NI:America/Managua NL:Europe/Amsterdam NO:Europe/Oslo NP:Asia/Kathmandu NR:Pacific/Nauru
  NU:Pacific/Niue OM:Asia/Muscat PA:America/Panama PE:America/Lima PH:Asia/Manila PK:Asia/Karachi PL:Europe/Warsaw PM:America/Miquelon
  PN:Pacific/Pitcairn PR:America/Puerto_Rico PW:Pacific/Palau PY:America/Asuncion QA:Asia/Qatar RE:Indian/Reunion RO:Europe/Bucharest
  RS:Europe/Belgrade RW:Africa/Kigali SA:Asia/Riyadh SB:Pacific/Guadalcanal SC:Indian/Mahe SD:Africa/Khartoum SE:Europe/Stockholm
  SG:Asia/Singapore SH:Atlantic/St_Helena SI:Europe/Ljubljana SJ:Arctic/Longyearbyen SK:Europe/Bratislava SL:Africa/Freetown
  SM:Europe/San_Marino SN:Africa/Dakar SO:Africa/Mogadishu SR:America/Paramaribo SS:Africa/Juba ST:Africa/Sao_Tome SV:America/El_Salvador
  SX:America/Lower_Princes SY:Asia/Damascus SZ:Africa/Mbabane TC:America/Grand_Turk TD:Africa/Ndjamena TF:Indian/Kerguelen TG:Africa/Lome
  TH:Asia/Bangkok TJ:Asia/Dushanbe TK:Pacific/Fakaofo TL:Asia/Dili TM:Asia/Ashgabat TN:Africa/Tunis TO:Pacific/Tongatapu TR:Europe/Istanbul
  TT:America/Port_of_Spain TV:Pacific/Funafuti TW:Asia/Taipei TZ:Africa/Dar_es_Salaam UG:Africa/Kampala UY:America/Montevideo
  VA:Europe/Vatican VC:America/St_Vincent VE:America/Caracas VG:America/Tortola VI:America/St_Thomas VN:Asia/Ho_Chi_Minh VU:Pacific/Efate
  WF:Pacific/Wallis WS:Pacific/Apia YE:Asia/Aden YT:Indian/Mayotte ZA:Africa/Johannesburg ZM:Africa/Lusaka ZW:Africa/Harare
`;

/** More than one zone in zone.tab, but one for telephony: Büsingen and Simferopol keep no code of their own here; Kazakhstan has had one time since 2024-03-01. */
const MAIN_ZONES: Readonly<Record<string, string>> = {
  UA: 'Europe/Kyiv', DE: 'Europe/Berlin', KZ: 'Asia/Almaty', UZ: 'Asia/Tashkent', CN: 'Asia/Shanghai', CY: 'Asia/Nicosia', ES: 'Europe/Madrid', PT: 'Europe/Lisbon',
};

const ISLAND_CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ES: { 'Atlantic/Canary': '822 828 922 928' },
  PT: { 'Atlantic/Madeira': '291', 'Atlantic/Azores': '292 295 296' },
};

const RUSSIAN_CODES: Readonly<Record<string, string>> = {
  'Europe/Kaliningrad': '401',
  'Europe/Moscow':
    '471 472 473 474 475 481 482 483 484 485 486 487 491 492 493 494 495 496 498 499 811 812 813 814 815 816 817 818 820 821 831 834 835 836 ' +
    '841 843 847 855 861 862 863 865 866 867 869 871 872 873 877 878 879',
  'Europe/Simferopol': '365',
  'Europe/Kirov': '833',
  'Europe/Volgograd': '844',
  'Europe/Astrakhan': '851',
  'Europe/Saratov': '845',
  'Europe/Ulyanovsk': '842',
  'Europe/Samara': '341 846 848',
  'Asia/Yekaterinburg': '342 343 345 346 347 349 351 352 353',
  'Asia/Omsk': '381',
  'Asia/Tomsk': '382',
  'Asia/Novosibirsk': '383',
  'Asia/Novokuznetsk': '384',
  'Asia/Barnaul': '385 388',
  'Asia/Krasnoyarsk': '390 391 394',
  'Asia/Irkutsk': '301 395',
  'Asia/Chita': '302',
  'Asia/Yakutsk': '411 416',
  'Asia/Vladivostok': '421 423 426',
  'Asia/Magadan': '413',
  'Asia/Sakhalin': '424',
  'Asia/Kamchatka': '415',
  'Asia/Anadyr': '427',
};

const NORTH_AMERICAN_CODES: Readonly<Record<string, string>> = {
  'America/Anguilla': '264',
  'America/Antigua': '268',
  'America/Barbados': '246',
  'America/Cayman': '345',
  'America/Chicago': 
    '205 210 214 217 218 224 225 228 235 251 254 256 262 274 281 309 312 314 316 318 319 320 325 327 331 334 337 346 353 ' +
    '361 402 405 409 414 417 430 432 447 464 469 479 501 504 507 512 515 531 534 539 557 563 572 573 580 601 608 612 615 ' +
    '618 629 630 636 641 651 659 660 662 682 689 708 712 713 715 726 730 731 737 763 769 773 779 806 815 816 817 830 832 ' +
    '847 870 872 901 903 913 918 920 931 936 938 940 945 952 956 972 975 979 985',
  'America/Denver': '303 307 385 406 435 505 575 719 720 748 801 915 970 983',
  'America/Dominica': '767',
  'America/Edmonton': '368 403 587 780 825',
  'America/Grand_Turk': '649',
  'America/Grenada': '473',
  'America/Halifax': '428 506 782 902',
  'America/Jamaica': '658 876',
  'America/Los_Angeles': 
    '206 209 213 253 279 323 341 350 360 369 408 415 424 425 442 458 503 509 510 530 559 562 564 619 626 628 650 657 661 ' +
    '669 702 707 714 725 738 747 760 805 818 820 831 840 858 909 916 925 949 951 971',
  'America/Lower_Princes': '721',
  'America/Montserrat': '664',
  'America/Nassau': '242',
  'America/New_York': 
    '201 202 203 207 212 215 216 220 223 227 229 231 234 239 240 248 252 260 267 269 272 276 283 301 302 304 305 313 315 ' +
    '317 321 324 326 329 330 332 336 339 347 351 352 363 364 380 386 401 404 407 410 412 413 419 434 440 443 445 448 463 ' +
    '470 472 475 478 484 502 508 513 516 517 518 540 551 561 567 570 571 582 585 586 603 607 609 610 614 616 617 631 640 ' +
    '645 646 656 667 678 680 681 686 703 704 706 716 717 718 724 727 728 732 734 740 743 754 757 762 765 770 771 772 774 ' +
    '781 786 802 803 804 810 813 814 821 826 828 835 838 839 843 845 848 854 856 857 859 860 862 863 864 865 878 904 908 ' +
    '910 912 914 917 919 929 930 934 937 941 943 947 948 954 959 973 978 980 984 989',
  'America/Phoenix': '480 520 602 623',
  'America/Port_of_Spain': '868',
  'America/Puerto_Rico': '787 939',
  'America/Regina': '306 639',
  'America/Santo_Domingo': '809 829 849',
  'America/St_Kitts': '869',
  'America/St_Lucia': '758',
  'America/St_Thomas': '340',
  'America/St_Vincent': '784',
  'America/Toronto': '226 249 263 289 343 354 365 367 382 416 437 438 450 468 514 519 548 579 581 613 647 683 705 742 753 819 873 905 942',
  'America/Tortola': '284',
  'America/Vancouver': '236 257 604 672 778',
  'America/Winnipeg': '204 431 474 584',
  'Atlantic/Bermuda': '441',
  'Pacific/Guam': '671',
  'Pacific/Honolulu': '808',
  'Pacific/Pago_Pago': '684',
  'Pacific/Saipan': '670',
};

function byCode(prefix: string, table: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(table).flatMap(([zone, codes]) => codes.split(' ').map((code): [string, string] => [prefix + code, zone]));
}

const countryZones = new Map<string, string>([
  ...SINGLE_ZONE_COUNTRIES.trim().split(/\s+/).map((entry): [string, string] => [entry.slice(0, 2), entry.slice(3)]),
  ...Object.entries(MAIN_ZONES),
]);
/** Calling code and area code, such as `7383`, `1212`, `34928`. */
const codeZones = new Map<string, string>([
  ...byCode('7', RUSSIAN_CODES),
  ...byCode('1', NORTH_AMERICAN_CODES),
  ...byCode('34', ISLAND_CODES.ES!),
  ...byCode('351', ISLAND_CODES.PT!),
]);

/**
 * The IANA timezone in which a phone most likely rings, null if its country has several and the number does not say which
 * (Russian mobiles, North American freephones).
 */
export function timezoneOfPhone(phone: ParsedPhone): string | null {
  const { e164, country } = phone;
  if (country === null) return null;
  if (country === 'ES' || country === 'PT') {
    const codeLength = country === 'ES' ? 5 : 6;
    return codeZones.get(e164.slice(1, 1 + codeLength)) ?? countryZones.get(country)!;
  }
  return countryZones.get(country) ?? codeZones.get(e164.slice(1, 5)) ?? null;
}
