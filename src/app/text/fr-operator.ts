/** The sentences for whoever runs the community: what is to be looked after, a month to hand over. French. */
import { count, plural } from "../format.ts";
import { de } from "./elision.ts";
import type { OperatorTexts } from "./en-operator.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const operator: OperatorTexts = {
  title: "Gérer la communauté",
  loading: "Tour d’horizon en cours…",
  sentence: {
    tasks: (tasks) => n(tasks, "chose à faire.", "choses à faire."),
    all: "Tous les compteurs ont répondu, rien à faire.",
    dark: "Les toits se reposent, il n’y a rien à faire.",
    "no-meters": "Aucun compteur ne compte encore, il n’y a rien à faire.",
    "not-mine": (meters) =>
      `Rien à faire pour vous. Ceux qui gèrent la communauté s’occupent de ${n(meters, "compteur", "compteurs")}.`,
  },
  tasks: {
    label: "À faire",
    sums: {
      title: "Les comptes ne sont pas justes",
      body: "Ce qui a été produit n’est pas ce qui a été attribué, retenu et perdu. Ne vous fiez à aucun chiffre de cet appareil, comparez avec celui d’un voisin et prévenez les autres.",
      button: "Voir les comptes",
    },
    stalled: {
      title: (steps) => `${n(steps, "créneau attend", "créneaux attendent")} d’être inscrits`,
      body: "Il faut qu’un appareil soit ouvert pour inscrire un créneau. Gardez celui-ci ouvert et connecté.",
      button: "Voir les connexions",
    },
    quorum: {
      title: (away, voters) => `${n(away, "votant absent", "votants absents")} sur ${count(voters, "fr")}`,
      body: (needed) =>
        `Rien ne devient définitif sans ${count(needed, "fr")} d’entre eux. Demandez à ceux de la liste ci-dessous d’ouvrir l’application.`,
      button: "Qui est absent",
    },
    applicants: {
      title: (names) => `${names} à la porte`,
      body: "Comparez les chiffres au téléphone, puis admettez.",
      button: "Ouvrir la porte",
    },
    "new-phone": {
      title: (names) => `Nouvel appareil ${de(names)}`,
      body: "Un membre a perdu son téléphone ou en a un nouveau. Comparez ses chiffres au téléphone, puis votez.",
      button: "Comparer et voter",
    },
    ballots: {
      title: (ballots) => `${n(ballots, "vote attend", "votes attendent")} votre voix`,
      body: "Chacun montre ce qu’il changerait.",
      button: "Voter",
    },
    unbooked: {
      title: (energy) => `${energy} pas encore partagés`,
      body: (steps, since) =>
        `Il s’agit de ${n(steps, "créneau", "créneaux")}, le plus ancien ${since}. Votre appareil détient une clé de centrale virtuelle. Il les partage avec le prochain créneau qu’il inscrit, tant qu’il reste ouvert.`,
      button: "Se proposer pour le prochain créneau",
    },
    endorse: {
      title: (names) => `Votre aval manque pour ${names}`,
      body: "Le contrat demande la signature du gestionnaire de réseau pour chaque compteur avant qu’il compte. D’ici là, la communauté ne peut pas l’accueillir.",
      button: "Voir les compteurs",
    },
    "await-endorsement": {
      title: (names) => `Sans l’aval du gestionnaire de réseau, ${names}`,
      body: "Le contrat demande la signature du gestionnaire de réseau pour chaque compteur avant qu’il compte. Demandez-la-lui.",
      button: "Voir les compteurs",
    },
    "meter-mine": {
      title: (name) => `Votre compteur ${name} est en retard`,
      button: "Regarder le compteur",
    },
    meters: {
      one: (name) => `Le compteur ${name} est en retard`,
      title: (meters) => `${n(meters, "compteur est", "compteurs sont")} en retard`,
      call: (owners) => `Appelez ${owners}. Le lecteur est-il branché, l’appareil à côté est-il allumé\u202f?`,
      button: "Voir les compteurs",
      owner: "Son propriétaire",
    },
    check: {
      title: (names, meters) =>
        meters === 1 ? `Comparer ${names} avec son compteur` : `Comparer ${names} avec leurs compteurs`,
      body: "Comparez ce que la chaîne en a avec l’index du compteur lui-même.",
      failed:
        "La dernière comparaison sur cet appareil ne concordait pas. Cherchez la raison, puis comparez à nouveau.",
      button: "Comparer",
    },
  },
  month: "Relevé du mois",
  monthBody:
    "Ce que chaque toit a produit et ce que chaque membre a reçu, à remettre à l’écran, sur papier ou en fichier.",
  openMonth: (month) => `Ouvrir ${month}`,
  facts: {
    label: "En chiffres",
    members: (members) => plural("fr", members, { one: "membre", other: "membres" }),
    away: (away) => n(away, "absent", "absents"),
    noneAway: "aucun absent",
    meters: (meters) => plural("fr", meters, { one: "compteur", other: "compteurs" }),
    behind: (behind) => `${count(behind, "fr")} en retard`,
    noneBehind: "aucun en retard",
    steps: "créneaux d’une journée inscrits",
    final: (time) => `définitifs jusqu’à ${time}`,
    noFinal: "aucun n’est encore définitif",
    unbooked: "pas encore partagés",
  },
  away: {
    title: "Membres qui n’ont pas voté depuis longtemps",
    rule: (time) =>
      `Sans vote sur la chaîne depuis ${time} ou plus. Un appareil qui ne conserve que ses propres chiffres ne vote jamais.`,
    none: "Tout le monde a voté récemment.",
    since: (time, ago) => `dernier vote ${time}, ${ago}`,
    never: (time) => `admis ${time}, n’a pas encore voté`,
    counts: "son vote est encore attendu",
    rests: "n’est plus attendu",
    connected: "connecté ici en ce moment, il est donc là et ne vote pas",
  },
  meters: {
    title: "Compteurs",
    rule: (steps) =>
      `Un compteur est en retard quand d’autres toits ont été comptés pendant plus de ${n(steps, "créneau", "créneaux")} depuis son dernier. Dans le noir, aucun ne l’est.`,
    none: "Aucun compteur n’est encore enregistré.",
    standing: {
      counting: "répond",
      late: (steps) => `en retard, d’autres toits ont été comptés pendant ${n(steps, "créneau", "créneaux")} depuis`,
      silent: "muet depuis un jour ou plus",
      never: "n’a jamais rien compté",
    },
    last: (time) => `compté pour la dernière fois ${time}`,
    before: (time) => `plus compté depuis ${time} au moins`,
    ownerLeft: "son propriétaire est parti",
    coarse: "son index avance par crans trop grands pour sa classe",
    unchecked: "jamais comparé avec son compteur sur cet appareil",
    checked: (day) => `comparé le ${day}, il concorde`,
    failed: (day) => `comparé le ${day}, il ne concordait pas`,
    check: "Comparer",
    checkLabel: (name) => `Comparer ${name} avec son compteur`,
    endorsed: "Le gestionnaire de réseau a donné son aval à chaque compteur qui compte.",
  },
  gaps: {
    title: "Créneaux sans bloc, dernière journée",
    none: "Chaque créneau de la dernière journée a été inscrit.",
    rule: "Personne n’était là pour inscrire. Rien n’est perdu, le bloc suivant reprend ce que les compteurs ont compté.",
    of: (missing, steps) => `${missing} sur ${steps}`,
    steps: (steps) => n(steps, "créneau", "créneaux"),
  },
  unbooked: {
    title: "Énergie qui n’est encore à personne",
    none: "Tout ce qui a été compté a été partagé.",
    withMeters: "comptés, pas transmis",
    withVpp: "transmis, pas partagés",
    heard: "reçus en retard, pour le prochain bloc",
    since: (time) => `Le plus ancien date de ${time}.`,
    note: "Ce que les compteurs mesurent pendant le créneau en cours n’en fait pas partie.",
  },
  clocks: {
    title: "Horloges",
    rule: (tolerance) =>
      `Telles que cet appareil les a mesurées, pour les voisins auxquels il est connecté. Il ne connaît pas celles des autres. Jusqu’à ${tolerance}, tout va bien.`,
    none: "Connecté à personne, on ne sait rien des autres horloges.",
    unknown: "pas encore mesurée",
    off: "trop décalée, son propriétaire devrait activer l’heure automatique",
    ms: (value) => `${value}\u00a0ms`,
  },
  sums: {
    title: "Tout ce qui a été produit",
    made: "produits par les toits",
    credited: "attribués aux membres",
    heldBack: "frais retenus pour ceux qui inscrivent",
    waiting: "pas encore partagés",
    lost: "pertes du réseau, selon le contrat",
    rest: "reste",
    agree: "Le compte est juste, au milliwattheure près.",
    disagree: "Le compte n’est pas juste.",
  },
  more: (hidden) => `En montrer ${count(hidden, "fr")} de plus`,
  and: (names) => n(names, "autre", "autres"),
  sheet: {
    for: (month) => `Relevé du mois, ${month}`,
    loading: (part) => `Addition du mois en cours, ${part}`,
    sentence: (made) => `Les toits ont produit ${made}, et tout est justifié.`,
    uneven: (made) => `Les toits ont produit ${made}, et le compte n’est pas juste. Ne le remettez à personne.`,
    nothing: "Les toits n’ont rien produit pendant ce temps.",
    notYet: "Il n’y a encore rien pour ce mois.",
    unknown: (from) => `Cet appareil ne connaît pas ce mois. Ce qu’il conserve commence le ${from}.`,
    unknownHow:
      "Demandez à un membre dont l’appareil était déjà là d’ouvrir ce mois et de le remettre. Il est le même sur chaque appareil.",
    unknownPart: (from) =>
      `Les jours avant le ${from} ne sont pas conservés sur cet appareil et ne figurent pas dans ces chiffres. Ne les remettez à personne, demandez à un membre dont l’appareil était déjà là.`,
    earlier: "Mois précédent",
    later: "Mois suivant",
    print: "Imprimer ou enregistrer en PDF",
    file: "Relevé en fichier (CSV)",
    shares: "Chaque part de chaque créneau (CSV)",
    sharesPart: (part) => `Écriture du fichier, ${part}`,
    files:
      "Les fichiers et le papier portent les noms que vous voyez ici. Seuls les membres les connaissent, remettez-les en connaissance de cause.",
    community: "Communauté",
    communityId: "Numéro de la communauté",
    closed: "Clos. Les écritures de la communauté pour ce mois ne peuvent plus changer.",
    provisional: "PROVISOIRE. Un compteur peut encore livrer en retard. Imprimez à nouveau une fois le mois clos.",
    incomplete: "INCOMPLET. Cet appareil n’a pas tout de ce mois.",
    running: (until) => `jusqu’au ${until}`,
    steps: "Créneaux écoulés",
    missing: "Sans bloc",
    open: "Créneaux ouverts",
    final: "Définitifs",
    allFinal: "tous",
    notFinal: (steps) => `tous sauf les ${steps} derniers`,
    roofs: "Produit par chaque toit, kWh",
    roof: "Toit",
    estimated: "Créneaux estimés",
    energy: "kWh",
    balance: "Produit et attribué, kWh",
    members: "Attribué à chaque membre, kWh",
    member: "Membre",
    digits: "Chiffres de la clé",
    number: "N°",
    proof: "Preuve",
    proofLabel: (name) => `Enregistrer le fichier de preuve ${de(name)}`,
    proofHint:
      "Un fichier de preuve montre ce qu’un membre a reçu pendant ce mois. Chacun peut le vérifier, hors ligne.",
    noMembers: "Personne n’a rien reçu.",
    total: "Total",
    verifyHow: (step, hash) =>
      `Dernier bloc définitif à l’impression\u202f: créneau ${step}, empreinte ${hash}. L’appareil de chaque membre le montre sous Chaîne.`,
    noFinal: "Rien n’était définitif à l’impression.",
    checkAt: (address) =>
      `Le chiffre de chaque membre est prouvé par son fichier de preuve, que chacun peut vérifier sur ${address} ou avec «\u202fcommonwatt verify\u202f».`,
    printed: (at) => `Imprimé ${at}. Heures locales, un mois dure de minuit à minuit.`,
    meaning:
      "Attribué est la part de chaque membre dans l’énergie de ce mois\u202f: ce qu’a gagné son compteur virtuel de production.",
  },
};
