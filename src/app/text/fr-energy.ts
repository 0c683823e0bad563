/** The sentences of the member's energy over time and of its statement. French. */
import { count, plural } from "../format.ts";
import { de } from "./elision.ts";
import type { EnergyTexts } from "./en-energy.ts";
import { fractions } from "./fr.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const energy: EnergyTexts = {
  title: "Mon énergie",
  shared: (fraction, percent, roofs) => ({
    before: "Vous avez eu",
    after: `de notre soleil, ${fraction === null ? percent : fractions[fraction]} de ce que ${roofs > 1 ? "nos toits ont" : "le toit a"} produit.`,
  }),
  notMine: { before: "Le toit a produit", after: "pendant ce temps, dont rien pour vous." },
  noSun: "Le toit n’a rien produit pendant ce temps.",
  notYet: "Il n’y a encore rien pour ce temps.",
  unknown: (from) => `Cet appareil ne connaît pas ce temps. Ce qu’il conserve commence le ${from}.`,
  unknownPart: (from) =>
    `Ce qui précède le ${from} n’est pas conservé sur cet appareil et ne figure pas dans ces chiffres.`,
  loading: "Calcul en cours…",
  spanLabel: "Durée",
  spans: { day: "Jour", week: "Semaine", month: "Mois", year: "Année" },
  earlier: { day: "Jour précédent", week: "Semaine précédente", month: "Mois précédent", year: "Année précédente" },
  later: { day: "Jour suivant", week: "Semaine suivante", month: "Mois suivant", year: "Année suivante" },
  date: "Aller au",
  pictureLabel: (made, mine, bars) =>
    `${n(bars, "barre", "barres")}. Le toit a produit ${made}, dont ${mine} pour vous. Le tableau ci-dessous les détaille.`,
  tap: { day: "Touchez une barre pour ouvrir ce jour.", month: "Touchez une barre pour ouvrir ce mois." },
  columns: {
    day: "Jour",
    month: "Mois",
    made: "Toit",
    mine: "Ma part",
    use: "Ma consommation",
    grid: "Du réseau",
    state: "État",
  },
  facts: "En chiffres",
  made: "produits par le toit",
  mine: "ma part",
  part: "de la production du toit",
  home: "Chez vous pendant ce temps",
  since: (from) => `Votre propre compteur est lu depuis le ${from}. Ce qui précède ne figure pas dans ces chiffres.`,
  notRead: "Votre propre compteur n’a pas été lu pendant ce temps.",
  closed: "Clos\u202f: ces chiffres ne peuvent plus changer.",
  provisional: "Provisoire\u202f: un compteur peut encore livrer en retard.",
  file: "Enregistrer un fichier (CSV)",
  statement: "Relevé à imprimer",
  statementFor: (period) => `Relevé ${de(period)}`,
  sheet: {
    print: "Imprimer ou enregistrer en PDF",
    hint: "Une page A4 par mois.",
    community: "Communauté",
    communityId: "Numéro de la communauté",
    member: "Membre",
    digits: "Chiffres de la clé",
    registers: "Index, kWh",
    share: "Ma part de soleil (compteur virtuel de production)",
    roof: (name) => `Générateur ${name}`,
    begin: "Au début",
    end: "À la fin",
    gained: "Différence",
    notKnown: "pas sur cet appareil",
    days: "Jour par jour, kWh",
    columns: {
      day: "Jour",
      made: "Communauté",
      mine: "Ma part",
      use: "Consommé",
      own: "De ma part",
      grid: "Du réseau",
      face: "Vu du fournisseur",
    },
    total: "Total",
    running: (until) => `jusqu’au ${until}`,
    closed: "Clos. Les écritures de la communauté pour ce mois ne peuvent plus changer.",
    provisional: "PROVISOIRE. Un compteur peut encore livrer en retard. Imprimez à nouveau quand le mois sera clos.",
    dayOpen: "jour non clos",
    useNote: (estimated, missing) =>
      `La consommation, ce qui vient de la part, du réseau et ce que voit le fournisseur (compteur face au marché) ont été comptés par le compteur du membre et calculés sur son appareil. Ils ne figurent pas dans les écritures de la communauté. ${n(estimated, "créneau est estimé", "créneaux sont estimés")}, ${n(missing, "n’a pas été lu", "n’ont pas été lus")} et ne ${plural("fr", missing, { one: "compte", other: "comptent" })} pas.`,
    missingDays: (from) => `Les jours avant le ${from} ne sont pas conservés sur cet appareil et restent vides.`,
    verify: "Pour vérifier",
    verifyHow: (step, hash, lasts) =>
      `Dernier bloc définitif à l’impression\u202f: créneau ${step}, empreinte ${hash}. L’appareil de chaque membre montre ce bloc sous Chaîne, et chaque créneau de ${lasts} avec sa preuve.`,
    open: (address) =>
      `La part d’un mois est prouvée par son fichier de preuve, que chacun peut vérifier sur ${address} ou avec «\u202fcommonwatt verify\u202f».`,
    proof: "Enregistrer son fichier de preuve",
    proofSaved: (energy, until) =>
      `Enregistré. Il prouve ${energy}\u202f: tout ce qui est définitif, jusqu’à ${until}.`,
    proofLess: (energy) =>
      `Le total ci-dessous a ${energy} de plus, de créneaux qui ne sont pas encore définitifs. Enregistrez la preuve à nouveau plus tard.`,
    proofCheck: "Vérifier la preuve",
    proofOpen:
      "Tant que le mois n’est pas clos, le fichier de preuve peut indiquer moins que cette page\u202f: il n’a que ce qui est définitif.",
    noFinal: "Rien n’était définitif à l’impression.",
    printed: (at) => `Imprimé le ${at}. Les heures sont locales et un jour va de minuit à minuit.`,
    page: (page, of) => `${page} sur ${of}`,
    nothing: "Il n’y a rien à relever pour ce temps.",
  },
};
