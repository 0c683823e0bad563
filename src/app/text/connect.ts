/** What the screen #/connect says, in every language; loaded with it. */
import type { HandFault } from "../../bridge/hand-text.ts";
import type { Language } from "../language.ts";

export type ConnectTexts = {
  readonly title: string;
  readonly body: string;
  readonly show: string;
  readonly read: string;
  readonly offerStep: string;
  readonly offerBody: string;
  readonly answerStep: string;
  readonly answerBody: string;
  readonly readOffer: string;
  readonly readAnswer: string;
  readonly field: string;
  readonly onlyField: string;
  readonly take: string;
  readonly scan: string;
  readonly scanStop: string;
  readonly camera: string;
  readonly qr: string;
  readonly tooLong: string;
  readonly expires: (when: string) => string;
  readonly waiting: string;
  readonly connecting: string;
  readonly done: (name: string) => string;
  readonly doneBody: string;
  readonly again: string;
  readonly follower: string;
  readonly demo: string;
  readonly faults: Readonly<
    Record<HandFault | "expired" | "no-network" | "no-way" | "ended" | "busy" | "no-camera", string>
  >;
  readonly servers: {
    readonly title: string;
    readonly body: string;
    readonly signalling: string;
    readonly signallingHint: string;
    readonly ice: string;
    readonly iceHint: string;
    readonly save: string;
    readonly saved: string;
  };
};

const en: ConnectTexts = {
  title: "Connect two devices side by side",
  body: "When no server helps your neighbours find each other, two people can do it: each device shows a code, and the other reads it.",
  show: "Show a code",
  read: "Read the other\u2019s code",
  offerStep: "1. The other device reads this code",
  offerBody:
    "There, open Health, then Connect two devices side by side, then Read the other\u2019s code. Or send the link.",
  answerStep: "Now the first device reads this code",
  answerBody: "Leave this screen open until it says that both are connected.",
  readOffer: "Read the code that the other device shows",
  readAnswer: "2. Read the code that the other device then shows",
  field: "Or paste its text",
  onlyField: "Paste its text",
  take: "Use this text",
  scan: "Read with the camera",
  scanStop: "Close the camera",
  camera: "What the camera sees",
  qr: "Code for the other device",
  tooLong: "This text is too long for a code: copy it instead.",
  expires: (when) => `Good until ${when}.`,
  waiting: "Waiting for the other device.",
  connecting: "The devices are finding each other\u2026",
  done: (name) => `Connected to ${name}.`,
  doneBody: "You may leave this screen: the connection stays as long as both apps are open.",
  again: "Start again",
  follower: "Another tab does the work for this device. Go to that tab, or close it, then come back here.",
  demo: "The demo has no real devices to connect. Leave it first.",
  faults: {
    unreadable: "This is no code of this app. Copy the whole text, or read the code again.",
    own: "This is this device\u2019s own code. Read the one that the other device shows.",
    "other-community": "This code is of another community. Check that both devices belong to the same one.",
    old: "This code has expired, or one of the two clocks is wrong. Start again on both devices.",
    "offer-wanted": "This code answers another. Press Show a code on the other device and read that one.",
    "answer-wanted": "This device shows a code already. Press Read the other\u2019s code on the other device instead.",
    "other-offer": "This code answers an earlier one. Let the other device read the code that you show now.",
    expired: "The code has expired. Start again on both devices.",
    "no-network": "This device is on no network. Switch on its Wi-Fi, also without internet, then start again.",
    "no-way": "The devices did not reach each other. Bring both onto the same Wi-Fi, then start again.",
    ended: "The other device ended the connection. Check that it belongs to your community, then start again.",
    busy: "This device has as many connections as it can keep. Try again in a minute.",
    "no-camera": "The camera cannot be used. Allow it for this page, or paste the text.",
  },
  servers: {
    title: "Servers that help",
    body: "Usually nothing is needed here. What you set is also written into the invitations that you make.",
    signalling: "Servers where members find each other",
    signallingHint: "At most three addresses, one a line. Empty: the site that this app came from.",
    ice: "Servers that help through routers (STUN, TURN)",
    iceHint: "One a line: turn:host:3478, a space, the name, a space, the password. STUN needs neither.",
    save: "Save",
    saved: "Saved. Connections are made anew.",
  },
};

