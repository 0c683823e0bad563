/** The sentences of the member's own use and of a meter's role. French. */
import { count, plural } from "../format.ts";
import type { OwnTexts } from "./en-meter.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const own: OwnTexts = {
  role: {
    legend: "Que doit-il compter ?",
    options: {
      generation: {
        label: "Ce que les panneaux produisent",
        hint: "Compté, signé et partagé. Les membres votent d’abord. Un compteur du réseau (P1, Linky) ne voit que ce que vous injectez, après votre propre usage.",
      },
      consumption: {
        label: "Ce que mon ménage consomme",
        hint: "Votre propre compteur de réseau. Seul cet appareil le lit, et rien n’en sort jamais.",
      },
    },
  },
  household: {
    title: "Chez vous aujourd’hui",
    use: "consommés",
    own: "de notre soleil",
    grid: "du réseau",
    surplus: "de ma part non consommés aussitôt",
    sufficiency: (part) => `${part} de votre consommation venait de notre soleil.`,
    consumption: (part) => `${part} de votre part a été consommé aussitôt.`,
    face: "Compteur face au marché",
    faceMeans: "Consommation moins ma part, chaque quart d’heure pour lui-même : ce que verra votre fournisseur.",
    now: "du réseau en ce moment",
    until: (time) => `Compté jusqu’à ${time}.`,
    provisional: "Provisoire : votre part de ces pas peut encore changer.",
    estimated: (steps) => `${n(steps, "pas est estimé", "pas sont estimés")}.`,
    missing: (steps) =>
      `${n(steps, "pas n’a pas été lu", "pas n’ont pas été lus")} et ne ${plural("fr", steps, { one: "compte", other: "comptent" })} pas.`,
    stays: "Vous seul le voyez : cela ne quitte jamais cet appareil.",
    barLabel: (own, grid) => `${own} de notre soleil, ${grid} du réseau`,
    waiting: "Le premier pas est en cours de comptage.",
    legendUse: "ma consommation",
    legendGrid: "du réseau",
  },
  energy: { link: "Mon énergie", month: "Mon mois", year: "Mon année" },
  meterCard: {
    counting: (name) => ({ before: `${name} a fait entrer`, after: "du réseau en tout." }),
    grid: "Du réseau",
    gridRegister: (register, now) => (now === null ? register : `${register}, en ce moment ${now}`),
    forgetSure: "Vraiment l’oublier ? Ce qu’il a compté reste sur cet appareil.",
    check: "Vérifier avec le compteur",
  },
};
