/** The sentences of setting things up: first screens, invitations, meters. French. */
import { count, plural } from "../format.ts";
import { de } from "./elision.ts";
import type { SetupTexts } from "./en-setup.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

export const setup: SetupTexts = {
  create: {
    title: "Créer une communauté",
    intro: "Vous êtes le premier membre. Chaque personne invitée voit ces conditions avant d’entrer.",
    name: "Nom de la communauté",
    nameHint: "Par exemple la rue ou la maison, Rue du Soleil 12",
    memberName: "Votre prénom",
    memberNameHint: "Seuls les membres le voient. Il ne va jamais sur la chaîne.",
    rhythm: {
      legend: "À quel rythme partager le soleil\u202f?",
      options: {
        paper: {
          label: "Toutes les 15 minutes",
          hint: "Le rythme du gestionnaire de réseau. À choisir pour une vraie communauté.",
        },
        fast: { label: "Toutes les 10 secondes", hint: "Pour essayer, le résultat se voit tout de suite." },
      },
    },
    quorum: {
      legend: "Quand un créneau est-il accepté\u202f?",
      options: {
        majority: {
          label: "Quand plus de la moitié est d’accord",
          hint: "Marche avec peu de membres et des téléphones en veille. Protège des pannes et démasque qui vote deux fois.",
        },
        "two-thirds": {
          label: "Quand plus des deux tiers sont d’accord",
          hint: "Sûr même si un tiers des membres triche ensemble. Demande plus d’appareils éveillés.",
        },
      },
    },
    preview: "Votre contrat",
    contract: (name, rhythm, quorum) =>
      `${name} partage son soleil ${rhythm}, en parts égales tant que les membres n’en décident pas autrement. Un créneau est accepté quand ${quorum} des membres actifs l’a vérifié. Nouveaux membres, compteurs et règles demandent le vote des membres.`,
    unnamed: "Votre communauté",
    rhythmPaper: "toutes les 15 minutes",
    rhythmFast: "toutes les 10 secondes",
    quorumMajority: "plus de la moitié",
    quorumTwoThirds: "plus des deux tiers",
    next: "Créer mes clés",
    done: (name) => `${name} existe.`,
    doneBody: "Vous en êtes le premier membre. Deux choses la font vivre, des voisins et un compteur.",
    inviteNext: "Inviter un voisin",
    meterNext: "Associer un compteur",
    home: "Aller à l’accueil",
    needName: "Donnez à la communauté un nom de 60 lettres au plus\u202f; un emoji en vaut quatre.",
    needMember: "Saisissez votre prénom, 40 lettres au plus\u202f; un emoji en vaut quatre.",
  },
  phrase: {
    title: "Notez ces douze mots",
    body: "Toutes vos clés en naissent\u202f: ils sont votre adhésion. Qui les trouve peut agir en votre nom. Le papier est le mieux. Personne d’autre ne les a, pas même nous.",
    alsoNeeded:
      "Pour revenir avec eux, il faut aussi un lien d’invitation à la communauté, même expiré\u202f: une fois entré, créez-en un dans Communauté et gardez-le avec votre papier. Ou enregistrez une sauvegarde dans État\u202f: elle suffit à elle seule.",
    kept: "Ils restent les mêmes sur cet appareil jusqu’à la fin, même si vous rechargez la page ou revenez en arrière.",
    shownBefore: (when) =>
      `Cet appareil vous a montré ces mots ${when}\u202f: ce que vous avez noté alors reste juste.`,
    other: "Faire d’autres mots",
    otherMade: "Ces mots sont nouveaux. Barrez ceux que vous aviez notés avant.",
    written: "Je les ai notés",
    checkTitle: "Quel est ce mot\u202f?",
    checkBody: "Prenez votre papier et choisissez les trois mots.",
    word: (position) => `Mot ${position}`,
    wrong: "Un des mots ne correspond pas à votre papier. Regardez encore, ou revenez comparer.",
    again: "Revoir les mots",
    finishCreate: "Créer la communauté",
    finishJoin: "Demander à entrer",
  },
  join: {
    title: "Rejoindre une communauté",
    paste: "Collez le lien d’invitation reçu",
    pasteHint: "Ou scannez le code QR du voisin avec l’appareil photo du téléphone.",
    read: "Ouvrir l’invitation",
    notALink: "Ceci ne ressemble pas à une invitation. Copiez le lien entier envoyé par votre voisin.",
    invites: (inviter, community) => `${inviter} vous invite à ${community}.`,
    about: (members, rhythm) =>
      `À sa fondation, elle avait ${n(members, "membre", "membres")}. Le soleil du toit se partage toutes les ${rhythm}.`,
    termsTitle: "Ce qui a été convenu à la fondation",
    membersVote:
      "Les membres ont pu en changer depuis par un vote, vous verrez ce qui est en vigueur dès que votre appareil aura demandé à entrer. Nouveaux membres, compteurs et règles demandent le vote des membres, le vôtre compris.",
    dso: "Les compteurs demandent aussi l’aval du gestionnaire de réseau.",
    expires: (when) => `L’invitation expire le ${when}.`,
    memberName: "Votre prénom",
    memberNameHint: "Les membres vous reconnaissent ainsi. Il ne va jamais sur la chaîne.",
    next: "Créer mes clés",
    alreadyMember: (community) =>
      `Cet appareil appartient déjà à ${community}. Quittez-la d’abord, sous État, ou ouvrez le lien sur un autre appareil.`,
  },
  waiting: {
    title: (community) => `${community} a votre demande.`,
    alone: (community) => `Votre demande attend\u202f: personne ${de(community)} n’est en ligne.`,
    offline: (community) => `Votre demande à ${community} attend ici\u202f: vous êtes hors ligne.`,
    offlineBody: "Elle partira d’elle-même dès que cet appareil sera de nouveau connecté.",
    body: "Les membres votent, chacun d’un geste. Laissez cette page ouverte ou revenez plus tard, cela continue tout seul.",
    next: "La suite",
    steps: [
      "Un membre voit votre nom et compare vos chiffres.",
      "Les membres votent\u202f: dès qu’assez ont dit oui, vous en êtes.",
      "Votre part de soleil apparaît à l’accueil.",
    ],
    vote: (by, yes, needed) =>
      `${by} vous a proposé\u202f: ${count(yes, "fr")} des ${count(needed, "fr")} voix nécessaires. ${yes < needed ? `Il faut encore ${n(needed - yes, "oui", "oui")}.` : "Le créneau en cours décide."}`,
    admitted: (when) => `Vous êtes admis\u202f: vous êtes membre à partir de ${when}.`,
    digits: "Vos chiffres",
    digitsBody:
      "Lisez-les à votre voisin au téléphone. Les mêmes chiffres sur les deux écrans, et personne n’est entre vous.",
    refusedTitle: "Cette invitation n’est pas acceptée",
    startOver: "Recommencer avec une nouvelle invitation",
    startOverMeans: "Votre demande sur cet appareil est oubliée, il n’y a rien d’autre dessus.",
    replacedTitle: "Cet appareil ne parle plus pour vous",
    inForce: "Ce qui y est en vigueur à présent",
    connected: (peers) =>
      peers === 0
        ? "Aucun membre n’est en ligne. Demandez à votre voisin d’ouvrir l’application."
        : `${n(peers, "membre a", "membres ont")} votre demande.`,
  },
  invite: {
    title: "Inviter un voisin",
    body: "Montrez ce code ou envoyez le lien. Il contient le contrat, signé par vous. Les clés de votre voisin naissent sur son propre appareil.",
    make: "Faire une invitation",
    link: "Lien d’invitation",
    qr: "Code QR du lien d’invitation",
    expires: (when) => `Expire le ${when}.`,
    after: "Quand votre voisin l’a ouvert, il apparaît sous Communauté. Admettez-le là, d’un geste.",
    shareTitle: (community) => `Rejoindre ${community}`,
    shareText: (community) => `Je vous invite à partager le soleil ${de(community)}`,
    onlyHere: (host) =>
      `Ce lien commence par ${host}, seul cet ordinateur peut l’ouvrir. Pour d’autres appareils, lancez l’application par npm start -- --host 0.0.0.0 (ou npx commonwatt serve --host 0.0.0.0) derrière un proxy avec certificat, car les navigateurs exigent HTTPS. Votre voisin y ouvre l’application, choisit «\u202fJ’ai une invitation\u202f» et colle ce lien.`,
    tooLong: "Le lien est trop long pour un code QR. Envoyez-le.",
  },
  meter: {
    title: "Compteur",
    sentenceNone: "Aucun compteur n’est associé à cet appareil.",
    why: "Le membre dont l’appareil est à côté du compteur de production l’associe ici. Les autres n’ont besoin de rien.",
    pair: "Associer un compteur",
    another: "Associer un autre compteur",
    counting: (name) => ({ before: `${name} a compté`, after: "en tout." }),
    states: {
      "waiting-port": "Attend le câble",
      listening: "Attend la première lecture",
      counting: "Compte",
      silent: "Silencieux",
      unplugged: "Débranché",
      stopped: "Arrêté jusqu’à votre confirmation",
      "other-meter": "Un autre compteur répond",
    },
    stateHelp: {
      "waiting-port": "Branchez le câble sur cet appareil.",
      listening: "Le premier télégramme arrive en général en dix secondes.",
      counting: "",
      silent: "Le câble est là, mais rien n’arrive. Vérifiez l’autre bout, au compteur.",
      unplugged: "Rebranchez le câble. Rien de déjà compté n’est perdu.",
      stopped:
        "La lecture ne suit pas la précédente. Si le compteur a été remplacé, confirmez-le. Le comptage reprend alors au nouvel index.",
      "other-meter":
        "Ce n’est pas le compteur associé. Deux câbles ont-ils été échangés\u202f? Ou le compteur a-t-il été remplacé\u202f? Remettez le câble, ou confirmez le nouveau compteur\u202f: le comptage commence alors à son index. Rien n’est compté d’ici là.",
    },
    power: "Maintenant",
    last: "Dernière lecture",
    booked: "Compté, pas encore inscrit",
    registered: {
      no: "Pas encore connu de la communauté. Il est proposé de lui-même après la première lecture.",
      proposed: "Les membres votent.",
      yes: "La communauté le compte.",
    },
    registration: "Enregistrement",
    accuracy: "Précision",
    accuracyOk: (quantum, resolution) =>
      `Assez fin. La plus petite quantité fiable d’un créneau est ${quantum}, le compteur montre ${resolution}.`,
    accuracyBad: (quantum, resolution) =>
      `Plus grossier que la règle. Le compteur avance par ${resolution}, la règle admet ${quantum}. La somme du jour reste juste, les créneaux de faible puissance sont arrondis.`,
    refused: (value) => n(value, "télégramme refusé", "télégrammes refusés"),
    telegrams: "Télégrammes",
    refusedNone: "Tous les télégrammes étaient lisibles.",
    confirm: "Le compteur a été remplacé, continuer",
    forget: "Oublier ce compteur",
    forgetSure: "Vraiment l’oublier\u202f? Ce qui est compté reste inscrit.",
    chooseAgain: "Choisir de nouveau le câble",
    wake: "Garder cet écran allumé pendant le comptage",
    wakeHint: "Pour un téléphone ou une tablette qui reste près du compteur.",
    wakeMissing:
      "Ce navigateur ne peut pas garder l’écran allumé. Réglez la mise en veille dans les réglages de l’appareil.",
    cancelled: "Aucun c\u00e2ble n\u2019a \u00e9t\u00e9 choisi. Branchez-le et r\u00e9essayez.",
    denied:
      "Le navigateur a refus\u00e9 l\u2019acc\u00e8s au c\u00e2ble. Autorisez les ports s\u00e9rie pour ce site dans ses r\u00e9glages.",
    before: "Avant",
    nowShows: "Le compteur affiche maintenant",
    otherTab: "Le compteur est lu par un autre onglet de cette application. Fermez l’un des deux.",
  },
  /** What a meter is paired for. */
  meterRole: {
    legend: "Que doit-il compter\u202f?",
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
  /** A meter of the own use. */
  useMeter: {
    counting: (name) => ({ before: `${name} a fait entrer`, after: "du réseau en tout." }),
    grid: "Du réseau",
    gridRegister: (register, now) => (now === null ? register : `${register}, en ce moment ${now}`),
    forgetSure: "Vraiment l’oublier\u202f? Ce qu’il a compté reste sur cet appareil.",
    check: "Vérifier avec le compteur",
  },
  /** Around every file that is to be chosen. */
  file: { how: "Touchez pour le choisir, ou déposez-le ici.", another: "Touchez pour en choisir un autre." },
};
