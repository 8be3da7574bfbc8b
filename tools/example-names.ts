import type { Language } from '../core/contact.ts';

/** Common given and family names; a family name that differs by gender is written `masculine/feminine`. */
interface Names {
  readonly men: readonly string[];
  readonly women: readonly string[];
  readonly families: readonly string[];
  /** Fathers' names as patronymics, `masculine/feminine`; empty where there are none. */
  readonly patronymics: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);

export const NAMES: Readonly<Record<Language, Names>> = {
  uk: {
    men: words('Андрій Богдан Василь Віталій Володимир Дмитро Євген Іван Ігор Максим Микола Михайло Назар Олег Олександр Олексій Остап Павло Петро Роман Сергій Степан Тарас Юрій Ярослав'),
    women: words('Алла Валентина Вікторія Ганна Галина Дарина Ірина Катерина Лариса Леся Любов Людмила Марія Надія Наталія Оксана Олена Ольга Софія Світлана Соломія Тетяна Христина Юлія Ярина'),
    families: words('Бондаренко Бойко Вовк Гаврилюк Гончар Гриценко Данилюк Довгань Євтушенко Зінченко Іваненко Кравець Кравчук Кравченко Коваль Ковальчук Коваленко Козак Кушнір Левченко Лисенко Литвин Мазур Марченко Мельник Мороз Мельничук Назаренко Олійник Павленко Панченко Петренко Поліщук Пономаренко Приходько Романюк Руденко Савчук Сидоренко Ткач Ткаченко Ткачук Федоренко Хоменко Чумак Шевчук Шевченко Шульга Яценко Якименко Козловський/Козловська Заболотний/Заболотна Залізний/Залізна Левицький/Левицька Сосновський/Сосновська'),
    patronymics: words('Андрійович/Андріївна Богданович/Богданівна Васильович/Василівна Володимирович/Володимирівна Іванович/Іванівна Миколайович/Миколаївна Михайлович/Михайлівна Олегович/Олегівна Олександрович/Олександрівна Петрович/Петрівна Романович/Романівна Сергійович/Сергіївна Степанович/Степанівна Юрійович/Юріївна'),
  },
  ru: {
    men: words('Александр Алексей Андрей Антон Артём Борис Вадим Валерий Виктор Виталий Владимир Геннадий Денис Дмитрий Евгений Игорь Кирилл Константин Максим Михаил Николай Олег Павел Сергей Тимур Юрий'),
    women: words('Алина Анастасия Анна Валентина Вера Галина Дарья Евгения Екатерина Елена Жанна Ирина Ксения Лариса Людмила Марина Мария Надежда Наталья Оксана Ольга Светлана Татьяна Юлия Айгуль Динара'),
    families: words('Андреев/Андреева Антонов/Антонова Баранов/Баранова Белов/Белова Волков/Волкова Воробьёв/Воробьёва Голубев/Голубева Григорьев/Григорьева Егоров/Егорова Жуков/Жукова Зайцев/Зайцева Зуев/Зуева Иванов/Иванова Ким Козлов/Козлова Комаров/Комарова Крылов/Крылова Кузнецов/Кузнецова Лебедев/Лебедева Макаров/Макарова Медведев/Медведева Морозов/Морозова Никитин/Никитина Новиков/Новикова Орлов/Орлова Павлов/Павлова Петров/Петрова Попов/Попова Романов/Романова Семёнов/Семёнова Смирнов/Смирнова Соколов/Соколова Тарасов/Тарасова Фёдоров/Фёдорова Яковлев/Яковлева Ахметов/Ахметова Сулейменов/Сулейменова'),
    patronymics: words('Александрович/Александровна Андреевич/Андреевна Борисович/Борисовна Викторович/Викторовна Владимирович/Владимировна Дмитриевич/Дмитриевна Иванович/Ивановна Николаевич/Николаевна Павлович/Павловна Петрович/Петровна Сергеевич/Сергеевна Юрьевич/Юрьевна'),
  },
  en: {
    men: words('Adam Andrew Anthony Benjamin Brian Charles Daniel David Edward Ethan Frank George Henry Jack James John Kevin Leo Mark Martin Michael Oliver Patrick Paul Peter Robert Samuel Simon Thomas William'),
    women: words('Alice Amelia Anna Barbara Caroline Catherine Charlotte Claire Diana Eleanor Emily Emma Grace Hannah Helen Irene Jane Julia Karen Laura Lucy Margaret Mary Monica Nicole Olivia Rachel Rebecca Sarah Susan'),
    families: words('Adams Allen Baker Barnes Bell Bennett Brooks Brown Campbell Carter Clark Collins Cook Cooper Davies Edwards Evans Fisher Foster Gray Green Hall Harris Hill Hughes Jackson Johnson Jones Kelly King Lewis Marshall Mason Miller Mitchell Moore Morgan Murphy Parker Phillips Price Reed Roberts Robinson Scott Shaw Smith Taylor Thompson Turner Walker Ward Watson White Wilson Wood Wright Young O\'Brien O\'Connor'),
    patronymics: [],
  },
};
