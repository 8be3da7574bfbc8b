#!/bin/sh
# More voices of recordings to learn from: studio prompts and synthesisers that Debian ships, as a second folder of clips.
#   amd/corpus/more-voices.sh OUTPUT_FOLDER      (Debian, as root: installs festival, its voices and sox)
# Used by amd/train/train.ts beside the collected clips; never by the test part. Licences: festival's voices are free (see each package's
# copyright file), so are the prompts (CC-BY-SA, BSD, GPL-2). Only what is learnt from them goes into the project, no audio.
set -eu
out=$1
work=$(mktemp -d)
mkdir -p "$out/audio/festival"
: > "$out/clips.jsonl"

apt-get install -y --no-install-recommends festival sox festvox-czech-dita festvox-czech-krb festvox-czech-machac festvox-czech-ph \
  festvox-suopuhe-lj festvox-suopuhe-mv festvox-ca-ona-hts festvox-italp16k festvox-itapc16k festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts >&2
(cd "$work" && apt-get download asterisk-prompt-it-menardi-wav asterisk-core-sounds-fr-wav asterisk-prompt-es-co asterisk-prompt-fr-armelle >&2 &&
  for package in ./*.deb; do dpkg -x "$package" prompts; done)

add() { # label lang speaker source file
  seconds=$(soxi -D "$out/audio/$5")
  printf '{"file":"%s","label":"%s","lang":"%s","speaker":"%s","source":"%s","seconds":%s}\n' "$5" "$1" "$2" "$3" "$4" "$seconds" >> "$out/clips.jsonl"
}

# The wavs of the French and Italian prompts are 8 kHz PCM; the Colombian and Armelle's are GSM 06.10 already.
prompts() { # source lang speaker folder
  mkdir -p "$out/audio/$1"
  number=0
  find "$4" -type f -name '*.wav' -o -type f -name '*.gsm' | sort | while read -r prompt; do
    sox "$prompt" -r 8000 -c 1 -e mu-law "$work/prompt.wav" 2>> "$work/log"
    seconds=$(soxi -D "$work/prompt.wav")
    [ "$(awk "BEGIN{print ($seconds > 0.9 && $seconds < 20)}")" = 1 ] || continue
    number=$((number + 1))
    file=$1/machine_prompt-$(printf %04d $number).wav
    mv "$work/prompt.wav" "$out/audio/$file"
    add machine_prompt "$2" "$3" "$1" "$file"
  done
}
sounds=$work/prompts/usr/share/asterisk/sounds
prompts asterisk_it_IT_f_Menardi it menardi "$(find "$work/prompts" -type d -name '*Menardi*' | head -1)"
prompts asterisk_fr_CA_f_June fr june "$sounds/fr_CA_f_June"
prompts asterisk_es_CO es jimenez "$sounds/es"
prompts asterisk_fr_f_Armelle fr armelle "$sounds/fr"

# Short ones (1-2 s) and long ones in turn, one a line.
english='The number you have dialled is not available.
This number is not in service.
The subscriber is busy. Please call back later.
Please leave a message.
All circuits are busy.
The person you are calling cannot take your call.
Your call cannot be completed as dialled. Please check the number and dial again.
Hello. You have reached the voice mail of the subscriber. Please leave your message after the tone.
We are sorry. The mobile telephone you are calling is switched off or outside of the coverage area.
The number has been changed.
Incoming calls are restricted.
The line is out of order. Please try again later.
Hello. I cannot come to the phone right now. Leave your name and number, and I will call you back.
The mailbox is full. Goodbye.
Please hold. Your call is being forwarded to the voice mail.
Call failed. Try again.
This service is temporarily suspended at the request of the subscriber.
Wrong number. Please hang up and dial again.'
czech='Volané číslo není dostupné.
Toto číslo neexistuje.
Účastník je obsazen. Volejte prosím později.
Zanechte prosím vzkaz.
Všechny linky jsou obsazeny.
Volaný účastník není v dosahu nebo má vypnutý telefon.
Dobrý den. Dovolali jste se do hlasové schránky. Zanechte prosím zprávu po zaznění tónu.
Volání není možné. Zkontrolujte prosím číslo a volejte znovu.
Číslo bylo změněno.
Příchozí hovory jsou zakázány.
Linka je dočasně mimo provoz. Zkuste to prosím později.
Dobrý den, teď nemohu přijmout váš hovor. Zanechte mi jméno a číslo, ozvu se vám zpátky.
Schránka je plná. Na shledanou.
Čekejte prosím. Váš hovor je přesměrován do hlasové schránky.
Hovor selhal.
Služba je dočasně pozastavena na žádost účastníka.'
finnish='Valitsemanne numero ei ole käytössä.
Numeroon ei saada yhteyttä.
Tilaaja on varattu. Soittakaa myöhemmin uudelleen.
Jättäkää viesti.
Kaikki linjat ovat varattuja.
Valitsemaanne matkapuhelimeen ei juuri nyt saada yhteyttä. Yrittäkää myöhemmin uudelleen.
Hei. Olette soittaneet vastaajaan. Jättäkää viesti äänimerkin jälkeen.
Numero on muuttunut.
Tulevat puhelut on estetty.
Linja on tilapäisesti poissa käytöstä.
Hei, en voi nyt vastata. Jätä nimesi ja numerosi, niin soitan sinulle takaisin.
Postilaatikko on täynnä. Kuulemiin.
Odottakaa. Puhelunne siirretään vastaajaan.
Puhelu epäonnistui.'
italian='Il numero selezionato non è attivo.
Il numero è inesistente.
Il cliente è occupato. La preghiamo di richiamare più tardi.
Lasciate un messaggio.
Tutte le linee sono occupate.
Il telefono della persona chiamata potrebbe essere spento o non raggiungibile.
Salve. Risponde la segreteria telefonica. Lasciate un messaggio dopo il segnale acustico.
Il numero è stato cambiato.
Le chiamate in arrivo sono bloccate.
La linea è temporaneamente fuori servizio.
Salve, in questo momento non posso rispondere. Lasciate il vostro nome e numero e vi richiamerò.
La casella è piena. Arrivederci.
Attendere prego. La chiamata viene trasferita alla segreteria telefonica.
Chiamata fallita.'
catalan='El número marcat no està disponible.
Aquest número no existeix.
El client està ocupat. Truqueu més tard.
Deixeu un missatge.
Totes les línies estan ocupades.
El telèfon al qual truqueu està apagat o fora de cobertura en aquest moment.
Hola. Heu trucat a la bústia de veu. Deixeu el missatge després del senyal.
El número ha canviat.
La línia està temporalment fora de servei.
Hola, ara no puc respondre. Deixeu el vostre nom i número i us trucaré.
La bústia és plena. Adéu.
La trucada ha fallat.'

say() { # voice lang speed charset text
  index=0
  echo "$5" | while read -r line; do
    index=$((index + 1))
    label=announcement
    case $line in Hello*|Dobrý*|Hei*|Salve*|Hola*) label=machine_greeting ;; esac
    file=festival/$1-$(printf %02d $index).wav
    echo "$line" | iconv -f UTF-8 -t "$4//TRANSLIT" > "$work/line.txt"
    # The rate is varied as services do: a stretched voice is another voice to learn from.
    text2wave -eval "($1)" -eval "(Parameter.set 'Duration_Stretch $3)" "$work/line.txt" -o "$work/line.wav" 2>> "$work/log" || continue
    sox "$work/line.wav" -r 8000 -c 1 -e mu-law "$out/audio/$file" norm -3 2>> "$work/log" || continue
    add "$label" "$2" "$1" festival "$file"
  done
}
say voice_czech_dita cs 1.0 ISO-8859-2 "$czech"
say voice_czech_krb cs 1.0 ISO-8859-2 "$czech"
say voice_czech_machac cs 0.95 ISO-8859-2 "$czech"
say voice_czech_ph cs 1.0 ISO-8859-2 "$czech"
say voice_suo_fi_lj_diphone fi 1.0 ISO-8859-1 "$finnish"
say voice_hy_fi_mv_diphone fi 1.0 ISO-8859-1 "$finnish"
say voice_lp_diphone it 1.0 ISO-8859-1 "$italian"
say voice_pc_diphone it 1.0 ISO-8859-1 "$italian"
say voice_upc_ca_ona_hts ca 1.0 ISO-8859-1 "$catalan"
say voice_kal_diphone en 1.0 ISO-8859-1 "$english"
say voice_ked_diphone en 1.05 ISO-8859-1 "$english"
say voice_cmu_us_slt_arctic_hts en 1.0 ISO-8859-1 "$english"
rm -rf "$work"
wc -l "$out/clips.jsonl" >&2
