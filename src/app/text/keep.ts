/** What this device keeps, of figures and of the steps' records, in every language; loaded with the parts that say it. */
import { count, plural } from "../format.ts";
import type { Language } from "../language.ts";

type Room = "small" | "normal" | "all";
export type KeepTexts = {
  /** Of a device that keeps its own figures only. */
  readonly own: {
    readonly total: string;
    readonly note: string;
    readonly proved: (ago: string) => string;
    readonly unproved: string;
    readonly unjudged: (energy: string, steps: number) => string;
    readonly gap: (energy: string, since: string) => string;
    readonly sure: (since: string) => string;
    readonly energy: string;
    readonly health: string;
  };
  readonly back: {
    readonly button: string;
    readonly coming: string;
    readonly lonely: string;
    readonly refused: string;
  };
  readonly step: {
    readonly title: (begin: string, end: string) => string;
    readonly sentence: (mine: string, made: string) => string;
    readonly nothing: string;
    /** By how far the step has come. */
    readonly state: Readonly<Record<"final" | "provisional" | "waiting", string>>;
    /** In place of "final": what is final was not checked against the sharing rule here. */
    readonly unjudged: string;
    readonly unjudgedShort: string;
    readonly elsewhere: string;
    readonly more: string;
  };
  readonly known: {
    readonly rule: string;
    readonly people: string;
    readonly alone: string;
    readonly steps: string;
    readonly none: string;
    readonly made: string;
    readonly mine: string;
    readonly fullCommunity: string;
    readonly fullChain: string;
  };
  /** What a screen shows elsewhere and not here. */
  readonly cannot: Readonly<Record<"operator" | "decide" | "neighbour" | "proof" | "meter" | "invite", string>>;
  readonly statement: string;
  readonly room: {
    readonly legend: string;
    readonly labels: Readonly<Record<Room, (size: string) => string>>;
    readonly lasts: (time: string) => string;
    readonly grows: (size: string) => string;
    readonly now: (size: string) => string;
    readonly from: (size: string, day: string) => string;
    readonly limited: (size: string) => string;
    readonly means: string;
    readonly frees: (size: string) => string;
    readonly more: string;
    readonly save: string;
  };
};

const en: KeepTexts = {
  own: {
    total: "You have been credited",
    note: "This device keeps your own figures only.",
    proved: (ago) => `Each is proved; the newest proof was made ${ago}.`,
    unproved: "Nothing is proved yet: this device has not met a neighbour.",
    unjudged: (energy, steps) =>
      `${energy} of it, from ${count(steps, "en")} ${plural("en", steps, { one: "step", other: "steps" })}, cannot change any more, but this device could not check it against the sharing rule: it never saw the rule of that time. Your neighbours checked it before they agreed.`,
    gap: (energy, since) =>
      `No neighbour within reach has shown where ${energy} of your total come from; they were credited after ${since}. Your total is right; the steps since then are not complete yet. This device asks another neighbour.`,
    sure: (since) =>
      `From ${since} on it is proved that no credit is missing here. Before that each one shown is true, but a neighbour may have left one out; your total counts them all.`,
    energy: "My energy by day, month and year",
    health: "What this device keeps, and why",
  },
  back: {
    button: "Fetch these figures from a neighbour",
    coming: "Older figures are on their way. Each is proved as it comes.",
    lonely: "Older figures come as soon as this device meets a neighbour.",
    refused:
      "No neighbour within reach keeps what proves that time any more. Try again when another is there, or open this on a device that keeps everything.",
  },
  step: {
    title: (begin, end) => `${begin} to ${end}`,
    sentence: (mine, made) => `You were credited ${mine} of the ${made} that the roofs made.`,
    nothing: "Nothing was credited to you for this step.",
    state: {
      final: "Agreed by your neighbours and final. This device checked the proof that they wrote it down so.",
      provisional: "Final so far; what a late meter still counts may be added.",
      waiting: "Not proved yet: its proof comes when your neighbours have agreed on the step.",
    },
    unjudged:
      "Final. But this device could not check it against the sharing rule, of which it never saw that of then; your neighbours did before they agreed.",
    unjudgedShort: "not checked against the rule",
    elsewhere: "This step is not of today. Your figures of other days, each proved, are under My energy.",
    more: "A device that keeps everything also shows who wrote the step down, who checked it and what everybody got.",
  },
  known: {
    rule: "The rule in force",
    people: "Neighbours it is connected to now",
    alone: "This device is not connected to a neighbour at the moment.",
    steps: "Your steps of today",
    none: "Nothing has been credited to you today yet.",
    made: "Made by the roofs",
    mine: "Yours",
    fullCommunity:
      "A device that keeps everything also shows all members and roofs, proposals to vote on, and what a change would bring.",
    fullChain:
      "A device that keeps everything also shows every block, who wrote and checked it, and finds any step or entry. Here you can open a step of today, and search nothing else.",
  },
  cannot: {
    operator:
      "Not shown here: what is to be looked after, and the month of the whole community. A device that keeps everything has both, with the files to hand over.",
    decide: "Not to be done here: proposing and voting. Your vote needs a device that keeps everything.",
    neighbour: "Not shown here: what a neighbour has had and done.",
    proof:
      "Not shown here: the single entries of a step and their proofs. My energy has your own figures, each proved.",
    meter: "Not to be done here: reading or checking a meter. It needs a device that keeps everything.",
    invite: "Not to be done here: inviting. A device that keeps everything does it, yours or another member\u2019s.",
  },
  statement:
    "Made on a device that keeps this member\u2019s own figures only; each credit was proved on it. What the member\u2019s own roofs counted, and the proof file of the month, are to be had on a device that keeps everything.",
  room: {
    legend: "Records of the steps, for proofs",
    labels: {
      small: (size) => `The newest ${size}`,
      normal: (size) => `The newest ${size}`,
      all: () => "Everything, for good",
    },
    lasts: (time) => `About the last ${time}.`,
    grows: (size) => `About ${size} more a year.`,
    now: (size) => `It keeps ${size} of them now.`,
    from: (size, day) => `It keeps ${size} of them now, from ${day} on.`,
    limited: (size) => `Room was short, so it keeps no more than ${size}.`,
    means:
      "Your figures and everybody\u2019s balances stay in any case. A step, day or month can be proved here while its records are kept; afterwards on a neighbour\u2019s device that keeps everything.",
    frees: (size) => `About ${size} of the oldest records go now. They do not come back by themselves.`,
    more: "What has gone already does not come back by itself.",
    save: "Keep this much",
  },
};

