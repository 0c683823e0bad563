/** Problems and refusals in Dutch. */
import { count, duration } from "../format.ts";
import { numberIn, peersReason, textIn, type Data, type Remarks } from "./remarks.ts";

const minutes = (data: Data, otherwise: string): string => {
  const value = numberIn(data, "minutes");
  return value === null ? otherwise : `al ${duration(value * 60_000, "nl")}`;
};
const meter = (data: Data): string => textIn(data, "label", "Je meter");

export const remarks: Remarks = {
  problems: {
    "storage-denied": {
      title: "De browser laat deze app niets bewaren.",
      body: () =>
        "Sleutels en tellingen zouden verloren gaan. Verlaat privénavigatie of sta opslag toe voor deze site en probeer opnieuw.",
      button: "Opnieuw proberen",
    },
    "storage-full": {
      title: "Dit toestel is vol.",
      body: () => "Wat geteld is, blijft, maar er kan niets bij. Verwijder foto’s of andere gegevens.",
      button: "Opslag bekijken",
    },
    "storage-corrupt": {
      title: "Een deel van de bewaarde gegevens is onleesbaar.",
      body: () => "Je sleutels staan apart. Laad opnieuw: wat ontbreekt, komt terug van je buren.",
      button: "Opnieuw laden",
    },
    "storage-short": {
      title: "Dit toestel raakt vol.",
      body: (data) => {
        const left = numberIn(data, "megabytes");
        return `Alles wordt nog bewaard, maar er is ${left === null ? "weinig" : `nog maar ${count(left, "nl")}\u00a0MB`} over voor deze app. Verwijder foto’s of andere gegevens, of bewaar een back-up.`;
      },
      button: "De opslag bekijken",
    },
    "identity-lost": {
      title: "De sleutels van dit toestel zijn onleesbaar.",
      body: () =>
        "De opslag is beschadigd. Je twaalf woorden of een back-upbestand brengen je terug; je zon staat veilig bij je buren.",
      button: "Terugkomen",
    },
    "no-neighbour": {
      title: "Geen buur in bereik.",
      body: (data) =>
        `Je toestel heeft ${minutes(data, "al een tijdje")} geen buur ontmoet. Je meter telt door; er gaat niets verloren.`,
      button: "Nu proberen",
    },
    offline: {
      title: "Je bent offline.",
      body: () => "Je ziet de laatst gecontroleerde stand. Zodra er verbinding is, gaat het vanzelf verder.",
      button: "Nu proberen",
    },
    "clock-off": {
      title: "De klok van dit toestel klopt niet.",
      body: (data) => {
        const seconds = numberIn(data, "seconds");
        const by = seconds === null ? "" : ` ${duration(Math.abs(seconds) * 1000, "nl")}`;
        return `Ze wijkt${by} af van die van de buren. Zet automatische tijd aan in de instellingen van het toestel.`;
      },
      button: "Klok bekijken",
    },
    "meter-silent": {
      title: "De meter zwijgt.",
      body: (data) =>
        `${meter(data)} heeft ${minutes(data, "al een tijdje")} niets gestuurd. Controleer de kabel aan de kant van de meter.`,
      button: "Meter openen",
    },
    "meter-refused": {
      title: "De telegrammen van de meter zijn onleesbaar.",
      body: (data) =>
        `${meter(data)} stuurt, maar de controlegetallen kloppen niet. Controleer stekker, kabellengte en poortsnelheid.`,
      button: "Meter openen",
    },
    "meter-backwards": {
      title: "De meter telt minder dan voorheen.",
      body: (data) =>
        `${meter(data)} toont een lagere stand dan de vorige keer. Is hij vervangen, bevestig dat dan. Wat geteld is, blijft.`,
      button: "Meter openen",
    },
    "meter-jumped": {
      title: "De meter heeft een sprong gemaakt.",
      body: (data) =>
        `${meter(data)} steeg met meer dan de installatie kan opwekken. Is hij vervangen, bevestig dat dan; corrigeer anders het grootste vermogen. Wat geteld is, blijft.`,
      button: "Meter openen",
    },
    "meter-other": {
      title: "Op deze kabel antwoordt een andere meter.",
      body: (data) =>
        `Zijn twee kabels verwisseld? Of is de meter vervangen? ${meter(data)} telt niet tot zijn eigen kabel terug is, of tot je de nieuwe meter bevestigt. Wat geteld is, blijft.`,
      button: "Meter openen",
    },
    "meter-unplugged": {
      title: "De kabel van de meter is los.",
      body: (data) =>
        `Steek de kabel van ${textIn(data, "label", "je meter")} weer in. Wat hij intussen telt, wordt dan geboekt.`,
      button: "Meter openen",
    },
    "ballot-waiting": {
      title: "De gemeenschap vraagt je stem.",
      body: (data) => {
        const open = numberIn(data, "count") ?? 1;
        return open === 1
          ? "Eén voorstel wacht op je ja of nee."
          : `${count(open, "nl")} voorstellen wachten op je ja of nee.`;
      },
      button: "Voorstel bekijken",
    },
    "applicant-waiting": {
      title: "Er wacht iemand aan de deur.",
      body: (data) =>
        `${textIn(data, "name", "Een buur")} wil lid worden. Vergelijk de cijfers en laat met één tik toe.`,
      button: "Kijk wie het is",
    },
    "not-final": {
      title: "De laatste stappen zijn nog niet definitief.",
      body: () =>
        "Er waren te weinig buren online om ze te bevestigen. Het gaat verder zodra er meer de app openen; er gaat niets verloren.",
      button: "Stappen bekijken",
    },
    "chain-stalled": {
      title: "Er is al even geen stap opgeschreven.",
      body: (data) =>
        `Er is ${minutes(data, "al een tijdje")} niets nieuws. De meters tellen door; de energie wordt geboekt zodra er een lid online is.`,
      button: "Nu proberen",
    },
    barred: {
      title: "Je toestel mag geen blokken maken.",
      body: () =>
        "Het was er te veel schuldig, of tekende twee verschillende dingen. Je zon en je stem blijven. De leden kunnen het vergeven.",
      button: "Zien waarom",
    },
    "left-community": {
      title: "Je hebt de gemeenschap verlaten.",
      body: () => "Er wordt niets meer met je gedeeld. Wat je kreeg, blijft geboekt; je kunt dit toestel leegmaken.",
      button: "Dit toestel leegmaken",
    },
    "device-replaced": {
      title: "Een ander toestel spreekt nu voor jou.",
      body: () =>
        "De leden gaven je lidmaatschap aan een nieuw toestel, dit telt niet meer. Was jij dat niet, bel dan je buren.",
      button: "Dit toestel leegmaken",
    },
    "refused-by-peers": {
      title: "De toestellen van de buren weigeren dit toestel.",
      body: (data) =>
        peersReason(
          remarks.refusals,
          data,
          "Misschien hebben ze een nieuwere versie, of is je lidmaatschap afgelopen. Werk de app bij en vraag het een buur.",
        ),
      button: "Verbindingen bekijken",
    },
    "alarm-shares": {
      title: "Er is een deel aanvaard dat de regel schendt.",
      body: () =>
        "Meer dan de helft van de toestellen van de leden heeft het ondertekend, en dit toestel heeft het bewijs. Praat met je buren voor je op de cijfers vertrouwt.",
      button: "Verbindingen bekijken",
    },
    "alarm-heads": {
      title: "De toestellen van de leden aanvaardden twee verschillende registers.",
      body: () =>
        "Dit toestel bewaart het eerste dat het kende en heeft het bewijs van beide. Praat met je buren: mensen moeten beslissen welk telt.",
      button: "Verbindingen bekijken",
    },
    "other-tab-old": {
      title: "Een ander tabblad gebruikt een oude versie.",
      body: () => "Sluit de andere tabbladen van deze app en laad dit opnieuw.",
      button: "Opnieuw laden",
    },
  },
  refusals: {
    "invitation-unreadable": "Deze uitnodiging is onleesbaar. Vraag je buur de hele link opnieuw te sturen.",
    "invitation-changed": "Deze uitnodiging is onderweg veranderd. Gebruik ze niet; vraag je buur om een nieuwe.",
    "invitation-expired": "Deze uitnodiging is verlopen. Vraag je buur om een nieuwe.",
    "contract-invalid": "Het contract van de gemeenschap breekt zijn eigen regels. Word geen lid; waarschuw je buur.",
    "contract-signature":
      "De handtekening onder het contract klopt niet. Word geen lid; vraag je buur om een nieuwe uitnodiging.",
    malformed: "Dit kon niet gelezen worden. Probeer opnieuw met het origineel.",
    "phrase-length": "Een herstelzin heeft twaalf woorden. Kijk of er geen ontbreekt.",
    "phrase-checksum": "Deze woorden horen niet bij elkaar. Vergelijk ze letter voor letter met je papier.",
    "word-unknown": "Een van de woorden staat niet in de lijst. Vergelijk het met je papier.",
    "name-empty": "Vul een naam in.",
    "name-long": "Deze naam is te lang. Maak hem korter.",
    "server-unreadable": "Een van de servers is niet te lezen. Schrijf hem als https://host of turn:host:3478.",
    "servers-too-many": "Dit zijn meer servers dan in een uitnodiging passen. Noem er minder.",
    "already-member": "Dit toestel hoort al bij een gemeenschap. Verlaat die eerst, onder Toestand.",
    "light-device":
      "Dit toestel bewaart alleen je eigen cijfers. Laat het alles bewaren, onder Toestand, om dit te doen.",
    "not-ready": "De app start nog. Probeer het zo meteen opnieuw.",
    "applicant-unknown": "Deze persoon wacht niet meer. Vraag de uitnodiging opnieuw te openen.",
    "proposal-unknown": "Dit voorstel is hier niet meer bekend.",
    "meter-unknown": "Deze meter is niet meer met dit toestel gekoppeld.",
    "meter-settings": "De gegevens van de meter passen niet bij elkaar. Vergelijk ze met de voorkant.",
    "port-missing": "De kabel is er niet. Steek hem in en kies hem opnieuw.",
    "step-unknown": "Deze stap wordt niet op dit toestel bewaard.",
    "transaction-unknown": "Deze boeking wordt niet op dit toestel bewaard.",
    "confirm-mismatch": "De naam klopt niet. Typ precies de naam van de gemeenschap.",
    "not-leader": "Een ander tabblad van deze app is aan het werk. Doe het daar of sluit dat tabblad.",
    closed: "De opslag is gesloten. Laad de app opnieuw.",
    corrupt: "Een deel van de bewaarde gegevens is onleesbaar. Laad opnieuw; wat ontbreekt, komt van je buren.",
    denied: "De browser laat deze app niets bewaren. Verlaat privénavigatie of sta opslag toe voor deze site.",
    failed: "Het toestel kon dit niet bewaren. Probeer opnieuw; wat geteld is, blijft.",
    full: "Dit toestel is vol. Verwijder andere gegevens en probeer opnieuw.",
    "not-a-member": "Alleen leden kunnen dit. Wacht tot je bent toegelaten.",
    "member-known": "Deze buur is al lid.",
    "community-full": "De gemeenschap heeft geen plaats meer voor een lid.",
    "too-many-proposals": "Er lopen te veel stemmingen. Beslis er eerst een.",
    "weight-too-large": "Dit gewicht is te groot. Kies een kleiner.",
    "ballot-closed": "Deze stemming is voorbij.",
    busy: "Te veel aanvragen tegelijk. Probeer het over enkele minuten opnieuw.",
    "other-version": "Je buur heeft een andere versie. Werk de app op beide toestellen bij.",
    "other-community": "Dit hoort bij een andere gemeenschap.",
    "fingerprint-mismatch":
      "Misschien zit er iemand tussen jou en je buur. Probeer een ander netwerk en vergelijk de cijfers.",
    "bad-invitation": "De leden aanvaarden deze uitnodiging niet. Vraag je buur om een nieuwe.",
    "bad-signature": "Een handtekening is niet geldig. Er is niets aanvaard.",
    "same-key": "Een ander toestel gebruikt dezelfde woorden. Verlaat de gemeenschap op een van beide.",
    "meter-not-stopped": "Deze meter telt. Er is niets te bevestigen.",
    "port-busy": "De kabel is in gebruik. Sluit andere programma’s die hem lezen, trek hem uit en steek hem weer in.",
    "port-denied": "Deze pagina mag de kabel niet meer gebruiken. Kies hem opnieuw.",
    "no-web-serial":
      "Deze browser kan geen kabel lezen. Gebruik Chrome of Edge op een computer, of kies USB op Android.",
    "no-webusb": "Deze browser bereikt geen USB-apparaten. Gebruik Chrome of Edge.",
    "line-noise": "De lijn is gestoord. Controleer de stekker, de poortsnelheid en of de kabel het signaal omkeert.",
    "bad-checksum": "Het kwam beschadigd aan. Blijft dat zo, kort de kabel in en controleer stekker en poortsnelheid.",
    "no-checksum":
      "Deze meter stuurt geen controlegetallen (ouder dan DSMR 4), schade bliebe onopgemerkt. Gebruik zijn pulsuitgang.",
    "cut-short": "Het brak halverwege af. Kijk of de kabel aan beide kanten vastzit.",
    "no-start": "Het begin ontbrak. Het volgende zou heel moeten zijn, controleer anders de kabel.",
    "too-long": "Het hield niet op. Kijk of het een P1-poort is en of de snelheid klopt.",
    "no-telegram":
      "Er komen bytes aan, maar niets leesbaars. Controleer de poortsnelheid, een omgekeerde kabel en of de meter versleutelt.",
    "no-export-register":
      "Deze meter stuurt geen terugleverstand. Vraag de netbeheerder de teruglevering te laten tellen.",
    "no-import-register": "Deze meter zegt niet wat van het net komt. Lees de netmeter van het huishouden.",
    "unreadable-register":
      "Een stand erin is onleesbaar. Gebeurt het telkens, meld dan het type meter aan het project.",
    "unknown-unit": "Een stand erin heeft een onbekende eenheid. Meld het type meter aan het project.",
    "contradictory-registers": "De standen erin spreken elkaar tegen. Meld het type meter aan het project.",
    "other-constant": "De pulsteller kent een ander aantal pulsen per kWh dan je invulde. Verbeter het foute.",
    "count-backwards": "Het aantal pulsen daalde zonder herstart. Programmeer de teller opnieuw.",
    "register-backwards": "De meter toont minder dan de vorige keer. Is hij vervangen, bevestig dat dan.",
    "too-much": "De meter sprong meer dan de installatie kan opwekken. Is hij vervangen, bevestig dat dan.",
    stopped: "De meter staat stil tot je bevestigt.",
    "worker-failed": "De motor van de app is gestopt. Je gegevens zijn veilig; laad opnieuw.",
    "member-unknown": "Dit is geen lid van de gemeenschap, of niet meer.",
    "nothing-changes": "Dit geldt al. Wijzig eerst iets.",
    "nothing-to-pardon": "Dit lid is niets schuldig en mag blokken maken.",
    "last-member": "Het laatste lid kan niet vertrekken. Maak liever dit toestel leeg.",
    "rule-iterations": "Elke ronde verdeelt een deel boven 0, en de laatste alles wat over is.",
    "rule-members": "De leden zijn intussen veranderd. Doe het voorstel opnieuw.",
    "rule-weights": "Gewichten zijn gehele getallen van 0 tot 1.000.000, en minstens een ligt boven 0.",
    "strategy-share": "Vul een geheel percentage van 1 tot 100 in.",
    "term-fixed": "Deze bepaling blijft zoals bij de start.",
    "terms-invalid": "Deze waarde past niet bij de andere bepalingen. Kies een andere.",
    "owner-unknown": "De eigenaar van de meter is geen lid.",
    endorsement: "De goedkeuring van de netbeheerder voor deze meter ontbreekt of is vals.",
    "generator-known": "Deze meter is al geregistreerd.",
    "generator-unknown": "Deze meter is hier niet geregistreerd.",
    "voting-key-unproven": "De sleutel van het nieuwe toestel is niet bewezen. Laat de aanvraag opnieuw doen.",
    "leave-known": "Je vertrekt al. Er is niets meer te doen.",
    "ballot-old": "Je stem van deze stap telt al. Je kunt ze in de volgende stap wijzigen.",
    "proposal-known": "Dit is al voorgesteld. Stem erover onder Buren.",
    "proposal-adopted": "Dit is al aangenomen. Doe een nieuw voorstel.",
    "proposal-time": "Dit voorstel is onderweg te oud geworden. Doe het opnieuw.",
    "parameters-order": "De bepalingen passen niet bij elkaar. Doe het voorstel opnieuw.",
    "identity-lost": "Haal eerst je sleutels terug, of wis dit toestel.",
    "passphrase-short": "Kies een wachtzin van minstens 10 tekens.",
    "passphrase-wrong":
      "De wachtzin opent dit bestand niet. Controleer hoofdletters en spaties, of het bestand heel is.",
    "backup-unreadable": "Dit is geen back-up van Commonwatt, of hij is beschadigd. Kies een ander bestand.",
    "backup-newer": "Deze back-up is van een nieuwere versie. Werk eerst de app bij.",
    "backup-older": "Dit toestel heeft nieuwere gegevens van hetzelfde lid dan het bestand. Er is niets veranderd.",
    "generator-terms": "Een opwekker heeft een piekvermogen en een resolutie binnen hun grenzen nodig.",
  },
};
