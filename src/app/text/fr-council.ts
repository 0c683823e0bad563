/** The sentences of deciding together: proposals and their effect, rule, terms, neighbours, making blocks, leaving. French. */
import { count, plural } from "../format.ts";
import { de } from "./elision.ts";
import type { CouncilTexts } from "./en-council.ts";
import type { TermCode } from "./remarks.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

const hints: Readonly<Partial<Record<TermCode, string>>> = {
  feePpm: "Sur le soleil de chaque créneau, pour qui inscrit le créneau. 0 veut dire qu’inscrire est un service rendu.",
  lossPpm: "Ce que le réseau perd en route. Cela n’appartient à personne, et les sommes restent justes.",
  activityWindow: "Sans vote de son appareil pendant ce temps, un membre ne compte plus pour l’accord.",
  weightEnergy: "Combien compte le soleil offert dans le tirage du prochain secrétaire.",
  weightAge: "Combien compte une longue attente. C’est ce qui doit peser le plus.",
  weightReputation: "Combien compte d’avoir souvent inscrit. C’est ce qui doit peser le moins.",
  tokenValidity:
    "Qui n’utilise pas ses chances au tirage (jetons de vote) en autant de créneaux les perd. Le soleil, lui, n’est jamais perdu.",
  ageCap: "Attendre plus longtemps ne compte pas davantage.",
  reputationWindow: "Les blocs plus anciens ne comptent pas pour la réputation.",
  strikes: "Autant de tours un membre peut manquer avant de ne plus pouvoir se proposer.",
  rewardDelay: "Les frais sont retenus pendant ce temps. Qui triche entre-temps les perd.",
  ballotWindow: "Ce qui n’est pas décidé d’ici là a échoué.",
  adoptionDelay: "De la décision jusqu’à son effet.",
  candidacyMarginMs: "Qui oublie une offre arrivée au moins ce temps avant la clôture n’a pas de voix.",
  tickMarginMs: "Qui oublie un comptage arrivé au moins ce temps avant le bloc n’a pas de voix.",
};