const fr: ConnectTexts = {
  title: "Relier deux appareils côte à côte",
  body: "Quand aucun serveur n’aide vos voisins à se trouver, deux personnes suffisent\u202f: chaque appareil montre un code que l’autre lit.",
  show: "Montrer un code",
  read: "Lire le code de l’autre",
  offerStep: "1. L’autre appareil lit ce code",
  offerBody:
    "Là-bas, ouvrez État, puis Relier deux appareils côte à côte, puis Lire le code de l’autre. Ou envoyez le lien.",
  answerStep: "Le premier appareil lit maintenant ce code",
  answerBody: "Laissez cet écran ouvert jusqu’à ce qu’il dise que les deux sont reliés.",
  readOffer: "Lisez le code que montre l’autre appareil",
  readAnswer: "2. Lisez le code que l’autre appareil montre ensuite",
  field: "Ou collez son texte",
  onlyField: "Collez son texte",
  take: "Utiliser ce texte",
  scan: "Lire avec la caméra",
  scanStop: "Fermer la caméra",
  camera: "Ce que voit la caméra",
  qr: "Code pour l’autre appareil",
  tooLong: "Ce texte est trop long pour un code\u202f: copiez-le.",
  expires: (when) => `Valable jusqu’à ${when}.`,
  waiting: "En attente de l’autre appareil.",
  connecting: "Les appareils se cherchent\u2026",
  done: (name) => `Relié à ${name}.`,
  doneBody: "Vous pouvez quitter cet écran\u202f: le lien tient tant que les deux applications sont ouvertes.",
  again: "Recommencer",
  follower: "Un autre onglet fait le travail pour cet appareil. Allez dans cet onglet, ou fermez-le, puis revenez ici.",
  demo: "La démo n’a pas de vrais appareils à relier. Quittez-la d’abord.",
  faults: {
    unreadable: "Ce n’est pas un code de cette application. Copiez tout le texte, ou relisez le code.",
    own: "C’est le code de cet appareil-ci. Lisez celui que montre l’autre appareil.",
    "other-community": "Ce code est d’une autre communauté. Vérifiez que les deux appareils sont de la même.",
    old: "Ce code a expiré, ou une des deux horloges est fausse. Recommencez sur les deux appareils.",
    "offer-wanted": "Ce code répond à un autre. Touchez Montrer un code sur l’autre appareil et lisez celui-là.",
    "answer-wanted": "Cet appareil montre déjà un code. Touchez plutôt Lire le code de l’autre sur l’autre appareil.",
    "other-offer": "Ce code répond à un code précédent. Faites lire à l’autre appareil celui que vous montrez.",
    expired: "Le code a expiré. Recommencez sur les deux appareils.",
    "no-network": "Cet appareil n’est sur aucun réseau. Allumez son Wi-Fi, même sans internet, puis recommencez.",
    "no-way": "Les appareils ne se sont pas trouvés. Mettez-les sur le même Wi-Fi, puis recommencez.",
    ended: "L’autre appareil a coupé. Vérifiez qu’il est de votre communauté, puis recommencez.",
    busy: "Cet appareil a autant de liens qu’il peut en tenir. Réessayez dans une minute.",
    "no-camera": "La caméra n’est pas utilisable. Autorisez-la pour cette page, ou collez le texte.",
  },
  servers: {
    title: "Serveurs qui aident",
    body: "En général, rien n’est à faire ici. Ce que vous réglez est aussi écrit dans vos invitations.",
    signalling: "Serveurs où les membres se trouvent",
    signallingHint: "Trois adresses au plus, une par ligne. Vide\u202f: le site d’où vient cette application.",
    ice: "Serveurs qui aident à passer les routeurs (STUN, TURN)",
    iceHint: "Un par ligne\u202f: turn:hôte:3478, une espace, le nom, une espace, le mot de passe. STUN s’en passe.",
    save: "Enregistrer",
    saved: "Enregistré. Les liens sont refaits.",
  },
};

