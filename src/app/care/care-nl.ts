/** The sentences of coming back and of backups. Dutch. */
import { count, plural } from "../format.ts";
import type { CareTexts } from "./care-en.ts";

export const care: CareTexts = {
  restore: {
    title: "Welkom terug.",
    intro:
      "Je buren bewaren de boekingen van de gemeenschap. Alleen je sleutels heb jij: haal ze terug op een van twee manieren.",
    way: {
      legend: "Hoe kom je terug?",
      options: {
        words: { label: "Met mijn twaalf woorden", hint: "en een uitnodiging voor de gemeenschap, ook een verlopen" },
        file: { label: "Met een back-upbestand", hint: "brengt ook je meters en je eigen verbruik terug" },
      },
    },
    words: "Je twaalf woorden",
    wordsHint: "In de volgorde waarin je ze opschreef, met spaties ertussen.",
    link: "Een uitnodiging voor je gemeenschap",
    linkHint:
      "Vraag er een aan een lid, of neem er een die je onder Gemeenschap maakte en bewaarde. Ze zegt alleen om welke gemeenschap het gaat. Zonder uitnodiging heb je een back-upbestand nodig (gemaakt onder Status).",
    name: "Je voornaam",
    nameHint: "Zoals je buren je kennen: met een andere naam zien zij je voortaan zo.",
    knownAs: (name: string) => `Je buren zien je als ${name}.`,
    badWord: (position: string, word: string) =>
      `Woord ${position}, \u201c${word}\u201d, staat niet in de lijst. Vergelijk het met je papier.`,
    file: "Back-upbestand",
    passphrase: "Wachtzin van het bestand",
    open: "Het bestand openen",
    opening: (percent: string) => `De wachtzin wordt gecontroleerd: ${percent}`,
    found: (name: string, community: string) => `${name} van ${community}`,
    made: (ago: string) => `${ago} bewaard.`,
    meters: (meters: number) => `${count(meters, "nl")} ${plural("nl", meters, { one: "meter", other: "meters" })}.`,
    older:
      "Dit toestel heeft nieuwere gegevens van hetzelfde lid. Met het bestand zouden die verloren gaan, dus wordt het niet genomen.",
    other: "Dit toestel hoort al bij een gemeenschap. Wis het eerst, onder Status.",
    oldDevice: "Draait het oude toestel nog?",
    oldDeviceWarning:
      "Het mag niet verder draaien. Twee toestellen met dezelfde sleutels spreken elkaar tegen, en dat ziet de gemeenschap als bedrog. Wis het, of open Commonwatt er nooit meer op.",
    understood: "Ik heb ervoor gezorgd: het oude toestel draait niet meer.",
    needAlone: "Vink dit aan zodra het oude toestel niet meer draait.",
    back: "Terugkomen",
    silent:
      "Eerst luistert je toestel alleen: het weet niet wat het vroeger heeft goedgekeurd. Het stemt vanzelf weer, meestal na tien stappen.",
    done: "Je bent terug.",
    /** After the words, before a neighbour has known them. */
    doneWords: "Je sleutels staan op dit toestel.",
    doneWordsBody: "Nu vraagt het de buren of zij deze woorden kennen. Zo ja, dan komen de boekingen van hen.",
    doneBody: "De boekingen komen nu van je buren.",
    meterNext: "De meter opnieuw koppelen",
    home: "Naar Start",
    need: "Vul dit veld in.",
  },
  backup: {
    title: "Een back-up bewaren",
    intro:
      "Eén versleuteld bestand met je sleutels, de tellingen van je meters en je eigen verbruik. De boekingen van de gemeenschap komen weer van je buren.",
    passphrase: "Wachtzin",
    passphraseHint: "Minstens 10 tekens. Zonder haar opent niemand het bestand, ook wij niet.",
    passphraseShort: (characters: number) =>
      `Dat is te kort: ${count(characters, "nl")} ${plural("nl", characters, { one: "teken", other: "tekens" })}. Neem er minstens 10.`,
    repeat: "Nog eens de wachtzin",
    differs: "De twee zijn niet gelijk.",
    save: "Het bestand bewaren",
    working: (percent: string) => `Versleutelen: ${percent}`,
    done: "Bewaard. Leg het bestand ergens anders dan op dit toestel.",
    words:
      "Ook zonder het bestand brengen je twaalf woorden je terug, maar niet de instellingen van je meters en je eigen verbruik.",
    demo: "De demo heeft niets te bewaren.",
  },
};
