/** Problems in Dutch. */
import { count, duration } from "../format.ts";
import { numberIn, peersReason, textIn, type Data, type Remarks, type TurnedAway } from "./remarks.ts";

/** Reasons for which neighbours turn a device away that its member should know. */
export const turnedAway: Readonly<Record<TurnedAway, string>> = {
  "bad-invitation": "De leden aanvaarden deze uitnodiging niet. Vraag je buur om een nieuwe.",
  "invitation-expired": "Deze uitnodiging is verlopen. Vraag je buur om een nieuwe.",
  "other-version": "Je buur heeft een andere versie. Werk de app op beide toestellen bij.",
  "fingerprint-mismatch":
    "Misschien zit er iemand tussen jou en je buur. Probeer een ander netwerk en vergelijk de cijfers.",
  "same-key": "Een ander toestel gebruikt dezelfde woorden. Verlaat de gemeenschap op een van beide.",
};

const minutes = (data: Data, otherwise: string): string => {
  const value = numberIn(data, "minutes");
  return value === null || value < 1 ? otherwise : `al ${duration(value * 60_000, "nl")}`;
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
    "community-outdated": {
      title: "Deze gemeenschap begon met een eerdere versie van de app.",
      body: () =>
        "Haar regels hadden een zwakke plek en zijn veranderd, dus ze kan hier niet verder. Alles staat nog op dit toestel. Wis het om opnieuw te beginnen en maak de gemeenschap opnieuw aan of word weer lid.",
      button: "Opnieuw beginnen",
    },
    "no-neighbour": {
      title: "Geen buur in bereik.",
      body: (data) =>
        `Je toestel heeft ${minutes(data, "al een tijdje")} geen buur ontmoet. ${(numberIn(data, "meters") ?? 0) > 0 ? "Je meter telt door; er gaat niets verloren." : "Wat het bewaart, is veilig; het haalt de rest vanzelf in."}`,
      button: "Nu proberen",
    },
    offline: {
      title: "Je bent offline.",
      body: () => "Je ziet hoe het er eerder voor stond. Zodra er verbinding is, gaat het vanzelf verder.",
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
      title: "Je toestel mag geen stappen opschrijven.",
      body: () =>
        "Het miste te vaak zijn beurt, of tekende twee verschillende dingen. Je zon en je stem blijven. De leden kunnen het vergeven.",
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
    "words-unknown": {
      title: "Deze woorden zijn van geen enkel lid van deze gemeenschap.",
      body: () =>
        "Vergelijk ze met je papier, maak dit toestel dan leeg en probeer opnieuw. Kloppen ze, dan is de uitnodiging misschien voor een andere gemeenschap, of is je lidmaatschap beëindigd: vraag het een buur.",
      button: "Dit toestel leegmaken",
    },
    "refused-by-peers": {
      title: "De toestellen van de buren weigeren dit toestel.",
      body: (data) =>
        peersReason(
          turnedAway,
          data,
          "Je lidmaatschap is beëindigd terwijl dit toestel uit stond, of de leden gaven het aan een nieuw toestel van jou. Was jij dat niet, bel dan je buren.",
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
};
