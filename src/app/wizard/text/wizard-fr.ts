/** Les phrases de l'appairage d'un compteur. Français. Chargées avec l'assistant. */
import { count, plural } from "../../format.ts";
import type { WizardTexts } from "./wizard-en.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "fr")} ${plural("fr", value, { one, other })}`;

const ONE_WH =
  "Il avance par pas de 1 Wh. Un compteur de classe B marqué 0,25-5(60) A demanderait des pas de moins de 0,2875 Wh pour être exact à chaque quart d’heure\u202f; les sommes d’une journée sont justes à 1 Wh près.";
const PULSES =
  "À partir de 3 479 impulsions par kWh, c’est assez fin pour des créneaux d’un quart d’heure et un compteur de classe B marqué 0,25-5(60) A\u202f; 1 000 ne suffisent pas.";
const MAINS =
  "S0 ne porte que 27 volts au plus, mais il est à côté de bornes du secteur\u202f: faites ouvrir le coffret et sortir les deux fils par un électricien.";

export const wizard: WizardTexts = {
  progress: (at, of) => `Étape ${at} sur ${of}`,
  next: "Continuer",
  kind: {
    title: "Regardez votre compteur\u202f: que voyez-vous\u202f?",
    options: {
      p1: {
        label: "Une prise de type téléphone",
        hint: "Port P1\u202f; Belgique, Pays-Bas, Luxembourg, Suède, Autriche, Hongrie",
      },
      tic: { label: "Un Linky jaune-vert", hint: "Bornes I1, I2 et A sous le capot du bas\u202f; France" },
      optical: {
        label: "Un rond de métal pour un aimant",
        hint: "Port infrarouge\u202f; Allemagne, Suisse, Autriche et d’autres",
      },
      han: { label: "Un port client", hint: "Prise HAN ou M-Bus\u202f; pays nordiques, Autriche, Suisse" },
      counter: {
        label: "Une sortie d’impulsions, avec un microcontrôleur",
        hint: "Bornes S0 ou voyant clignotant\u202f; ne manque jamais une impulsion",
      },
      direct: {
        label: "Une sortie d’impulsions, droit sur un adaptateur",
        hint: "Bornes S0\u202f; cet appareil doit rester éveillé",
      },
      unknown: { label: "Je ne sais pas\u202f: écoutez et dites-moi", hint: "Le câble est déjà là" },
    },
  },
  wire: {
    title: {
      p1: "Un câble P1 va de la prise à l’USB.",
      tic: "Deux fils vont du Linky à un adaptateur TIC.",
      optical: "Une tête infrarouge tient au compteur par son aimant.",
      han: "Un adaptateur M-Bus se branche sur le port client.",
      counter: "Deux fils vont de S0 à un microcontrôleur qui compte.",
      direct: "Deux fils vont de S0 à un adaptateur série.",
      unknown: "Quel que soit votre câble\u202f: branchez-le des deux côtés.",
    },
    buy: "Ce qu’il vous faut",
    buyBody: {
      p1: "Un câble «\u202fP1 vers USB\u202f» (fiche RJ12, signal inversé à l’intérieur)\u202f: environ 15 à 25 euros.",
      tic: "Un adaptateur «\u202fTIC vers USB\u202f» à optocoupleur\u202f: environ 15 à 35 euros, et deux mètres de fil fin à deux conducteurs.",
      optical:
        "Une «\u202ftête de lecture infrarouge\u202f» USB pour CEI 62056-21 ou SML\u202f: environ 20 à 40 euros.",
      han: "Un adaptateur «\u202fM-Bus vers USB\u202f» ou «\u202fHAN vers USB\u202f», maître ou esclave selon votre gestionnaire de réseau\u202f: environ 20 à 40 euros.",
      counter:
        "Une petite carte USB à puce 32U4 ou semblable\u202f: environ 8 à 15 euros, et du fil à deux conducteurs. Le README du projet dit où est le programme.",
      direct: "Un adaptateur USB-série en 5 V ou 3,3 V à fils libres\u202f: environ 8 à 15 euros.",
      unknown: "Un câble entre le compteur et la prise USB de cet appareil.",
    },
    wire: "Comment l’assembler",
    wireBody: {
      p1: "Enfoncez-le dans la prise P1 jusqu’au déclic, puis dans cet appareil. Certains gestionnaires doivent d’abord ouvrir le port\u202f; la demande se fait sur leur site.",
      tic: "I1 et I2 sur les deux entrées de l’adaptateur, dans n’importe quel sens\u202f; laissez A libre sauf si l’adaptateur y prend son courant. Demandez le mode «\u202fproducteur\u202f» et «\u202fstandard\u202f»\u202f: sinon le compteur n’envoie pas ce que vous injectez.",
      optical:
        "Posez la tête sur le rond, câble vers le bas. Beaucoup de compteurs allemands ne montrent tous les chiffres qu’après le code PIN du gestionnaire.",
      han: "Branchez-le sur le port client. La plupart de ces compteurs doivent être ouverts par le gestionnaire, et beaucoup chiffrent\u202f: alors cet appareil le dit.",
      counter: "S0+ sur la broche 2 de la carte, S0− sur sa masse. Installez-y une fois le programme.",
      direct:
        "S0+ sur RX de l’adaptateur, S0− sur sa masse. La carte, à côté, ne manque jamais une impulsion\u202f; ici on en perd dès que cet appareil dort.",
      unknown: "Rien à régler\u202f: toutes les vitesses usuelles sont essayées l’une après l’autre.",
    },
    warn: "Attention",
    warnBody: {
      p1: "La prise ne porte que 5 volts. Les capots scellés restent fermés\u202f: ils sont au gestionnaire de réseau.",
      tic: "Seul le capot vert du bas est à vous, et la TIC elle-même est en basse tension\u202f: ne touchez à rien d’autre. Le capot scellé reste fermé.",
      optical: "Rien ne s’ouvre et rien ne se touche\u202f: ce n’est que de la lumière.",
      han: "Seul le port client est à vous. Ce qui est sous scellé est au gestionnaire de réseau.",
      counter: MAINS,
      direct: MAINS,
      unknown: "N’ouvrez aucun capot scellé. Ce qui est près de bornes du secteur est l’affaire d’un électricien.",
    },
    accuracy: "La précision obtenue",
    accuracyBody: {
      p1: ONE_WH,
      tic: ONE_WH,
      optical:
        "Des pas de 0,1 Wh, que la plupart envoient après le code PIN, suffisent pour la classe B (moins de 0,2875 Wh)\u202f; des pas de 1 Wh, non.",
      han: "Des pas de 1 ou 10 Wh\u202f: plus grossiers que ce que la classe B demande en un quart d’heure (moins de 0,2875 Wh). Les sommes d’une journée sont justes.",
      counter: PULSES,
      direct: `${PULSES} Ce qui n’est pas vu n’est pas compté.`,
      unknown: "Vous la verrez, chiffres à l’appui, avant de terminer.",
    },
  },
  port: {
    title: "Branchez le câble et choisissez-le.",
    body: "Le navigateur demande une fois\u202f; ensuite cet appareil retrouve le câble tout seul.",
    known: "Déjà autorisés",
    choose: "Choisir un câble",
    chooseUsb: "Choisir un appareil USB",
    android:
      "Sur Android, il y a deux voies. Les câbles USB demandent en général la seconde, les adaptateurs Bluetooth la première.",
    none: "Ce navigateur ne sait pas lire un câble.",
    noneBody:
      "Prenez Chrome ou Edge sur un ordinateur, ou Chrome sur Android avec un adaptateur USB. Un petit ordinateur près du compteur convient aussi\u202f: l’appareil du compteur et le vôtre peuvent être différents. Firefox et Safari montrent tout le reste.",
    cancelled: "Aucun câble n’a été choisi. Branchez-le et réessayez.",
    denied: "Le navigateur a refusé l’accès. Autorisez les ports série pour ce site dans ses réglages.",
    unnamed: "Port sans numéro USB",
    usb: (vendor, product) => `USB ${vendor}:${product}`,
  },
  listen: {
    title: {
      probing: "À l’écoute…",
      none: "Rien n’a encore été reconnu.",
      found: (what) => `Trouvé\u202f: ${what}.`,
      trouble: "Le câble ne peut pas être lu.",
    },
    protocols: {
      p1: "un compteur communicant sur son port P1",
      s0: "un compteur d’impulsions",
      tic: "un Linky (TIC)",
      iec: "un compteur qui parle CEI 62056-21",
      sml: "un compteur qui parle SML",
      dlms: "un compteur qui parle DLMS",
      pulse: "des impulsions",
    },
    trying: (line) => `Essai à ${line}`,
    asking: (line) => `Question au compteur à ${line}`,
    seconds: (left) => `encore ${n(left, "seconde", "secondes")} au plus`,
    heard: (bytes) => n(bytes, "caractère entendu", "caractères entendus"),
    states: {
      waiting: "à venir",
      running: "en cours",
      skipped: "inutile",
      meter: "c’est lui",
      encrypted: "chiffré",
      almost: "presque",
      pulses: "impulsions",
      "wrong-settings": "illisible",
      nothing: "silence",
    },
    outcome: {
      encrypted:
        "Le compteur parle, mais chiffré. Demandez au gestionnaire de réseau de passer le port client en clair\u202f; cette application ne garde pas de clés étrangères. Ou prenez la sortie d’impulsions.",
      almost:
        "Des morceaux de message arrivent, mais aucun entier. Bougez un peu la fiche ou la tête infrarouge, raccourcissez le câble et écoutez encore.",
      "wrong-settings":
        "Quelque chose arrive, mais d’aucun compteur connu. Un câble P1 doit inverser le signal\u202f; une tête infrarouge est peut-être à l’envers. Si vous connaissez la vitesse, choisissez-la ci-dessous.",
      nothing:
        "Rien n’arrive à aucune vitesse. La fiche est-elle mise des deux côtés\u202f? Le gestionnaire doit-il d’abord ouvrir le port\u202f? Pour des impulsions\u202f: y a-t-il du soleil\u202f?",
      pulses:
        "Des impulsions arrivent. Chacune est une part fixe d’un kilowattheure\u202f: la face du compteur dit combien.",
    },
    noExport:
      "Il se lit, mais ne dit pas ce qui est injecté. Faites régler le compteur pour compter l’injection (Linky\u202f: producteur, mode standard), ou appairez-le pour la consommation du foyer.",
    cancel: "Arrêter l’écoute",
    again: "Écouter encore",
    everywhere: "Écouter à toutes les vitesses",
    go: "Comparer avec le compteur",
    byHand: "Choisir à la main",
    protocol: "Langage",
    speed: "Vitesse",
    frame: "Caractères",
    input: "Les impulsions arrivent sur",
    take: "Prendre ceci",
  },
  confirm: {
    title: "Est-ce le nombre affiché par votre compteur\u202f?",
    titlePulses: "Compte-t-il avec le voyant\u202f?",
    waiting: "En attente de la première lecture…",
    look: (code) => `Appuyez sur le bouton du compteur jusqu’à voir ${code}.`,
    lookSum: (code) => `Appuyez sur le bouton du compteur jusqu’à voir ${code}, et additionnez les deux.`,
    tic: (code) => `Appuyez sur + jusqu’à voir l’index ${code}.`,
    lookPulses: "Regardez le voyant du compteur\u202f: chaque éclat fait un de plus ici.",
    pulses: (value) => n(value, "impulsion", "impulsions"),
    now: "Puissance actuelle",
    steps: (size) => `avance par pas de ${size}`,
    rounded: "Le compteur peut montrer moins de chiffres et avoir un instant de retard.",
    yes: "Oui, c’est bien cela",
    no: "Non, revoir",
    readings: (value) => `${n(value, "lecture", "lectures")} jusqu’ici`,
    noRegister: "Le compteur n’envoie pas cet index.",
  },
  plate: {
    title: "Recopiez ce que seule la face du compteur dit.",
    titleUse: "Une dernière chose\u202f: son nom.",
    whole: "Tout ce qui est sur la face, tel quel",
    wholeHint: "Par exemple\u202f: 3x230/400 V 0,25-5(60) A 1000 imp/kWh Cl. B. Les champs ci-dessous en sont remplis.",
    legend: {
      currents: "courants minimal, de référence et maximal",
      constant: "impulsions par kilowattheure",
      class: "classe de précision, près du marquage métrologique",
      volts: "triphasé\u202f: 3x230/400 V\u202f; monophasé\u202f: 230 V",
    },
    drawn: "La plaque d’un compteur et ses marquages",
    marking: "Courant",
    markingHint: "Comme marqué, par exemple 0,25-5(60) A",
    class: { legend: "Classe de précision", options: { A: { label: "A" }, B: { label: "B" }, C: { label: "C" } } },
    phases: { legend: "Phases", options: { "1": { label: "1" }, "3": { label: "3" } } },
    imp: "Impulsions par kWh",
    impHint: "Par exemple 1000 imp/kWh",
    pMax: "Puissance maximale des panneaux, en kW",
    pMaxHint: "Sur l’étiquette de l’onduleur. Rien au-dessus n’est cru.",
    label: "Nom du compteur",
    labelHint: "Ce que voient les voisins\u202f: Toit sud",
    wrong: {
      label: "Donnez au compteur un nom de 40 lettres au plus.",
      marking: "Recopiez le marquage avec son premier nombre, par exemple 0,25-5(60) A.",
      impPerKwh: "Entrez les impulsions par kWh, un nombre entier lu sur la face.",
      pMaxKw: "Entrez la puissance en kW, par exemple 4,6.",
    },
    pair: "Appairer ce compteur",
    budget: {
      title: "La précision que cela donne",
      waiting: "Affichée dès que le courant est entré.",
      quantum: "Un pas du compteur",
      clock: "L’horloge de cet appareil",
      bound: "Permis par créneau",
      margin: "Reste",
      over: "De trop",
      fine: "Chaque créneau est dans ce que permet la classe du compteur.",
      coarse: (pulses) =>
        `Les créneaux de faible puissance sont arrondis\u202f; les sommes d’une journée sont justes. Pour être exact à chaque créneau, prenez une sortie d’au moins ${pulses} impulsions par kWh.`,
      clockOff: "L’horloge de cet appareil est trop incertaine\u202f; réglez-la en automatique et restez en ligne.",
      classes: "Ce serait assez fin pour un compteur de classe",
      noClass: "Aucune classe de compteur n’admet un tel écart.",
    },
  },
  done: {
    title: "Votre compteur est appairé.",
    titleUse: "Le compteur de votre foyer est appairé.",
    steps: [
      "Cet appareil compte dès la première lecture, même page à l’arrière-plan.",
      "Les membres disent s’ils le comptent\u202f; souvent il suffit d’un geste.",
      "Une fois les membres d’accord, la part de chacun paraît sur l’accueil.",
    ],
    stepsUse: [
      "Cet appareil le lit, même page à l’arrière-plan.",
      "Rien n’en quitte jamais cet appareil.",
      "Votre consommation, et ce qui venait de notre soleil, paraît sur l’accueil.",
    ],
    plug: "Laissez le câble en place et l’application ouverte. Après une interruption, cela reprend tout seul\u202f: un compteur d’énergie ne manque rien, des impulsions droit sur un adaptateur, si.",
    see: "Le voir compter",
    another: "Appairer un autre compteur",
  },
};