const fr: KeepTexts = {
  own: {
    total: "Il vous a été attribué",
    note: "Cet appareil ne garde que vos propres chiffres.",
    proved: (ago) => `Chacun est prouvé\u202f; dernière preuve\u202f: ${ago}.`,
    unproved: "Rien n’est encore prouvé\u202f: cet appareil n’a pas rencontré de voisin.",
    unjudged: (energy, steps) =>
      `Dont ${energy}, de ${count(steps, "fr")} ${plural("fr", steps, { one: "créneau", other: "créneaux" })}\u202f: cela ne peut plus changer, mais cet appareil n’a pas pu le vérifier d’après la règle de partage, car il n’a jamais vu celle de ce moment-là. Vos voisins l’ont vérifié avant de se mettre d’accord.`,
    gap: (energy, since) =>
      `Aucun voisin joignable n’a montré d’où viennent ${energy} de votre total, attribués après\u202f: ${since}. Votre total est juste\u202f; les créneaux depuis lors ne sont pas encore complets. Cet appareil demande à un autre voisin.`,
    sure: (since) =>
      `À partir de\u202f: ${since}, il est prouvé qu’aucune attribution ne manque ici. Avant, chacune de celles qui sont montrées est vraie, mais un voisin a pu en omettre une\u202f; votre total les compte toutes.`,
    energy: "Mon énergie par jour, mois et année",
    health: "Ce que cet appareil garde, et pourquoi",
  },
  back: {
    button: "Demander ces chiffres à un voisin",
    coming: "Les chiffres plus anciens arrivent. Chacun est prouvé à mesure.",
    lonely: "Les chiffres plus anciens arriveront dès que cet appareil rencontrera un voisin.",
    refused:
      "Aucun voisin joignable ne garde plus de quoi prouver cette période. Réessayez quand un autre sera là, ou ouvrez ceci sur un appareil qui garde tout.",
  },
  step: {
    title: (begin, end) => `De ${begin} à ${end}`,
    sentence: (mine, made) => `Vous avez reçu ${mine} sur les ${made} produits par les toits.`,
    nothing: "Rien ne vous a été attribué pour ce créneau.",
    state: {
      final: "Approuvé par vos voisins et définitif. Cet appareil a vérifié la preuve qu’ils l’ont inscrit ainsi.",
      provisional: "Définitif jusqu’ici\u202f; ce qu’un compteur en retard compte encore peut s’y ajouter.",
      waiting: "Pas encore prouvé\u202f: la preuve arrive quand vos voisins se sont mis d’accord sur ce créneau.",
    },
    unjudged:
      "Définitif. Mais cet appareil n’a pas pu le vérifier d’après la règle de partage, car il n’a jamais vu celle de ce moment-là\u202f; vos voisins l’ont fait avant de se mettre d’accord.",
    unjudgedShort: "non vérifié d’après la règle",
    elsewhere:
      "Ce créneau n’est pas d’aujourd’hui. Vos chiffres des autres jours, tous prouvés, sont sous Mon énergie.",
    more: "Un appareil qui garde tout montre aussi qui a inscrit ce créneau, qui l’a vérifié et ce que chacun a reçu.",
  },
  known: {
    rule: "La règle en vigueur",
    people: "Voisins reliés en ce moment",
    alone: "Cet appareil n’est relié à aucun voisin en ce moment.",
    steps: "Vos créneaux d’aujourd’hui",
    none: "Rien ne vous a encore été attribué aujourd’hui.",
    made: "Produit par les toits",
    mine: "Pour vous",
    fullCommunity:
      "Un appareil qui garde tout montre aussi tous les membres et les toits, les propositions à voter et ce qu’un changement apporterait.",
    fullChain:
      "Un appareil qui garde tout montre aussi chaque bloc, qui l’a écrit et vérifié, et retrouve tout créneau ou toute écriture. Ici vous pouvez ouvrir un créneau d’aujourd’hui, sans autre recherche.",
  },
  cannot: {
    operator:
      "Pas montré ici\u202f: ce dont il faut s’occuper, et le mois de toute la communauté. Un appareil qui garde tout a les deux, avec les fichiers à transmettre.",
    decide: "Pas possible ici\u202f: proposer et voter. Il faut pour cela un appareil qui garde tout.",
    neighbour: "Pas montré ici\u202f: ce qu’un voisin a reçu et fait.",
    proof:
      "Pas montré ici\u202f: les écritures d’un créneau et leurs preuves. Mon énergie a vos propres chiffres, tous prouvés.",
    meter: "Pas possible ici\u202f: lire ou comparer un compteur. Il faut pour cela un appareil qui garde tout.",
    invite: "Pas possible ici\u202f: inviter. Un appareil qui garde tout le fait, le vôtre ou celui d’un autre membre.",
  },
  statement:
    "Établi sur un appareil qui ne garde que les chiffres de ce membre\u202f; chaque attribution y a été prouvée. Ce qu’ont compté les toits du membre, et le fichier de preuve du mois, s’obtiennent sur un appareil qui garde tout.",
  room: {
    legend: "Les relevés des créneaux, pour les preuves",
    labels: {
      small: (size) => `Les derniers ${size}`,
      normal: (size) => `Les derniers ${size}`,
      all: () => "Tout, pour toujours",
    },
    lasts: (time) => `Environ ${time}.`,
    grows: (size) => `Environ ${size} de plus par an.`,
    now: (size) => `Il en garde ${size} à présent.`,
    from: (size, day) => `Il en garde ${size} à présent, depuis le ${day}.`,
    limited: (size) => `La place manquait\u202f: il n’en garde pas plus de ${size}.`,
    means:
      "Vos chiffres et les soldes de tous restent dans tous les cas. Un créneau, un jour ou un mois peut être prouvé ici tant que ses relevés sont gardés\u202f; ensuite, sur l’appareil d’un voisin qui garde tout.",
    frees: (size) =>
      `Environ ${size} des relevés les plus anciens partent maintenant. Ils ne reviennent pas d’eux-mêmes.`,
    more: "Ce qui est déjà parti ne revient pas de soi-même.",
    save: "Garder autant",
  },
};

