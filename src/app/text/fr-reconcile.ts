/** The sentences of the check against the MID meter. French; loaded with its screen. */
import { count, plural } from "../format.ts";
import type { ReconcileTexts } from "./en-reconcile.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const reconcile: ReconcileTexts = {
  title: "Vérifier avec le compteur",
  intro:
    "La chaîne dit-elle ce que dit le compteur\u202f? Collez les chiffres du compteur lui-même, ou tapez ce que montre son afficheur.",
  which: "Quel compteur",
  column: {
    legend: "Qu’y a-t-il à côté de l’heure\u202f?",
    options: {
      register: { label: "L’index", hint: "L’état du compteur, comme sur l’afficheur. Il ne fait que croître." },
      energy: {
        label: "L’énergie de chaque intervalle",
        hint: "Comme l’exportent les portails des gestionnaires de réseau.",
      },
    },
  },
  stamp: {
    legend: "L’heure est",
    options: { start: { label: "le début de l’intervalle" }, end: { label: "la fin de l’intervalle" } },
  },
  unit: { legend: "Les nombres sont en", options: { kWh: { label: "kWh" }, Wh: { label: "Wh" } } },
  lines: "Heures et nombres",
  linesHint: "Une par ligne\u202f: 21/06/2026 14:15; 12345,678. Sur l’appareil qui lit le compteur, une ligne suffit.",
  file: "Ou choisissez un fichier",
  fileWrong: "Ce fichier ne se lit pas comme du texte. Exportez-le en CSV.",
  zone: "Fuseau des heures",
  zoneHint: "Par exemple Europe/Brussels. Les heures avec leur propre décalage le gardent.",
  compare: "Comparer",
  verdict: {
    within: { before: "La chaîne et le compteur concordent à", after: "près." },
    rounding: { before: "Aux pas de l’index près, la chaîne et le compteur concordent à", after: "près." },
    out: { before: "La chaîne et le compteur diffèrent de", after: "" },
  },
  classAllows: (amount) => `La classe du compteur permet ${amount} dans chaque sens.`,
  period: (from, to) => `${from} à ${to}`,
  chain: "Sur la chaîne",
  meter: "Au compteur",
  difference: "Chaîne moins compteur",
  allowed: (percent) => `Permis par sa classe (${percent})`,
  rows: (rows, out) =>
    out === 0
      ? `Chaque intervalle (${count(rows, "fr")}) est dans les limites permises.`
      : `${n(out, "intervalle", "intervalles")} sur ${count(rows, "fr")} ${plural("fr", out, { one: "dépasse", other: "dépassent" })} la limite.`,
  rounding: (rows) =>
    `${n(rows, "intervalle ne diffère", "intervalles ne diffèrent")} que des pas de l’index\u202f: le compteur compte plus grossièrement que sa classe ne le voudrait.`,
  open: "Des créneaux peuvent encore recevoir des écritures\u202f: vérifiez à nouveau quand ils seront clos.",
  clock: (size, ahead) =>
    `D’après ces écarts, l’horloge de cet appareil était d’environ ${size} en ${ahead ? "avance" : "retard"} sur celle du compteur. Activez l’heure automatique sur les deux.`,
  shift: (size, later) =>
    `Les chiffres concorderaient avec des heures ${later ? "plus tardives" : "plus précoces"} de ${size}. Vérifiez le fuseau, et si l’heure est le début ou la fin de l’intervalle.`,
  wrongUnit: "Les chiffres diffèrent d’un facteur mille\u202f: choisissez l’autre unité.",
  out: "Ce qui dépasse, et pourquoi",
  more: (shown) => `Les ${shown} premiers\u202f; le fichier les contient tous.`,
  columns: { time: "Intervalle", chain: "Chaîne", meter: "Compteur", difference: "Écart", why: "Pourquoi" },
  why: {
    late: (time) => `Écrit dans un autre créneau${time === null ? "" : `, jusqu’à ${time}`}`,
    off: (time) => `Compteur non lu\u202f; son énergie est dans le créneau jusqu’à ${time ?? "plus tard"}`,
    estimated: (time) => `Estimé\u202f: contient ce qui fut lu tard${time === null ? "" : `, d’avant ${time}`}`,
    clock: () => "Horloge\u202f: passé dans le créneau voisin",
    open: () => "Pas encore écrit\u202f; cela se peut encore",
    missing: () => "Manque\u202f: jamais écrit",
    surplus: () => "Plus que le compteur n’a compté",
    unaligned: () => "Lu au milieu d’un créneau\u202f: comparé au prorata du temps",
    rounding: () => "Les pas de l’index lui-même",
  },
  save: "Tout enregistrer dans un fichier",
  fileName: "verification-compteur.csv",
  line: (line) => `Ligne ${line}\u202f: `,
  refusals: {
    "file-empty": "Il n’y a rien à comparer. Collez une heure et un nombre.",
    "file-too-long": "C’est plus d’un an de lignes. Coupez le fichier en années.",
    "file-commas": "plus d’une virgule. Mettez un point-virgule entre l’heure et le nombre.",
    "file-one-column": "pas de seconde colonne. Mettez un point-virgule entre l’heure et le nombre.",
    "file-columns": "plus de deux colonnes. Gardez l’heure et un seul nombre.",
    "file-no-number": "le nombre manque. Ôtez la ligne si rien n’a été compté.",
    "file-negative": "un nombre négatif. N’exportez qu’un seul sens.",
    "file-thousands": "écrivez le nombre sans séparateur de milliers\u202f: 1234,567.",
    "file-number": "ce n’est pas un nombre. Écrivez 1234.567 ou 1234,567.",
    "file-time": "ce n’est pas une heure. Écrivez 2026-06-21 14:15 ou 21/06/2026 14:15.",
    "file-skipped-hour": "cette heure n’existe pas\u202f: le passage à l’heure d’été l’a sautée. Vérifiez le fuseau.",
    "file-order": "pas après la ligne précédente. Triez par heure et gardez chaque heure une fois.",
    "file-backwards":
      "l’index est plus bas qu’avant. Si le compteur a été remplacé, vérifiez séparément avant et après.",
    "file-overlap": "commence avant la fin de l’intervalle du dessus. Gardez des intervalles d’une seule durée.",
    "file-one-interval": "Une seule énergie ne dit pas sa durée. Ajoutez la suivante, ou entrez l’index.",
    "zone-unknown": "Ce fuseau est inconnu. Écrivez par exemple Europe/Brussels.",
    "reconcile-one-register":
      "Un seul index ne suffit que sur l’appareil qui lit ce compteur. Ajoutez-en un plus ancien, sur sa propre ligne.",
    "reconcile-before": "Cet index date d’avant l’appairage. Entrez-en un plus récent, ou ajoutez une seconde ligne.",
    "not-on-device":
      "Cette partie de l’application n’est pas encore sur cet appareil. Connectez-vous une fois à Internet.",
    "reconcile-running": "Le créneau de ce moment est encore en cours. Comparez à nouveau quand il sera fini.",
    "reconcile-nothing": "La chaîne n’a encore rien de ce compteur. Revenez après son premier créneau.",
    "reconcile-elsewhere": "La chaîne n’a compté ce compteur à aucune de ces heures. Vérifiez les dates et le fuseau.",
  },
  noGenerator: "La communauté n’a pas encore de compteur à vérifier.",
};
