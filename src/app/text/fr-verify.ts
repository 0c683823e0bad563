/** Les phrases autour des fichiers de preuve. Français; chargées avec ce qui en a besoin. */
import { count, plural } from "../format.ts";
import type { VerifyTexts } from "./en-verify.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const verify: VerifyTexts = {
  title: "Vérifier une preuve",
  intro:
    "Un fichier de preuve montre ce qu\u2019un membre a reçu. Il est vérifié ici, sur cet appareil\u202f: rien n\u2019est envoyé, et il ne faut faire confiance à personne.",
  choose: "Choisir un fichier de preuve",
  tooLong: "Ce fichier est trop long pour être une preuve.",
  unreadable: "Ce fichier ne peut pas être lu. Choisissez-le à nouveau.",
  working: "Vérification de chaque signature\u2026",
  holds: {
    before: "Elle tient.",
    member: (index) => `Le membre ${index}`,
    middle: "a reçu",
    after: (when) => `(${when}).`,
  },
  digits: "Chiffres de la clé, comme sur le relevé du membre\u202f:",
  openStatement:
    "Un relevé du même temps peut indiquer plus\u202f: il compte aussi des créneaux qui ne sont pas encore définitifs.",
  statement: "Votre relevé de ce mois",
  memberKey: "Clé",
  refused: "Elle ne tient pas.",
  /** Some other file: nothing in it could hold. */
  noProof: "Ce n’est pas un fichier de preuve de Commonwatt.",
  /** Nothing was found out about it: the file or this device was not up to it. */
  unchecked: "La vérification n\u2019a pas pu se faire.",
  refusedAt: (place) => `Ce qui ne tient pas\u202f: ${place}.`,
  another: "En vérifier une autre",
  places: {
    file: "le fichier lui-même",
    claim: "ce que le fichier affirme",
    contract: "le contrat de la communauté",
    hops: "la transmission du droit de vote",
    final: "le créneau définitif et ses confirmations",
    members: "le compteur du membre",
    blocks: "les créneaux écrits et ce qu\u2019ils partagent",
    history: "l\u2019appartenance de ces créneaux à la chaîne",
    seal: "le sceau à la fin du fichier",
  },
  codes: {
    "not-on-device":
      "La partie de l\u2019application qui vérifie les preuves n\u2019est pas encore sur cet appareil. Connectez-vous une fois à Internet, puis choisissez de nouveau le fichier.",
    "bundle-not": "Choisissez un fichier qui finit par .cwproof.",
    "bundle-version": "Cette preuve est d\u2019une autre version. Mettez l\u2019application à jour.",
    "bundle-cut": "Le fichier est abîmé\u202f: il manque quelque chose ou il y a quelque chose de trop. Redemandez-le.",
    "bundle-unreadable": "Cette partie a été modifiée ou abîmée. Redemandez le fichier.",
    "bundle-contract": "Le contrat n\u2019est pas celui que son fondateur a signé.",
    "bundle-hop": "Une transmission n\u2019est pas confirmée par ceux qui avaient le droit de vote.",
    "bundle-final": "Trop peu de votants ont vraiment signé que ce créneau est définitif.",
    "bundle-member": "Le compteur montré n\u2019est pas celui de la chaîne.",
    "bundle-block": "Les créneaux ne sont pas dans l\u2019ordre, ou sont d\u2019une autre communauté.",
    "bundle-history": "Un créneau montré n\u2019a jamais fait partie de cette chaîne.",
    "bundle-credit": "Le partage montré n\u2019est pas celui qui a été écrit.",
    "bundle-signer": "Celui qui a signé ce partage n\u2019en avait pas le droit.",
    "bundle-signature": "La signature sous un partage est fausse.",
    "bundle-period": "La période affirmée n\u2019a pas de sens, ou n\u2019est pas encore terminée dans cette preuve.",
    "bundle-sum": "La quantité affirmée n\u2019est pas la somme de ce qui est montré.",
    "bundle-register": "Il est affirmé plus que le compteur du membre n\u2019a jamais compté.",
    "bundle-seal": "La période affirmée a été changée après la création du fichier.",
  },
  steps: {
    contract: (name, members) =>
      `Le contrat de «\u202f${name}\u202f» est signé par son fondateur\u202f; ${members === 1 ? "son premier membre a prouvé sa clé" : `${n(members, "premier membre a", "premiers membres ont")} prouvé leurs clés`}.`,
    hops: (times) =>
      times === 0
        ? "Assez de membres du contrat votent encore\u202f: inutile de suivre le droit de vote plus loin."
        : `Le droit de vote a été transmis ${n(times, "fois", "fois")}, confirmé chaque fois par ceux qui l\u2019avaient.`,
    final: (time, confirmed, voters, quorum) =>
      `Le créneau du ${time} est définitif\u202f: ${confirmed} sur ${voters} l\u2019ont confirmé par signature, il en faut ${quorum}.`,
    members: (register) => `Le compteur du membre était alors à ${register}.`,
    history: (blocks, of) =>
      `${n(blocks, "créneau avec une part figure", "créneaux avec une part figurent")} parmi les ${of} que le créneau définitif scelle.`,
    blocks: (credits, checked) =>
      `${n(credits, "partage donne", "partages donnent")} une part au membre\u202f; ${checked} de leurs signatures ont été vérifiées.`,
    vouched: (some) =>
      `${n(some, "signature est", "signatures sont")} d\u2019une clé changée depuis\u202f: les votants en répondent.`,
    claim: (amount) => `Les parts font ${amount} en tout, comme affirmé.`,
    seal: "Rien n\u2019a été changé dans le fichier après sa création.",
  },
  compare: "Comparez avec la communauté que vous connaissez\u202f:",
  limits: (rest) =>
    `Rien n\u2019y est inventé. Des parts peuvent avoir été omises, mais pas plus de ${rest}\u202f: le compteur les a toutes.`,
  open: "Un compteur peut encore livrer en retard pour ce temps\u202f: le chiffre peut grandir, jamais baisser.",
  credits: "Chaque part",
  columns: { until: "Jusqu\u2019à", amount: "Reçu" },
  more: (shown) => `Les ${shown} premières\u202f; la ligne de commande les donne toutes.`,
  save: {
    title: "Emporter la preuve",
    body: "Un fichier que chacun peut vérifier, hors ligne et sans compte\u202f: le gestionnaire de réseau, un locataire, vous dans dix ans. Il montre aussi ce que vos voisins ont reçu dans ces créneaux.",
    range: {
      legend: "De",
      options: { step: { label: "ce créneau" }, day: { label: "son jour" }, month: { label: "son mois" } },
    },
    button: "Enregistrer la preuve",
    saved: (size) => `Enregistrée, ${size}.`,
    check: "Vérifier un fichier de preuve",
    refusals: {
      "no-credits": "Rien de définitif ne vous a été attribué pendant ce temps.",
      "proof-incomplete":
        "Cet appareil n\u2019a pas encore toutes les preuves des changements de votants, et les demande\u202f; attendez qu\u2019un voisin qui les a soit connecté, puis réessayez.",
      "proof-early":
        "Aucun créneau n\u2019est encore définitif, ou ses votes ne sont pas ici\u202f; réessayez après le prochain.",
      "proof-missing":
        "Cet appareil ne garde pas tout ce qu\u2019il faut pour cette preuve\u202f; faites-la sur un appareil qui garde toute la chaîne.",
      "proof-not-final":
        "Ce créneau ne peut pas encore être prouvé\u202f; il pourra l\u2019être quand le suivant sera définitif.",
    },
  },
};