export const council: CouncilTexts = {
  run: "Gérer la communauté",
  proposals: {
    rule: "Partager le soleil autrement",
    ruleMeans: (before, after) =>
      `Jusqu’ici il se partage ${before}. Oui signifie qu’à partir du créneau indiqué, il se partage ${after}.`,
    weightsMeans: (how, weights, from) =>
      `Le partage reste ${how}. Oui signifie qu’à partir de ${from ?? "ce créneau"}, ${weights}.`,
    weighs: (name, before, after) => `${name} pèse ${after} au lieu de ${before}`,
    rotate: (name) => `${name} a un nouvel appareil`,
    rotateMeans: (name) =>
      `Oui signifie que le nouvel appareil parle pour ${name} et que l’ancien ne le fait plus. Ce que ${name} a reçu reste. Comparez d’abord les chiffres au téléphone.`,
    meter: (name, owner) => `Nouvelle clé pour le compteur ${name} ${de(owner)}`,
    meterMeans:
      "Oui signifie que le nouvel appareil du compteur est cru. Ce qui a été compté reste, et le comptage reprend de là.",
    parameters: (changes, first) =>
      changes === 1 ? `Changer une clause\u202f: ${first}` : `Changer ${n(changes, "clause", "clauses")} du contrat`,
    parametersMeans: "Oui signifie qu’à partir du créneau indiqué, ceci vaut.",
    pardon: (name) => `Laisser ${name} inscrire de nouveau`,
    pardonMeans: (strikes) =>
      `Oui signifie que ${strikes === 0 ? "ce qui s’est passé est pardonné" : n(strikes, "tour manqué est pardonné", "tours manqués sont pardonnés")}, et que l’appareil peut de nouveau se proposer.`,
    leave: (name) => `${name} doit quitter la communauté`,
    leaveMeans: (name) =>
      `Oui signifie qu’à partir du créneau indiqué, ${name} n’a plus ni part ni voix. Ce que ${name} a reçu reste inscrit.`,
    leaveOwn: (name) => `${name} quitte la communauté`,
    leaveOwnMeans: "Cela ne demande pas de vote, personne n’est obligé de rester.",
    holdsFrom: (time) => `Si assez de membres sont d’accord pendant ce créneau, cela vaut dès ${time}.`,
    hopeless: "Plus de la moitié ont dit non\u202f: cela ne passe que si quelqu’un change son vote.",
    openUntil: (time) => `Ouvert jusqu’à ${time}.`,
    changeable: "Tant que le vote est ouvert, vous pouvez changer le vôtre, une fois par créneau.",
    made: "C’est proposé",
    madeBody: (time) =>
      `Ce sera inscrit avec le créneau qui finit à ${time}. Vous le trouverez alors sous Communauté, À décider, avec votre oui, et les membres voteront.`,
    madeSee: "Voir Communauté",
    onTheWay: (proposals) =>
      `${n(proposals, "de vos propositions est", "de vos propositions sont")} en route, à voir ici dès que ce créneau est inscrit.`,
  },
  decisions: {
    title: "Décidé",
    none: "Rien n’a encore été décidé.",
    outcome: {
      adopted: (step, time, votes) => `Adopté avec le créneau ${step} (${time}), ${votes}.`,
      rejected: (step, time, votes) => `Refusé, clos avec le créneau ${step} (${time}), ${votes}.`,
      expired: (step, time, votes) => `Non décidé à temps, clos avec le créneau ${step} (${time}), ${votes}.`,
    },
    votes: (yes, needed, no) => `${yes} oui sur ${needed} nécessaires, ${no} non`,
    noVote: "sans vote nécessaire",
    from: (step, time) => `En vigueur dès le créneau ${step} (${time}).`,
    since: (step, time) => `En vigueur depuis le créneau ${step} (${time}).`,
    earlier: (decisions) => n(decisions, "décision antérieure", "décisions antérieures"),
  },
  rule: {
    equal: "en parts égales",
    fixed: "selon les poids",
    alike: "selon les poids (tous les mêmes, donc en parts égales)",
    first: (part, how) => `d’abord ${part} ${how}`,
    next: (part, how) => `puis ${part} du reste ${how}`,
    rest: (how) => `ce qui reste ${how}`,
    inForce: (how) => `Le soleil se partage ${how}.`,
    change: "Changer le partage",
    title: "Comment partager le soleil\u202f?",
    intro: "Changez et voyez aussitôt ce que cela aurait donné. Les membres votent, rien ne change avant.",
    kind: {
      legend: "La règle",
      options: {
        equal: { label: "En parts égales", hint: "Chaque membre reçoit autant." },
        fixed: { label: "Selon les poids", hint: "Chacun selon un nombre, par exemple sa part de l’investissement." },
        mixed: {
          label: "En plusieurs tours",
          hint: "Une part d’une façon, le reste d’une autre, en trois tours au plus.",
        },
      },
    },
    rounds: "Les tours, l’un après l’autre",
    round: (at) => `Tour ${at}`,
    how: "partage",
    part: "Part de ce qui reste, en pour cent",
    partWrong: "Saisissez une part au-dessus de 0 et d’au plus 100 pour cent.",
    lastRound: "Le dernier tour partage tout ce qui reste.",
    addRound: "Un tour de plus",
    dropRound: "Retirer le dernier tour",
    weights: "Poids",
    weightsHint: "Des nombres entiers. Un poids double donne une part double.",
    weightOf: (name) => `Poids ${de(name)}`,
    weightWrong: "Un poids est un nombre entier de 0 à 1 000 000, et l’un au moins dépasse 0.",
    propose: "Le proposer aux membres",
  },
  effect: {
    title: "Ce que cela aurait donné",
    unfold: "Qui gagne et qui perd, et combien",
    correct: "Corrigez ce qui est marqué, vous le verrez alors ici.",
    period: "Pour le soleil des sept derniers jours",
    since: (date) => `Pour le soleil depuis ${date}`,
    gain: (amount) => `Vous auriez eu ${amount} de plus.`,
    lose: (amount) => `Vous auriez eu ${amount} de moins.`,
    same: "Pour vous, cela aurait changé moins d’un millième.",
    others: (more, less) =>
      `${n(more, "foyer gagne", "foyers gagnent")}, ${count(less, "fr")} ${plural("fr", less, { one: "perd", other: "perdent" })}.`,
    unnoticed: "La part de personne ne change de façon sensible, c’est-à-dire d’un millième ou plus.",
    nothing:
      "Aucun soleil n’a été compté ces sept derniers jours\u202f: voici donc la part de chacun dans chaque kWh à venir.",
    parts: (after, before) => `Vous auriez ${after} de chaque kWh au lieu de ${before}.`,
    ofKwh: "De chaque kWh à venir",
    noMeter:
      "Aucun compteur ne compte encore pour la communauté\u202f: voici donc la part de chacun dans chaque kWh à venir.",
    none: "Cela ne change la part de personne.",
    member: "Membre",
    before: "Jusqu’ici",
    after: "Ensuite",
    difference: "Plus ou moins",
    fee: "Pour l’inscription",
    loss: "Perdu dans le réseau",
  },
  terms: {
    change: "Changer les clauses",
    title: "Changer ce que nous avons convenu",
    intro:
      "Changez ce qu’il faut, les membres votent. La durée d’un créneau, les délais à l’intérieur et le temps de l’énergie tardive restent ceux de la fondation.",
    groups: {
      money: "Frais et pertes",
      agreement: "Quand un créneau est accepté",
      writing: "Qui inscrit les créneaux",
      ballots: "Les votes comme celui-ci",
      margins: "Ce qui ne doit pas être oublié",
    },
    hints,
    percent: "en pour cent",
    seconds: "en secondes",
    steps: "en créneaux",
    lasts: (time) => `Soit ${time}.`,
    changes: "Vous changez",
    noChange: "Rien n’est encore changé.",
    fromTo: (before, after) => `${before} devient ${after}`,
    wrong: {
      number: "Saisissez un nombre entier de 1 à 1 000 000 000.",
      part: "Saisissez une part de 0 à 100 pour cent.",
      order: "La réputation doit peser moins que le soleil, et le soleil moins que l’attente.",
      sum: "Frais et pertes font ensemble 100 pour cent au plus.",
      other: "Cette valeur ne va pas avec les autres clauses. Choisissez-en une autre.",
    },
    propose: "Le proposer aux membres",
  },
  applicant: {
    replaces: "C’est un membre avec un nouvel appareil",
    which: "Qui est-ce\u202f?",
    replacesMeans:
      "Les membres votent. Ensuite l’ancien appareil ne parle plus pour ce membre, et ce qu’il a reçu reste.",
    propose: "Proposer le nouvel appareil",
    refuse: "Refuser",
    refuseMeans: "Refuser cache la demande sur cet appareil seulement. Les autres membres peuvent encore admettre.",
    refused: (requests) => n(requests, "demande refusée", "demandes refusées"),
    refusedHere: "Vous avez refusé sur cet appareil. Les autres peuvent encore admettre.",
    refusedByVote: "Les membres ont voté contre. On peut la proposer une nouvelle fois.",
    again: "De nouveau à la porte",
  },
  neighbour: {
    open: (name) => `Plus sur ${name}`,
    had: { before: "Jusqu’ici", after: "de notre soleil." },
    today: "Aujourd’hui",
    weight: "Poids",
    blocks: "Créneaux inscrits",
    last: "Le dernier",
    never: "aucun encore",
    state: "État",
    strikes: (strikes, allowed) => `a manqué son tour ${n(strikes, "fois", "fois")}, à ${allowed} il n’en reçoit plus`,
    noStrikes: "n’a manqué aucun tour",
    barred: (date) => `ne peut plus inscrire depuis le ${date}`,
    left: (date) => `parti le ${date}`,
    leftTitle: "Anciens membres",
    digits: "Chiffres de l’appareil",
    decide: "À décider par les membres",
    pardon: "Proposer un pardon",
    pardonMeans: "Les tours manqués sont pardonnés, et l’appareil peut de nouveau inscrire.",
    expel: "Proposer que ce membre parte",
    expelMeans: "Qui part n’a plus ni part ni voix. Les autres reçoivent sa part.",
    expelSure: "Oui, le proposer",
    leaveMe: "Quitter la communauté",
    unknown: "Ce membre n’est pas connu ici.",
  },
  voting: {
    title: "Inscrire les créneaux",
    intro:
      "L’appareil d’un membre inscrit chaque créneau, et le sort dit lequel. Avec votre soleil viennent des chances au tirage, appelées jetons de vote\u202f: plus il y a de soleil et d’attente, plus vite un appareil est tiré. Ce n’est pas de l’énergie, votre part reste à vous.",
    summary: {
      auto: "Votre appareil prend part au tirage de lui-même.",
      all: "Votre appareil joue toutes ses chances, à chaque créneau.",
      save: "Votre appareil ne joue que les chances qui vont expirer.",
      share: (part) => `Votre appareil joue ${part} de ses chances.`,
      off: "Votre appareil ne prend pas part au tirage.",
    },
    change: "Voir et changer",
    strategy: {
      legend: "Comment votre appareil prend-il part\u202f?",
      options: {
        auto: {
          label: "De lui-même (conseillé)",
          hint: "Joue toutes ses chances, et attend un peu quand un tour manqué de plus l’exclurait.",
        },
        all: { label: "Toutes les chances, à chaque créneau", hint: "La meilleure chance à chaque tirage." },
        save: { label: "Seulement ce qui va expirer", hint: "Les garde pour plus tard, jusqu’à leur échéance." },
        share: { label: "Une part fixe", hint: "Garde une réserve pour les créneaux suivants." },
        off: {
          label: "Pas du tout",
          hint: "D’autres inscrivent. Votre soleil, votre voix et vos vérifications restent.",
        },
      },
    },
    part: "Part en pour cent",
    partWrong: "Saisissez un pourcentage entier de 1 à 100.",
    save: "L’utiliser dès le prochain créneau",
    saved: "Votre appareil fait ainsi dès le prochain créneau.",
    tokens: "Soleil qui compte au tirage",
    available: "pour le créneau en cours",
    expiring: "pour la dernière fois",
    auctions: "Ce que vous avez joué et ce qu’il en est sorti",
    columns: { step: "Créneau", spent: "Joué", place: "Place", result: "Résultat" },
    place: (place, of) => `${place} sur ${of}`,
    wrote: "l’a inscrit",
    notWrote: "un autre a inscrit",
    owed: "n’a pas livré",
    noAuctions: "Votre appareil n’a pas pris part aux derniers tirages.",
    strikes: (strikes, allowed) =>
      `Votre appareil a été tiré au sort et n’a pas inscrit ${n(strikes, "fois", "fois")}. À ${allowed}, ce n’est plus jamais son tour. Un créneau qu’il inscrit efface tout.`,
    barred:
      "Votre appareil ne peut plus inscrire de créneaux, il a trop souvent manqué son tour ou a signé deux choses différentes. Les membres peuvent lui pardonner.",
  },
  leaving: {
    title: (community) => `Quitter ${community}`,
    intro: "Il y a deux choses différentes. Choisissez ce que vous voulez dire.",
    kind: {
      legend: "Que voulez-vous\u202f?",
      options: {
        community: {
          label: "Quitter la communauté",
          hint: "Vous ne partagez plus de soleil avec les autres. Tous voient que vous êtes parti.",
        },
        device: {
          label: "Seulement vider cet appareil",
          hint: "Vous restez membre. Pour un appareil que vous donnez ou remplacez.",
        },
      },
    },
    communityMeans:
      "Personne n’a à voter. À partir d’un créneau proche, vous n’avez plus ni part ni voix, et les autres reçoivent votre part. Ce que vous avez eu reste inscrit, et votre compteur continue de compter pour la communauté.",
    communityButton: "Quitter la communauté",
    deviceMeans:
      "Supprime clés, écritures et comptages de cet appareil. Un compteur relié à lui n’est plus compté. Vos voisins vous voient encore comme membre absent. Avec un nouvel appareil, demandez une invitation, et un membre dira que c’est vous.",
    replacedTitle: (community) => `Cet appareil ne parle plus pour vous dans ${community}`,
    replacedMeans:
      "Votre nouvel appareil le fait, et ce que vous avez eu est avec lui. Vider supprime clés, écritures et comptages de celui-ci. Un compteur relié à lui doit être associé au nouveau. Si le nouvel appareil n’est pas le vôtre, appelez d’abord vos voisins.",
    wordsTitle: "Vider cet appareil",
    wordsMeans:
      "Cet appareil est revenu avec des mots et n’est pas encore reconnu comme membre. Vider supprime les clés qui en naissent. Avec les bons mots et une invitation, vous pouvez recommencer.",
    applicantTitle: "Retirer votre demande",
    applicantMeans: "Vous n’êtes pas encore membre. Vider supprime vos clés et la demande de cet appareil.",
    aloneMeans:
      "Vous êtes le seul membre. Avec les clés et les écritures de cet appareil, la communauté prend fin. Ce qui est supprimé ne revient pas.",
    deviceButton: "Vider cet appareil",
    underWay: (when) =>
      `Vous partez à ${when}. Laissez cette page ouverte jusque-là, pour que les autres l’apprennent.`,
    waiting: "Votre départ est en route vers les autres. Laissez cette page ouverte jusqu’à ce qu’il soit inscrit.",
    left: (community) => `Vous avez quitté ${community}.`,
    leftBody:
      "Les autres le savent. Vous pouvez maintenant vider cet appareil, clés, écritures et comptages y seront supprimés.",
    confirm: "Nom de la communauté",
    confirmHint: (name) => `Saisissez ${name} pour confirmer.`,
    mismatch: "Le nom ne correspond pas encore.",
    demo: "Dans la démo il n’y a rien à quitter, terminez-la par le bouton en haut.",
  },
  votes: {
    title: "Qui l’a vérifié",
    body: (quorum, voters) =>
      `Un créneau est définitif quand ${quorum} sur ${voters} l’ont vérifié, puis ont confirmé que cela suffit.`,
    name: "Voisin",
    approved: "Vérifié",
    confirmed: "Confirmé",
    yes: "oui",
    no: "pas encore",
    none: "Personne ne l’a encore vérifié.",
    missingApprovals: (needed, names) =>
      `Pas encore définitif. ${needed === 1 ? "Encore un" : `Encore ${count(needed, "fr")}`} de ces voisins doit vérifier, ${names}.`,
    missingConfirmations: (needed, names) =>
      `Assez l’ont vérifié. Pour qu’il soit définitif, encore ${needed === 1 ? "un" : count(needed, "fr")} de ces voisins doit confirmer, ${names}.`,
    away: (name) => `${name} (absent)`,
    all: (names) => `Vérifié et confirmé par ${names}.`,
    standIns: "Remplaçants, dans l’ordre du tirage",
    standInsBody: "Aucun candidat n’a livré à temps, c’était donc le tour d’autres.",
    incidents: "Ce qui n’est pas allé",
    owed: (name, strikes) =>
      `${name} a été tiré au sort et n’a pas inscrit le créneau, un tour manqué${strikes > 0 ? `, ${count(strikes, "fr")} à présent` : ""}.`,
    owedBarred: (name) => `${name} a été tiré au sort, n’a pas inscrit le créneau et ne peut plus se proposer.`,
    faults: {
      "two-blocks": (name) => `${name} a signé deux blocs différents pour un créneau.`,
      "two-approvals": (name) => `${name} a vérifié deux blocs différents dans un même tour.`,
      "two-confirmations": (name) => `${name} a confirmé deux blocs différents dans un même tour.`,
      "two-winners": (name) => `${name} a signé deux résultats différents d’un même tirage.`,
    },
    reported: (name) => `${name} a montré les deux signatures`,
    confiscated: (amount) => `et reçoit les ${amount} de frais retenus`,
    barred: "cet appareil ne peut plus inscrire de créneaux",
  },
};
