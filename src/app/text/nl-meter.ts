/** The sentences of the member's own use, on Home. Dutch. */
import { count, plural } from "../format.ts";
import type { OwnTexts } from "./en-meter.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

export const own: OwnTexts = {
  household: {
    title: "Thuis vandaag",
    use: "verbruikt",
    own: "van onze zon",
    grid: "van het net",
    surplus: "van mijn deel niet meteen verbruikt",
    sufficiency: (part) => `${part} van je verbruik was onze zon.`,
    consumption: (part) => `${part} van je deel werd meteen verbruikt.`,
    face: "Wat je leverancier ziet",
    faceMeans: "Verbruik min mijn deel, elke stap op zich: de marktmeter.",
    now: "van het net nu",
    until: (time) => `Geteld tot ${time}.`,
    provisional: "Voorlopig: jouw deel van deze stappen kan nog veranderen.",
    estimated: (steps) => `${n(steps, "stap is", "stappen zijn")} geschat.`,
    missing: (steps) =>
      `${n(steps, "stap werd", "stappen werden")} niet gelezen en ${plural("nl", steps, { one: "telt", other: "tellen" })} niet mee.`,
    stays: "Alleen jij ziet dit: het verlaat dit toestel nooit.",
    barLabel: (own, grid) => `${own} van onze zon, ${grid} van het net`,
    waiting: "De eerste stap wordt geteld.",
    legendUse: "mijn verbruik",
    legendGrid: "van het net",
  },
  energy: { link: "Mijn energie", month: "Mijn maand", year: "Mijn jaar" },
};