const nl: KeepTexts = {
  own: {
    total: "Aan jou toegewezen",
    note: "Dit toestel bewaart alleen je eigen cijfers.",
    proved: (ago) => `Elk is bewezen; het nieuwste bewijs: ${ago}.`,
    unproved: "Er is nog niets bewezen: dit toestel heeft geen buur ontmoet.",
    unjudged: (energy, steps) =>
      `Daarvan staat ${energy}, uit ${count(steps, "nl")} ${plural("nl", steps, { one: "stap", other: "stappen" })}, vast, maar dit toestel kon het niet aan de verdeelregel toetsen: het heeft de regel van toen nooit gezien. Je buren hebben het nagerekend voordat ze het eens werden.`,
    gap: (energy, since) =>
      `Geen bereikbare buur heeft laten zien waar ${energy} van je totaal vandaan komt; dat is toegewezen na ${since}. Je totaal klopt; de stappen sindsdien zijn nog niet volledig. Dit toestel vraagt het aan een andere buur.`,
    sure: (since) =>
      `Vanaf ${since} is bewezen dat hier geen toewijzing ontbreekt. Van daarvoor is elke getoonde toewijzing waar, maar een buur kan er een hebben weggelaten; je totaal telt ze allemaal.`,
    energy: "Mijn energie per dag, maand en jaar",
    health: "Wat dit toestel bewaart, en waarom",
  },
  back: {
    button: "Deze cijfers bij een buur ophalen",
    coming: "Oudere cijfers zijn onderweg. Elk wordt bewezen zodra het er is.",
    lonely: "Oudere cijfers komen zodra dit toestel een buur ontmoet.",
    refused:
      "Geen bereikbare buur bewaart nog wat die tijd bewijst. Probeer het opnieuw als er een andere is, of open dit op een toestel dat alles bewaart.",
  },
  step: {
    title: (begin, end) => `Van ${begin} tot ${end}`,
    sentence: (mine, made) => `Je kreeg ${mine} van de ${made} die de daken opwekten.`,
    nothing: "Voor deze stap kreeg je niets.",
    state: {
      final:
        "Goedgekeurd door je buren en definitief. Dit toestel heeft het bewijs gecontroleerd dat zij het zo opschreven.",
      provisional: "Tot nu toe definitief; wat een late meter nog telt, kan erbij komen.",
      waiting: "Nog niet bewezen: het bewijs komt als je buren het over deze stap eens zijn.",
    },
    unjudged:
      "Definitief. Maar dit toestel kon het niet aan de verdeelregel toetsen: het heeft de regel van toen nooit gezien. Je buren deden het voordat ze het eens werden.",
    unjudgedShort: "niet aan de regel getoetst",
    elsewhere: "Deze stap is niet van vandaag. Je cijfers van andere dagen, elk bewezen, staan onder Mijn energie.",
    more: "Een toestel dat alles bewaart, toont ook wie de stap opschreef, wie hem controleerde en wat iedereen kreeg.",
  },
  known: {
    rule: "De regel die geldt",
    people: "Buren met wie het nu verbonden is",
    alone: "Dit toestel is nu met geen enkele buur verbonden.",
    steps: "Je stappen van vandaag",
    none: "Vandaag kreeg je nog niets.",
    made: "Opgewekt door de daken",
    mine: "Voor jou",
    fullCommunity:
      "Een toestel dat alles bewaart, toont ook alle leden en daken, de voorstellen om over te stemmen en wat een verandering zou brengen.",
    fullChain:
      "Een toestel dat alles bewaart, toont ook elk blok, wie het schreef en controleerde, en vindt elke stap of boeking terug. Hier kun je een stap van vandaag openen en verder niets zoeken.",
  },
  cannot: {
    operator:
      "Hier niet te zien: wat er te doen is, en de maand van de hele gemeenschap. Een toestel dat alles bewaart, heeft beide, met de bestanden om door te geven.",
    decide: "Hier niet mogelijk: voorstellen en stemmen. Daarvoor is een toestel nodig dat alles bewaart.",
    neighbour: "Hier niet te zien: wat een buur kreeg en deed.",
    proof:
      "Hier niet te zien: de boekingen van een stap en hun bewijzen. Mijn energie heeft je eigen cijfers, elk bewezen.",
    meter: "Hier niet mogelijk: een meter uitlezen of vergelijken. Daarvoor is een toestel nodig dat alles bewaart.",
    invite:
      "Hier niet mogelijk: uitnodigen. Een toestel dat alles bewaart, kan het: het jouwe of dat van een ander lid.",
  },
  statement:
    "Gemaakt op een toestel dat alleen de cijfers van dit lid bewaart; elke toewijzing is er bewezen. Wat de eigen daken van het lid telden, en het bewijsbestand van de maand, krijg je op een toestel dat alles bewaart.",
  room: {
    legend: "Gegevens van de stappen, voor bewijzen",
    labels: {
      small: (size) => `De nieuwste ${size}`,
      normal: (size) => `De nieuwste ${size}`,
      all: () => "Alles, voorgoed",
    },
    lasts: (time) => `Ongeveer de laatste ${time}.`,
    grows: (size) => `Ongeveer ${size} per jaar erbij.`,
    now: (size) => `Het bewaart er nu ${size} van.`,
    from: (size, day) => `Het bewaart er nu ${size} van, vanaf ${day}.`,
    limited: (size) => `Er was weinig plaats, daarom bewaart het niet meer dan ${size}.`,
    means:
      "Je cijfers en ieders saldo blijven in elk geval. Een stap, dag of maand is hier te bewijzen zolang de gegevens ervan bewaard zijn; daarna op het toestel van een buur dat alles bewaart.",
    frees: (size) => `Ongeveer ${size} van de oudste gegevens verdwijnt nu. Die komen niet vanzelf terug.`,
    more: "Wat al weg is, komt niet vanzelf terug.",
    save: "Zoveel bewaren",
  },
};

export const keepTexts: Readonly<Record<Language, KeepTexts>> = { en, fr, nl };
