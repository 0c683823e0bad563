/** The sentences of the member's own use, on Home. French. */
import { count, plural } from "../format.ts";
import type { OwnTexts } from "./en-meter.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const own: OwnTexts = {
  household: {
    title: "Chez vous aujourd’hui",
    use: "consommés",
    own: "de notre soleil",
    grid: "du réseau",
    surplus: "de ma part non consommés aussitôt",
    sufficiency: (part) => `${part} de votre consommation venait de notre soleil.`,
    consumption: (part) => `${part} de votre part a été consommé aussitôt.`,
    face: "Ce que voit votre fournisseur",
    faceMeans: "Consommation moins ma part, chaque créneau pour lui-même\u202f: le compteur face au marché.",
    now: "du réseau en ce moment",
    until: (time) => `Compté jusqu’à ${time}.`,
    provisional: "Provisoire\u202f: votre part de ces créneaux peut encore changer.",
    estimated: (steps) => `${n(steps, "créneau est estimé", "créneaux sont estimés")}.`,
    missing: (steps) =>
      `${n(steps, "créneau n’a pas été lu", "créneaux n’ont pas été lus")} et ne ${plural("fr", steps, { one: "compte", other: "comptent" })} pas.`,
    stays: "Vous seul le voyez\u202f: cela ne quitte jamais cet appareil.",
    barLabel: (own, grid) => `${own} de notre soleil, ${grid} du réseau`,
    waiting: "Le premier créneau est en cours de comptage.",
    legendUse: "ma consommation",
    legendGrid: "du réseau",
  },
  energy: { link: "Mon énergie", month: "Mon mois", year: "Mon année" },
};
