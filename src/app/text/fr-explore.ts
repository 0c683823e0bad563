/** The sentences of looking around: searches, branches that lost, what is kept, the week, pictures of neighbours. French. */
import { count, plural } from "../format.ts";
import type { ExploreTexts } from "./en-explore.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const explore: ExploreTexts = {
  search: {
    title: "Trouver un créneau",
    by: "Chercher par",
    kinds: { time: "Heure", step: "Numéro", member: "Membre", hash: "Empreinte" },
    time: "Jour et heure",
    step: "Numéro du créneau",
    member: "Qui l’a inscrit",
    hash: "Premiers signes de l’empreinte d’une écriture ou d’un bloc",
    hashHint: "Au moins quatre\u202f: 0 à 9 et a à f.",
    wrong: {
      time: "Choisissez un jour et une heure depuis le début de la communauté.",
      step: "Entrez le numéro d’un créneau déjà commencé.",
      hash: "Entrez au moins quatre signes, 0 à 9 et a à f.",
    },
    button: "Trouver",
    looking: (steps) => `Recherche dans les créneaux de cet appareil\u202f: ${steps} jusqu’ici…`,
    stop: "Arrêter",
    more: "Chercher plus loin",
    none: "Rien de tel dans ce que cet appareil garde.",
    found: (steps) => n(steps, "résultat", "résultats"),
    numbered: (step) => `Créneau ${step}`,
    wrote: "l’a inscrit",
    owed: "était tiré et ne l’a pas inscrit",
    noBlock: "Aucun bloc ne clôt ce créneau sur cet appareil.",
    blockHash: "Le bloc de ce créneau",
    bodiless: (blocks) =>
      `De ${n(blocks, "créneau", "créneaux")}, cet appareil ne garde plus le détail des écritures\u202f: il n’a pas pu y chercher.`,
    before: (date) => `Cet appareil ne garde aucun créneau d’avant le ${date}. L’appareil d’un voisin peut-être.`,
  },
  fork: {
    lost: (steps) =>
      `${n(steps, "créneau a été inscrit ici, puis remplacé", "créneaux ont été inscrits ici, puis remplacés")}.`,
    open: (steps) =>
      `${n(steps, "créneau se tient", "créneaux se tiennent")} à côté de la chaîne\u202f: le vote est encore ouvert.`,
    by: (time, name) => `${time} par ${name}`,
    checked: (members) => `vérifié par ${n(members, "membre", "membres")}`,
    instead: (names) => `À sa place se trouve ce que ${names} a inscrit.`,
    unknown: "Ce qui se trouve à sa place n’est pas sur cet appareil.",
    energy: "Aucune énergie n’est perdue\u202f: ce que les compteurs ont compté est inscrit à nouveau.",
  },
  ribbon: {
    begin: "Ici la communauté a commencé.",
    begins: (date) =>
      `Ici commence cet appareil\u202f: les créneaux d’avant le ${date} sont chez les voisins qui étaient là.`,
    writers: "Qui a inscrit ces créneaux",
    writer: (name, steps) => `${name}\u202f: ${n(steps, "créneau", "créneaux")}`,
    legend: "Large comme le soleil du créneau. Hachuré tant qu’il est en vérification.",
  },
  kept: {
    line: "De ce créneau, cet appareil garde qui l’a inscrit et combien il valait. Le détail des écritures a été libéré pour gagner de la place.",
    nothing:
      "Cet appareil ne garde rien de ce créneau\u202f: il est venu plus tard, ou a recommencé. L’appareil d’un voisin l’a peut-être.",
    ranking: "L’ordre du tirage. Ses chiffres ne sont plus gardés.",
  },
  division: {
    title: "La part de chacun",
    intro: "De chaque kWh que le toit produit, selon la règle en vigueur.",
    compare: "À côté\u202f: ce qu’il en serait selon la proposition.",
    which: "Proposition",
    member: "Membre",
    now: "Maintenant",
    after: "Ensuite",
    week: "Sept derniers jours",
    weekSince: (date) => `Depuis le ${date}`,
    change: "En plus ou en moins",
    fee: "Pour qui inscrit",
    loss: "Perdu dans le réseau",
  },
  week: {
    title: "Ce que chacun a fait ces sept derniers jours",
    titleSince: (date) => `Ce que chacun a fait depuis le ${date}`,
    member: "Membre",
    written: "Créneaux inscrits",
    owed: "Manqués",
    earned: "Frais reçus",
    paid: "Frais payés",
    noFee: "Aucuns frais ne sont convenus\u202f: inscrire un créneau est un service rendu.",
    fee: (part, sum) => `Qui inscrit un créneau reçoit ${part} de son soleil\u202f: ${sum} en tout.`,
    feeUnknown: (part) =>
      `Qui inscrit un créneau reçoit ${part} de son soleil. Cet appareil ne garde plus toutes les écritures qui diraient combien.`,
  },
  generator: {
    today: "aujourd’hui",
    live: "maintenant",
    health: {
      never: "On ne l’a pas encore entendu.",
      silent: (ago) => `Silencieux\u202f: entendu ${ago} pour la dernière fois.`,
      well: (steps) => `En bonne santé\u202f: compté dans ${steps} créneaux des sept derniers jours, sans estimation.`,
      estimated: (estimated, steps) =>
        `Compté dans ${steps} créneaux des sept derniers jours, dont ${estimated} estimés parce qu’il n’a pas été lu à temps.`,
      dark: "Rien n’a été compté ces sept derniers jours.",
    },
    accuracy: (part, step) => `Juste à ${part} près, lu par pas de ${step}.`,
    fine: "Assez fin pour chaque créneau.",
    tooShort:
      "Les créneaux sont trop courts pour qu’un compteur soit exact dans chacun\u202f; les sommes d’une journée sont justes.",
    coarse: (bound) => `Trop grossier pour un créneau\u202f: il faudrait des pas d’au plus ${bound}.`,
  },
  face: {
    title: "Image sur cet appareil",
    body: "Une photo ou une couleur aide à retrouver un voisin. Elle reste sur cet appareil\u202f: personne d’autre ne la voit, elle n’est pas dans les registres.",
    photo: "Choisir une photo",
    another: "Choisir une autre photo",
    colour: "Couleur",
    none: "aucune",
    colours: ["violet", "prune", "mousse", "olive", "brun", "indigo"],
    remove: "Supprimer l’image",
    wrong: "Le navigateur ne peut pas lire cette image. Choisissez-en une autre.",
    full: "Il n’y a pas assez de place sur cet appareil.",
  },
};
