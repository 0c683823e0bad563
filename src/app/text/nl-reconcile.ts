/** The sentences of the check against the MID meter. Dutch; loaded with its screen. */
import { count, plural } from "../format.ts";
import type { ReconcileTexts } from "./en-reconcile.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

export const reconcile: ReconcileTexts = {
  title: "Vergelijken met de meter",
  intro: "Zegt de keten wat de meter zegt? Plak de cijfers van de meter zelf, of typ wat het scherm ervan toont.",
  which: "Welke meter",
  column: {
    legend: "Wat staat er naast de tijd?",
    options: {
      register: { label: "De meterstand", hint: "Zoals het scherm hem toont. Hij loopt alleen op." },
      energy: { label: "De energie van elk interval", hint: "Zoals portalen van netbeheerders ze uitvoeren." },
    },
  },
  stamp: {
    legend: "De tijd is",
    options: { start: { label: "het begin van het interval" }, end: { label: "het einde van het interval" } },
  },
  unit: { legend: "De getallen zijn in", options: { kWh: { label: "kWh" }, Wh: { label: "Wh" } } },
  lines: "Tijden en getallen",
  linesHint: "Een per regel: 21/06/2026 14:15; 12345,678. Op het toestel dat de meter leest, volstaat één regel.",
  file: "Of kies een bestand",
  fileWrong: "Dit bestand is niet als tekst te lezen. Voer het uit als CSV.",
  zone: "Tijdzone van de tijden",
  zoneHint: "Zoals Europe/Brussels. Tijden met een eigen verschil houden dat.",
  compare: "Vergelijken",
  verdict: {
    within: { before: "Keten en meter stemmen overeen, op", after: "na." },
    rounding: { before: "Op de stappen van de meterstand na stemmen keten en meter overeen, op", after: "na." },
    out: { before: "Keten en meter verschillen", after: "" },
  },
  classAllows: (amount) => `De klasse van de meter laat ${amount} naar elke kant toe.`,
  period: (from, to) => `${from} tot ${to}`,
  chain: "In de keten",
  meter: "Op de meter",
  difference: "Keten min meter",
  allowed: (percent) => `Toegelaten door zijn klasse (${percent})`,
  rows: (rows, out) =>
    out === 0
      ? `Elk interval (${count(rows, "nl")}) valt binnen wat is toegelaten.`
      : `${n(out, "interval", "intervallen")} van ${count(rows, "nl")} ${plural("nl", out, { one: "valt", other: "vallen" })} erbuiten.`,
  rounding: (rows) =>
    `${n(rows, "interval verschilt", "intervallen verschillen")} niet meer dan de stappen van de meterstand: de meter telt grover dan zijn klasse zou vragen.`,
  open: "Op sommige stappen kan nog geboekt worden: vergelijk opnieuw als ze gesloten zijn.",
  clock: (size, ahead) =>
    `Volgens het patroon liep de klok van dit toestel ongeveer ${size} ${ahead ? "voor" : "achter"} op die van de meter. Zet op beide de automatische tijd aan.`,
  shift: (size, later) =>
    `De cijfers zouden kloppen met tijden die ${size} ${later ? "later" : "vroeger"} zijn. Controleer de tijdzone, en of een tijd het begin of het einde van het interval is.`,
  wrongUnit: "De cijfers verschillen duizendvoudig: kies de andere eenheid.",
  out: "Wat erbuiten valt, en waarom",
  more: (shown) => `De eerste ${shown}; het bestand heeft ze allemaal.`,
  columns: { time: "Interval", chain: "Keten", meter: "Meter", difference: "Verschil", why: "Waarom" },
  why: {
    late: (time) => `Geboekt op een andere stap${time === null ? "" : `, tot ${time}`}`,
    off: (time) => `De meter werd niet gelezen; de energie staat in de stap tot ${time ?? "later"}`,
    estimated: (time) => `Geschat: bevat wat laat werd gelezen${time === null ? "" : `, van voor ${time}`}`,
    clock: () => "Klok: naar de stap ernaast verschoven",
    open: () => "Nog niet geboekt; het kan nog",
    missing: () => "Ontbreekt: nooit geboekt",
    surplus: () => "Meer dan de meter telde",
    unaligned: () => "Binnen een stap gelezen: naar verhouding van de tijd vergeleken",
    rounding: () => "De stappen van de meterstand zelf",
  },
  save: "Alles als bestand bewaren",
  fileName: "metercontrole.csv",
  line: (line) => `Regel ${line}: `,
  refusals: {
    "file-empty": "Er is niets te vergelijken. Plak een tijd en een getal.",
    "file-too-long": "Dat is meer dan een jaar aan regels. Knip het bestand in jaren.",
    "file-commas": "meer dan één komma. Zet een puntkomma tussen de tijd en het getal.",
    "file-one-column": "geen tweede kolom. Zet een puntkomma tussen de tijd en het getal.",
    "file-columns": "meer dan twee kolommen. Houd de tijd en één getal.",
    "file-no-number": "het getal ontbreekt. Haal de regel weg als er niets werd geteld.",
    "file-negative": "een getal onder nul. Voer slechts één richting uit.",
    "file-thousands": "schrijf het getal zonder teken tussen de duizendtallen: 1234,567.",
    "file-number": "dit is geen getal. Schrijf 1234.567 of 1234,567.",
    "file-time": "dit is geen tijd. Schrijf 2026-06-21 14:15 of 21/06/2026 14:15.",
    "file-skipped-hour": "deze tijd bestaat niet: de zomertijd sloeg hem over. Controleer de tijdzone.",
    "file-order": "niet later dan de regel ervoor. Sorteer op tijd en houd elke tijd één keer.",
    "file-backwards": "de meterstand is lager dan ervoor. Werd de meter vervangen, vergelijk dan ervoor en erna apart.",
    "file-overlap": "begint voor het interval erboven voorbij is. Houd intervallen van één lengte.",
    "file-one-interval":
      "Eén energie alleen zegt niet hoe lang ze duurde. Voeg de volgende toe, of voer de meterstand in.",
    "zone-unknown": "Deze tijdzone is niet bekend. Schrijf bijvoorbeeld Europe/Brussels.",
    "reconcile-one-register":
      "Eén meterstand volstaat alleen op het toestel dat deze meter leest. Voeg een vroegere toe, op een eigen regel.",
    "reconcile-before": "Deze meterstand is van voor het koppelen. Voer een latere in, of voeg een tweede regel toe.",
    "not-on-device": "Dit deel van de app staat nog niet op dit toestel. Verbind één keer met het internet.",
    "reconcile-running": "De stap van deze tijd loopt nog. Vergelijk opnieuw als die voorbij is.",
    "reconcile-nothing": "De keten heeft nog niets van deze meter. Kom terug na zijn eerste stap.",
    "reconcile-elsewhere": "De keten telde deze meter op geen van deze tijden. Controleer de data en de tijdzone.",
  },
  noGenerator: "De gemeenschap heeft nog geen meter om te vergelijken.",
};
