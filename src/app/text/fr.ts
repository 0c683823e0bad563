/** Every sentence of the app in French. */
import { count, plural } from "../format.ts";
import type { Fraction } from "../sentence.ts";
import type { FirstTexts } from "./en.ts";
import { remarks } from "./fr-remarks.ts";
import { own } from "./fr-meter.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const fractions: Readonly<Record<Fraction, string>> = {
  all: "la totalité",
  "nearly-all": "presque la totalité",
  "three-quarters": "les trois quarts",
  "two-thirds": "les deux tiers",
  half: "la moitié",
  third: "un tiers",
  quarter: "un quart",
  fifth: "un cinquième",
  sixth: "un sixième",
  eighth: "un huitième",
  tenth: "un dixième",
};

export const fr: FirstTexts = {
  locale: "fr",
  language: "Langue",
  skip: "Aller au contenu",
  nav: {
    label: "Principal",
    home: "Accueil",
    community: "Communauté",
    chain: "Chaîne",
    meter: "Compteur",
    health: "État",
  },
  common: {
    back: "Retour",
    cancel: "Annuler",
    copy: "Copier",
    colon: "\u202f:",
    copied: "Copié",
    share: "Partager",
    reload: "Recharger",
    working: "Un instant…",
    you: "vous",
    table: "En tableau",
    none: "aucun",
    unknown: "pas encore connu",
  },
  starting: {
    title: "Ouverture de votre communauté…",
    slow: "Cela dure plus longtemps que d’habitude. Vos données sont en sécurité sur cet appareil. Si rien ne se passe, rechargez.",
  },
  crash: {
    title: "Cet écran s’est arrêté.",
    body: "Vos clés, les comptages de votre compteur et les écritures de la communauté sont en sécurité sur cet appareil. Recharger suffit en général.",
  },
  missing: {
    title: "Cet écran n’est pas encore sur cet appareil.",
    body: "Connectez-vous une fois à internet et rechargez, il s’ouvrira ensuite aussi hors ligne.",
  },
  update: {
    ready: "Une nouvelle version est prête.",
    button: "Mettre à jour",
    gap: "Votre compteur envoie des impulsions. La nouvelle version viendra dans la prochaine pause entre deux d\u2019entre elles, pour n\u2019en perdre aucune.",
  },
  install: {
    offer: "Gardez Commonwatt sur votre écran d’accueil. Il s’ouvre aussitôt et fonctionne hors ligne.",
    button: "Installer",
    label: "Écran d\u2019accueil",
    menu: "Gardez Commonwatt sur votre écran d\u2019accueil\u202f: touchez Partager, puis «\u202fSur l\u2019écran d\u2019accueil\u202f». Il s\u2019ouvre tout de suite et fonctionne hors ligne.",
    later: "Pas maintenant",
  },
  demo: {
    label: "Démo",
    banner: "rien ici n’est réel",
    howBody:
      "Quatre voisins simulés partagent deux toits. Dix secondes valent un quart d’heure\u202f: une journée de soleil dure dix minutes, et le matin suivant vient aussitôt. Les voisins votent sur ce que vous proposez en une demi-minute\u202f: oui, sauf si cela leur laisse moins, et jamais pour mettre un voisin dehors.",
    again: "La page a été rechargée\u202f: la démo a recommencé.",
    leave: "Quitter la démo",
  },
  home: {
    /** Said where this device's clock shows another time. */
    timesOf: (place) => `Les heures sont celles de la communauté (${place}).`,
    shared: (fraction, percent, roofs) => {
      const part = fraction === null ? percent : fractions[fraction];
      return {
        before: "Vous avez eu",
        after: `de notre soleil aujourd’hui, ${part} de ce que ${roofs > 1 ? "nos toits ont" : "le toit a"} produit.`,
      };
    },
    notMineYet: {
      before: "Le toit a produit",
      after: "aujourd’hui. Votre part arrive dès que les membres sont d’accord.",
    },
    noSunYet: {
      before: "Pas encore de soleil sur le toit aujourd’hui. Jusqu’ici vous avez eu",
      after: "de notre soleil.",
    },
    empty: { after: "Bientôt votre part de soleil sera ici. Ceci est une journée d’exemple." },
    sample: "Journée d’exemple, rien ci-dessous n’est encore mesuré",
    sampleBody:
      "Chaque barre est un quart d’heure. Toute la barre est la production du toit, le pied plein est votre part.",
    firstSoon: (time) =>
      `Rien n’est encore compté\u202f: le premier créneau se mesure jusqu’à ${time}. Peu après, ses parts seront ici.`,
    firstStep: "Rien n’est encore compté. La première part vient quand un compteur est associé.",
    pairFirst: "Associer un compteur",
    inviteFirst: "Inviter un voisin",
    picture: "La journée",
    pictureLabel: (made, mine) => `Le toit a produit ${made}, dont ${mine} pour vous.`,
    legendMade: "produit par le toit",
    legendMine: "ma part",
    legendHatched: "en cours d’accord",
    legendFinal: "définitif",
    ranges: { quarter: "Récent", hour: "Heure", day: "Jour" },
    rangeLabel: "Durée affichée",
    tap: "Touchez une barre pour voir comment elle a été comptée.",
    columns: { time: "Jusqu’à", made: "Toit", mine: "Ma part", state: "État" },
    certainty: { hatched: "en cours d’accord", agreed: "accepté", final: "définitif" },
    now: "Maintenant",
    liveCommunity: "du toit",
    liveMine: "pour moi",
    noLive: "Rien ne vient du toit en ce moment.",
    step: (lasts) => `Ce créneau de ${lasts}`,
    ends: (time) => `jusqu’à ${time}`,
    stationNames: {
      measured: "Mesuré",
      candidates: "Candidats",
      winner: "Gagnant",
      approved: "Accepté",
      final: "Définitif",
    },
    stageWords: {
      measuring: "Les compteurs comptent.",
      candidates: (candidates) =>
        candidates === 0
          ? "Qui inscrit ce créneau\u202f? Personne ne s’est encore proposé."
          : `${n(candidates, "voisin se propose", "voisins se proposent")} pour inscrire ce créneau.`,
      winner: (name) => `${name} inscrira ce créneau.`,
      winnerMe: "Votre appareil inscrira ce créneau.",
      winnerUnknown: "Le prochain secrétaire est choisi.",
      waiting: "Compté. On l’inscrit.",
      block: "Inscrit. Les voisins le vérifient.",
      approved: "La plupart des voisins l’ont vérifié.",
      final: "Définitif, il ne peut plus changer.",
    },
    lastStep: "Dernier créneau",
    allRight: "Tout va bien.",
    silent: {
      says: (meter, owner, ago) =>
        `${owner === null ? `Votre compteur ${meter}` : `Le compteur ${meter} (${owner})`} est silencieux${ago === null ? "" : `\u202f: entendu ${ago} pour la dernière fois`}.`,
      pairAgain: "Si cet appareil doit le lire, associez à nouveau votre compteur.",
      pair: "Associer à nouveau le compteur",
    },
    lastVerified: (ago) => `Dernière vérification ${ago}.`,
    neverVerified: "Rien de vérifié encore.",
    offline: "Vous êtes hors ligne.",
    fetching: "Les écritures doivent encore arriver de chez les voisins.",
    syncing: (done, of) => `Rattrapage, ${done} créneaux vérifiés sur ${of}.`,
    total: "Depuis votre entrée",
    today: "Toit aujourd’hui",
  },
  blocked: { title: "L’application ne peut pas continuer seule.", leave: "Partir, ou vider cet appareil" },
  welcome: {
    title: "Partagez le soleil de votre toit avec vos voisins.",
    body: "Commonwatt compte ce que le toit produit, le partage comme convenu et garde les écritures sur les appareils des membres. Ni entreprise entre vous, ni compte à créer.",
    create: "Créer une communauté",
    invited: "J’ai une invitation",
    before: "J’ai déjà utilisé Commonwatt",
    cleared: (name: string) =>
      `Ce navigateur a effacé ce qu’il gardait de «\u202f${name}\u202f». Vos voisins ont encore les écritures, et votre soleil est en sûreté chez eux\u202f: vos douze mots ou un fichier de sauvegarde vous ramènent.`,
    forget: "C’est fini\u202f: l’oublier ici",
    demo: "Voir la démo",
    verify: "Vérifier un fichier de preuve",
    picture: "Une journée ensoleillée, dessinée par l’application",
  },
  own,
  admitted: {
    title: (community) => `Vous êtes admis dans ${community}.`,
    body: "Désormais, chaque créneau de soleil a une part pour vous, et votre voix compte.",
  },
  healed: {
    title: "Vous voilà de retour parmi les autres.",
    body: (blocks, from, to) =>
      `Votre appareil était coupé et a continué seul. ${n(blocks, "créneau", "créneaux")} (de ${from} à ${to}) qu’il avait ${blocks === 1 ? "inscrit a été remplacé" : "inscrits ont été remplacés"} par ce que la communauté a décidé. Rien n’est perdu, ce que les compteurs ont compté est inscrit de nouveau.`,
    dismiss: "Compris",
    see: "Voir les créneaux",
  },
  problems: remarks.problems,
};
