/**
 * Regions of Ukraine, Russia and Kazakhstan: canonical English name, timezone, and how lists write them (Ukrainian, Russian, English, common
 * short forms), without the words for "region" themselves.
 *
 * Zones: IANA time zone database, zone1970.tab and its comments (2025b; checked 2026-11-25): Samara's zone serves Udmurtia too, Irkutsk's
 * Buryatia, Yekaterinburg's the Urals from Perm to Yamal. Sakha and Sakhalin have districts with other zones (Khandyga, Ust-Nera, Srednekolymsk):
 * the zone of the capital is given. Kazakhstan has had one time, UTC+5, since 2024-03-01 (tzdata 2024a); it keeps several zones for its past, of which
 * the region's own is given. Crimea and Sevastopol have a zone of their own there (RU,UA), three hours ahead of UTC all year.
 */
export const REGION_TABLE: Readonly<Record<'UA' | 'RU' | 'KZ', Readonly<Record<string, string>>>> = {
  UA: {
    'Europe/Kyiv': `
      Vinnytsia=вінницька винницкая вінниця винница vinnytska; Volyn=волинська волынская волинь волынь луцьк луцк volynska; Dnipropetrovsk=дніпропетровська днепропетровская дніпро днепр dnipro dnipropetrovska;
      Donetsk=донецька донецкая донецьк донецк donetska; Zhytomyr=житомирська житомирская житомир zhytomyrska; Zakarpattia=закарпатська закарпатская закарпаття закарпатье ужгород zakarpatska transcarpathia;
      Zaporizhzhia=запорізька запорожская запоріжжя запорожье zaporizka; Ivano-Frankivsk=івано-франківська ивано-франковская івано-франківськ ивано-франковск ивано-франк ivano-frankivska;
      Kyiv=київська киевская kyivska kiev; Kyiv city=київ киев kyiv; Kirovohrad=кіровоградська кировоградская кропивницький кропивницкий kirovohradska kropyvnytskyi;
      Luhansk=луганська луганская луганськ луганск luhanska; Lviv=львівська львовская львів львов lvivska; Mykolaiv=миколаївська николаевская миколаїв николаев mykolaivska; Odesa=одеська одесская одеса одесса odeska odessa;
      Poltava=полтавська полтавская полтава poltavska; Rivne=рівненська ровенская рівне ровно rivnenska; Sumy=сумська сумская суми сумы sumska; Ternopil=тернопільська тернопольская тернопіль тернополь ternopilska;
      Kharkiv=харківська харьковская харків харьков kharkivska; Kherson=херсонська херсонская херсон khersonska; Khmelnytskyi=хмельницька хмельницкая хмельницький хмельницкий khmelnytska;
      Cherkasy=черкаська черкасская черкаси черкассы cherkaska; Chernivtsi=чернівецька черновицкая чернівці черновцы chernivetska; Chernihiv=чернігівська черниговская чернігів чернигов chernihivska`,
    'Europe/Simferopol': 'Crimea=крим крым арк ар_крим симферополь сімферополь автономна_республіка_крим автономная_республика_крым; Sevastopol=севастополь',
  },
  RU: {
    'Europe/Kaliningrad': 'Kaliningrad=калининградская калінінградська калининград',
    'Europe/Moscow': `
      Adygea=адыгея адигея майкоп; Arkhangelsk=архангельская архангельська архангельск; Belgorod=белгородская бєлгородська белгород; Bryansk=брянская брянська брянск; Vladimir=владимирская володимирська;
      Vologda=вологодская вологодська вологда; Voronezh=воронежская воронезька воронеж; Dagestan=дагестан махачкала; Ivanovo=ивановская івановська иваново; Ingushetia=ингушетия інгушетія магас;
      Kabardino-Balkaria=кабардино-балкарская кабардино-балкария кбр нальчик; Kalmykia=калмыкия калмикія элиста; Kaluga=калужская калузька калуга; Karachay-Cherkessia=карачаево-черкесская карачаево-черкесия кчр черкесск;
      Karelia=карелия карелія петрозаводск; Komi=коми комі сыктывкар; Kostroma=костромская костромська кострома; Krasnodar=краснодарский краснодарський кубань краснодар; Kursk=курская курська курск;
      Leningrad=ленинградская ленінградська ленобласть; Lipetsk=липецкая липецька липецк; Mari El=марий_эл марій_ел йошкар-ола; Mordovia=мордовия мордовія саранск; Moscow=москва moscow;
      Moscow region=московская московська подмосковье; Murmansk=мурманская мурманська мурманск; Nenets=ненецкий ненецький нао нарьян-мар; Nizhny Novgorod=нижегородская нижньогородська нижний_новгород; Novgorod=новгородская новгородська великий_новгород;
      Orel=орловская орловська орел; Penza=пензенская пензенська пенза; Pskov=псковская псковська псков; Rostov=ростовская ростовська ростов-на-дону; Ryazan=рязанская рязанська рязань;
      Saint Petersburg=санкт-петербург спб питер saint_petersburg st_petersburg; North Ossetia=северная_осетия північна_осетія алания рсо-алания владикавказ северная_осетия-алания; Smolensk=смоленская смоленська смоленск;
      Stavropol=ставропольский ставропольський ставрополье ставрополь; Tambov=тамбовская тамбовська тамбов; Tatarstan=татарстан казань; Tver=тверская тверська тверь; Tula=тульская тульська тула; Chechnya=чеченская чечня грозный;
      Chuvashia=чувашская чувашия чебоксары; Yaroslavl=ярославская ярославська ярославль`,
    'Europe/Kirov': 'Kirov=кировская кіровська киров',
    'Europe/Volgograd': 'Volgograd=волгоградская волгоградська волгоград',
    'Europe/Astrakhan': 'Astrakhan=астраханская астраханська астрахань',
    'Europe/Saratov': 'Saratov=саратовская саратовська саратов',
    'Europe/Ulyanovsk': 'Ulyanovsk=ульяновская ульяновська ульяновск',
    'Europe/Samara': 'Samara=самарская самарська самара тольятти; Udmurtia=удмуртская удмуртия удмуртія ижевск',
    'Asia/Yekaterinburg': `
      Bashkortostan=башкортостан башкирия уфа; Kurgan=курганская курганська курган; Orenburg=оренбургская оренбурзька оренбург; Perm=пермский пермський прикамье пермь; Sverdlovsk=свердловская свердловська екатеринбург;
      Tyumen=тюменская тюменська тюмень; Khanty-Mansi=ханты-мансийский ханти-мансійський хмао югра хмао-югра ханты-мансийский_-_югра ханты-мансийск сургут; Chelyabinsk=челябинская челябінська челябинск; Yamal-Nenets=ямало-ненецкий янао салехард`,
    'Asia/Omsk': 'Omsk=омская омська омск',
    'Asia/Novosibirsk': 'Novosibirsk=новосибирская новосибірська новосибирск',
    'Asia/Barnaul': 'Altai Republic=алтай горно-алтайск; Altai Krai=алтайский алтайський барнаул',
    'Asia/Tomsk': 'Tomsk=томская томська томск',
    'Asia/Novokuznetsk': 'Kemerovo=кемеровская кемеровська кузбасс кемерово новокузнецк кемеровская_-_кузбасс',
    'Asia/Krasnoyarsk': 'Krasnoyarsk=красноярский красноярський красноярск; Tuva=тыва тува кызыл; Khakassia=хакасия хакасія абакан',
    'Asia/Irkutsk': 'Buryatia=бурятия бурятія улан-удэ; Irkutsk=иркутская іркутська иркутск',
    'Asia/Chita': 'Zabaykalsky=забайкальский забайкальський забайкалье чита',
    'Asia/Yakutsk': 'Amur=амурская амурська благовещенск; Sakha=саха якутия якутія саха_якутия якутск yakutia',
    'Asia/Vladivostok': 'Jewish Autonomous=еврейская єврейська еао биробиджан; Primorsky=приморский приморський приморье владивосток; Khabarovsk=хабаровский хабаровський хабаровск',
    'Asia/Magadan': 'Magadan=магаданская магаданська магадан',
    'Asia/Sakhalin': 'Sakhalin=сахалинская сахалінська сахалин южно-сахалинск',
    'Asia/Kamchatka': 'Kamchatka=камчатский камчатський камчатка петропавловск-камчатский',
    'Asia/Anadyr': 'Chukotka=чукотский чукотський чукотка анадырь',
  },
  KZ: {
    'Asia/Almaty': `
      Abai=абайская абай абайська семей; Akmola=акмолинская акмолінська ақмола кокшетау; Almaty=алматы алма-ата almaty; Almaty region=алматинская алматинська қонаев; Astana=астана нур-султан astana;
      East Kazakhstan=восточно-казахстанская східно-казахстанська вко шығыс_қазақстан усть-каменогорск; Jambyl=жамбылская жамбильська жамбыл джамбулская тараз; Jetisu=жетысуская жетісу жетысу талдыкорган;
      Karaganda=карагандинская карагандинська қарағанды караганда; North Kazakhstan=северо-казахстанская північно-казахстанська ско солтүстік_қазақстан петропавловск; Pavlodar=павлодарская павлодарська павлодар;
      Shymkent=шымкент shymkent; Turkistan=туркестанская туркестанська түркістан туркестан южно-казахстанская юко; Ulytau=улытауская ұлытау улытау жезказган`,
    'Asia/Qyzylorda': 'Kyzylorda=кызылординская кизилординська қызылорда кызылорда',
    'Asia/Qostanay': 'Kostanay=костанайская костанайська қостанай костанай',
    'Asia/Aqtobe': 'Aktobe=актюбинская актюбінська ақтөбе актобе',
    'Asia/Aqtau': 'Mangystau=мангистауская мангистауська маңғыстау актау',
    'Asia/Atyrau': 'Atyrau=атырауская атирауська атырау',
    'Asia/Oral': 'West Kazakhstan=западно-казахстанская західно-казахстанська зко батыс_қазақстан уральск орал',
  },
};
