/** The sentences of the member's energy over time and of its statement. Dutch. */
import { count, plural } from "../format.ts";
import type { EnergyTexts } from "./en-energy.ts";
import { fractions } from "./nl.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

export const energy: EnergyTexts = {
  title: "Mijn energie",
  shared: (fraction, percent, roofs) => ({
    before: "Je hebt",
    after: `van onze zon gehad, ${fraction === null ? percent : fractions[fraction]} van wat ${roofs > 1 ? "onze daken opwekten" : "het dak opwekte"}.`,
  }),
  notMine: { before: "Het dak heeft", after: "opgewekt in deze tijd; niets ervan was voor jou." },
  noSun: "Het dak heeft in deze tijd niets opgewekt.",
  notYet: "Er is nog niets van deze tijd.",
  unknown: (from) => `Dit toestel kent deze tijd niet: wat het bewaart, begint op ${from}.`,
  unknownPart: (from) => `Wat er voor ${from} was, bewaart dit toestel niet en zit niet in deze cijfers.`,
  loading: "Even optellen…",
  spanLabel: "Tijdspanne",
  spans: { day: "Dag", week: "Week", month: "Maand", year: "Jaar" },
  earlier: { day: "Dag ervoor", week: "Week ervoor", month: "Maand ervoor", year: "Jaar ervoor" },
  later: { day: "Dag erna", week: "Week erna", month: "Maand erna", year: "Jaar erna" },
  date: "Ga naar",
  pictureLabel: (made, mine, bars) =>
    `${n(bars, "balk", "balken")}: het dak wekte ${made} op, waarvan ${mine} voor jou. De tabel hieronder heeft ze allemaal.`,
  tap: { day: "Tik op een balk om die dag te openen.", month: "Tik op een balk om die maand te openen." },
  columns: {
    day: "Dag",
    month: "Maand",
    made: "Dak",
    mine: "Mijn deel",
    use: "Mijn verbruik",
    grid: "Van het net",
    state: "Staat",
  },
  facts: "In cijfers",
  made: "opgewekt door het dak",
  mine: "mijn deel",
  part: "van wat het dak opwekte",
  home: "Thuis in deze tijd",
  since: (from) => `Je eigen meter wordt gelezen sinds ${from}; wat ervoor was, zit niet in deze cijfers.`,
  notRead: "Je eigen meter werd in deze tijd niet gelezen.",
  closed: "Afgesloten: deze cijfers kunnen niet meer veranderen.",
  provisional: "Voorlopig: een meter kan nog te laat leveren.",
  file: "Bewaren als bestand (CSV)",
  statement: "Overzicht om af te drukken",
  statementFor: (period) => `Overzicht van ${period}`,
  sheet: {
    print: "Afdrukken of bewaren als pdf",
    hint: "Eén A4-pagina per maand.",
    community: "Gemeenschap",
    communityId: "Nummer van de gemeenschap",
    member: "Lid",
    digits: "Cijfers van de sleutel",
    registers: "Meterstanden, kWh",
    share: "Mijn deel van de zon (virtuele productiemeter)",
    roof: (name) => `Generator ${name}`,
    begin: "Aan het begin",
    end: "Aan het einde",
    gained: "Verschil",
    notKnown: "niet op dit toestel",
    days: "Dag per dag, kWh",
    columns: {
      day: "Dag",
      made: "Gemeenschap",
      mine: "Mijn deel",
      use: "Verbruik",
      own: "Uit mijn deel",
      grid: "Van het net",
      face: "Ziet leverancier",
    },
    total: "Totaal",
    running: (until) => `tot en met ${until}`,
    closed: "Afgesloten. De boekingen van de gemeenschap voor deze maand kunnen niet meer veranderen.",
    provisional: "VOORLOPIG. Een meter kan nog te laat leveren; druk opnieuw af als de maand is afgesloten.",
    dayOpen: "dag niet afgesloten",
    useNote: (estimated, missing) =>
      `Verbruik, uit mijn deel, van het net en wat de leverancier ziet (marktmeter) zijn door de eigen meter van het lid geteld en op het toestel van het lid berekend; ze staan niet in de boekingen van de gemeenschap. ${n(estimated, "stap is", "stappen zijn")} geschat, ${n(missing, "werd", "werden")} niet gelezen en ${plural("nl", missing, { one: "telt", other: "tellen" })} niet mee.`,
    missingDays: (from) => `Dagen voor ${from} bewaart dit toestel niet; ze blijven leeg.`,
    verify: "Om na te gaan",
    verifyHow: (step, hash, lasts) =>
      `Nieuwste definitieve blok bij het afdrukken: stap ${step}, hash ${hash}. Het toestel van elk lid toont dit blok onder Keten, en elke stap van ${lasts} met zijn bewijs.`,
    open: (address) =>
      `Het deel van een maand wordt bewezen door zijn bewijsbestand; iedereen kan het nagaan op ${address} of met “commonwatt verify”.`,
    proof: "Het bewijsbestand bewaren",
    proofSaved: (energy, until) => `Bewaard. Het bewijst ${energy}: alles wat definitief is, tot ${until}.`,
    proofLess: (energy) =>
      `Het totaal hieronder heeft ${energy} meer, van stappen die nog niet definitief zijn. Bewaar het bewijs later opnieuw.`,
    proofCheck: "Het bewijs controleren",
    proofOpen:
      "Zolang de maand niet is afgesloten, kan het bewijsbestand minder zeggen dan deze pagina: het heeft alleen wat definitief is.",
    noFinal: "Bij het afdrukken was nog niets definitief.",
    printed: (at) => `Afgedrukt op ${at}. Tijden zijn lokaal; een dag duurt van middernacht tot middernacht.`,
    page: (page, of) => `${page} van ${of}`,
    nothing: "Er is niets van deze tijd om op te geven.",
  },
};