const nl: ConnectTexts = {
  title: "Twee toestellen naast elkaar verbinden",
  body: "Als geen server je buren elkaar laat vinden, kunnen twee mensen dat: elk toestel toont een code, en het andere leest ze.",
  show: "Een code tonen",
  read: "De code van het andere lezen",
  offerStep: "1. Het andere toestel leest deze code",
  offerBody:
    "Open daar Status, dan Twee toestellen naast elkaar verbinden, dan De code van het andere lezen. Of stuur de link.",
  answerStep: "Nu leest het eerste toestel deze code",
  answerBody: "Laat dit scherm open tot er staat dat beide verbonden zijn.",
  readOffer: "Lees de code die het andere toestel toont",
  readAnswer: "2. Lees de code die het andere toestel daarna toont",
  field: "Of plak de tekst ervan",
  onlyField: "Plak de tekst ervan",
  take: "Deze tekst gebruiken",
  scan: "Lezen met de camera",
  scanStop: "De camera sluiten",
  camera: "Wat de camera ziet",
  qr: "Code voor het andere toestel",
  tooLong: "Deze tekst is te lang voor een code: kopieer hem.",
  expires: (when) => `Geldig tot ${when}.`,
  waiting: "Wachten op het andere toestel.",
  connecting: "De toestellen zoeken elkaar\u2026",
  done: (name) => `Verbonden met ${name}.`,
  doneBody: "Je mag dit scherm verlaten: de verbinding blijft zolang beide apps open zijn.",
  again: "Opnieuw beginnen",
  follower: "Een ander tabblad doet het werk voor dit toestel. Ga naar dat tabblad, of sluit het, en kom dan terug.",
  demo: "De demo heeft geen echte toestellen om te verbinden. Verlaat ze eerst.",
  faults: {
    unreadable: "Dit is geen code van deze app. Kopieer de hele tekst, of lees de code opnieuw.",
    own: "Dit is de code van dit toestel zelf. Lees die van het andere toestel.",
    "other-community": "Deze code is van een andere gemeenschap. Kijk na of beide toestellen bij dezelfde horen.",
    old: "Deze code is verlopen, of een van de twee klokken staat verkeerd. Begin opnieuw op beide toestellen.",
    "offer-wanted": "Deze code beantwoordt een andere. Druk op Een code tonen op het andere toestel en lees die.",
    "answer-wanted": "Dit toestel toont al een code. Druk op het andere op De code van het andere lezen.",
    "other-offer": "Deze code beantwoordt een vroegere. Laat het andere toestel de code lezen die je nu toont.",
    expired: "De code is verlopen. Begin opnieuw op beide toestellen.",
    "no-network": "Dit toestel zit op geen netwerk. Zet de wifi aan, ook zonder internet, en begin opnieuw.",
    "no-way": "De toestellen bereikten elkaar niet. Zet beide op dezelfde wifi en begin opnieuw.",
    ended: "Het andere toestel verbrak de verbinding. Kijk na of het bij je gemeenschap hoort en begin opnieuw.",
    busy: "Dit toestel heeft zoveel verbindingen als het aankan. Probeer het over een minuut opnieuw.",
    "no-camera": "De camera kan niet gebruikt worden. Sta ze toe voor deze pagina, of plak de tekst.",
  },
  servers: {
    title: "Servers die helpen",
    body: "Meestal hoeft hier niets. Wat je instelt, staat ook in de uitnodigingen die je maakt.",
    signalling: "Servers waar leden elkaar vinden",
    signallingHint: "Hoogstens drie adressen, één per regel. Leeg: de site waar deze app vandaan komt.",
    ice: "Servers die door routers helpen (STUN, TURN)",
    iceHint:
      "Eén per regel: turn:host:3478, een spatie, de naam, een spatie, het wachtwoord. STUN heeft geen van beide nodig.",
    save: "Bewaren",
    saved: "Bewaard. Verbindingen worden opnieuw gemaakt.",
  },
};

export const connectTexts: Readonly<Record<Language, ConnectTexts>> = { en, fr, nl };
