/** The sentences of setting things up: first screens, invitations, meters. Dutch. */
import { count, plural } from "../format.ts";
import type { SetupTexts } from "./en-setup.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

export const setup: SetupTexts = {
  create: {
    title: "Een gemeenschap starten",
    intro: "Jij bent het eerste lid. Iedereen die je later uitnodigt, ziet deze afspraken voor het meedoen.",
    name: "Naam van de gemeenschap",
    nameHint: "Bijvoorbeeld de straat of het huis: Zonnestraat 12",
    memberName: "Je voornaam",
    memberNameHint: "Alleen de leden zien hem. Hij komt nooit op de keten.",
    rhythm: {
      legend: "Hoe vaak wordt de zon verdeeld?",
      options: {
        paper: {
          label: "Elke 15 minuten",
          hint: "Het ritme van de netbeheerder. Kies dit voor een echte gemeenschap.",
        },
        fast: { label: "Elke 10 seconden", hint: "Om uit te proberen: je ziet meteen resultaat." },
      },
    },
    quorum: {
      legend: "Wanneer is een stap akkoord?",
      options: {
        majority: {
          label: "Als meer dan de helft akkoord is",
          hint: "Werkt met weinig leden en slapende telefoons. Beschermt tegen storingen en ontmaskert wie dubbel stemt.",
        },
        "two-thirds": {
          label: "Als meer dan twee derde akkoord is",
          hint: "Ook veilig als tot een derde van de leden samen vals speelt. Vraagt meer toestellen die aan staan.",
        },
      },
    },
    preview: "Jullie contract",
    contract: (name, rhythm, quorum) =>
      `${name} verdeelt zijn zon ${rhythm}, in gelijke delen tot de leden anders beslissen. Een stap is akkoord als ${quorum} van de actieve leden hem heeft gecontroleerd. Over nieuwe leden, meters en regels stemmen de leden.`,
    unnamed: "Jullie gemeenschap",
    rhythmPaper: "elke 15 minuten",
    rhythmFast: "elke 10 seconden",
    quorumMajority: "meer dan de helft",
    quorumTwoThirds: "meer dan twee derde",
    next: "Mijn sleutels maken",
    done: (name) => `${name} bestaat.`,
    doneBody: "Jij bent het eerste lid. Twee dingen brengen haar tot leven: buren en een meter.",
    inviteNext: "Een buur uitnodigen",
    meterNext: "Een meter koppelen",
    home: "Naar Start",
    needName: "Geef de gemeenschap een naam van hoogstens 60 letters; een emoji telt voor vier.",
    needMember: "Vul je voornaam in, hoogstens 40 letters; een emoji telt voor vier.",
  },
  phrase: {
    title: "Schrijf deze twaalf woorden op",
    body: "Al je sleutels komen eruit voort: ze zijn je lidmaatschap. Wie ze vindt, kan namens jou handelen. Papier is het best. Niemand anders heeft ze, ook wij niet.",
    alsoNeeded:
      "Om ermee terug te komen heb je ook een uitnodigingslink voor de gemeenschap nodig, ook een verlopen: maak er een onder Gemeenschap zodra je erin bent en bewaar hem bij je papier. Of bewaar een back-up onder Status: die volstaat op zich.",
    kept: "Op dit toestel blijven ze dezelfde tot je klaar bent, ook als je de pagina herlaadt of teruggaat.",
    shownBefore: (when) => `Dit toestel liet je deze woorden ${when} al zien: wat je toen opschreef, klopt nog.`,
    other: "Andere woorden maken",
    otherMade: "Deze woorden zijn nieuw. Streep door wat je eerder opschreef.",
    written: "Ik heb ze opgeschreven",
    checkTitle: "Welk woord is het?",
    checkBody: "Neem je papier en kies de drie woorden.",
    word: (position) => `Woord ${position}`,
    wrong: "Een van de woorden klopt niet met je papier. Kijk nog eens, of ga terug en vergelijk.",
    again: "De woorden opnieuw tonen",
    finishCreate: "De gemeenschap starten",
    finishJoin: "Vragen om mee te doen",
  },
  join: {
    title: "Meedoen met een gemeenschap",
    paste: "Plak de uitnodigingslink die je kreeg",
    pasteHint: "Of scan de QR-code van je buur met de camera van je telefoon.",
    read: "De uitnodiging openen",
    notALink: "Dit lijkt geen uitnodiging. Kopieer de hele link die je buur stuurde.",
    invites: (inviter, community) => `${inviter} nodigt je uit voor ${community}.`,
    about: (members, rhythm) =>
      `Bij de start had ze ${n(members, "lid", "leden")}. De zon van het dak wordt verdeeld in stappen van ${rhythm}.`,
    termsTitle: "Wat bij de start is afgesproken",
    membersVote:
      "De leden kunnen er sindsdien over gestemd hebben: je ziet wat van kracht is zodra je toestel om toelating heeft gevraagd. Over nieuwe leden, meters en regels stemmen de leden, jij ook.",
    dso: "Meters hebben ook de goedkeuring van de netbeheerder nodig.",
    expires: (when) => `De uitnodiging verloopt op ${when}.`,
    memberName: "Je voornaam",
    memberNameHint: "Zo herkennen de leden je. Hij komt nooit op de keten.",
    next: "Mijn sleutels maken",
    alreadyMember: (community) =>
      `Dit toestel hoort al bij ${community}. Verlaat die eerst, onder Status, of open de link op een ander toestel.`,
  },
  waiting: {
    title: (community) => `${community} heeft je aanvraag.`,
    alone: (community) => `Je aanvraag wacht: niemand van ${community} is online.`,
    offline: (community) => `Je verzoek aan ${community} wacht hier: je bent offline.`,
    offlineBody: "Het gaat vanzelf weg zodra dit toestel weer verbinding heeft.",
    body: "De leden stemmen erover, elk met één tik. Houd deze pagina open of kom later terug: het gaat vanzelf verder.",
    next: "Wat er nu gebeurt",
    steps: [
      "Een lid ziet je naam en vergelijkt je cijfers.",
      "De leden stemmen: zodra er genoeg ja hebben gezegd, hoor je erbij.",
      "Je deel van de zon verschijnt op Start.",
    ],
    vote: (by, yes, needed) =>
      `${by} heeft je voorgesteld: ${count(yes, "nl")} van de ${count(needed, "nl")} stemmen die nodig zijn. ${yes < needed ? `Nog ${n(needed - yes, "lid moet", "leden moeten")} ja zeggen.` : "De stap die nu loopt, beslist."}`,
    admitted: (when) => `Je bent toegelaten: vanaf ${when} ben je lid.`,
    digits: "Je cijfers",
    digitsBody:
      "Lees ze je buur voor aan de telefoon: dezelfde cijfers op beide schermen betekenen dat er niemand tussen zit.",
    refusedTitle: "Deze uitnodiging wordt niet aanvaard",
    startOver: "Opnieuw beginnen met een nieuwe uitnodiging",
    startOverMeans: "Je aanvraag op dit toestel wordt vergeten; er staat verder nog niets op.",
    replacedTitle: "Dit toestel spreekt niet meer voor jou",
    inForce: "Wat er nu van kracht is",
    connected: (peers) =>
      peers === 0
        ? "Er is nu geen lid online. Vraag je buur de app te openen."
        : `${n(peers, "lid heeft", "leden hebben")} je aanvraag.`,
  },
  invite: {
    title: "Een buur uitnodigen",
    body: "Toon deze code of stuur de link. Hij bevat het contract, door jou getekend; de sleutels van je buur ontstaan op het eigen toestel.",
    make: "Een uitnodiging maken",
    link: "Uitnodigingslink",
    qr: "QR-code van de uitnodigingslink",
    expires: (when) => `Verloopt op ${when}.`,
    after: "Als je buur hem heeft geopend, verschijnt die onder Gemeenschap. Laat daar met één tik toe.",
    shareTitle: (community) => `Doe mee met ${community}`,
    shareText: (community) => `Ik nodig je uit om de zon te delen in ${community}:`,
    onlyHere: (host) =>
      `Deze link begint met ${host}: alleen deze computer kan hem openen. Start de app voor andere toestellen met npm start -- --host 0.0.0.0 (of npx commonwatt serve --host 0.0.0.0) achter een proxy met een certificaat: browsers eisen HTTPS. Je buur opent de app daar, kiest \u201cIk heb een uitnodiging\u201d en plakt deze link.`,
    tooLong: "De link is te lang voor een QR-code. Stuur hem.",
  },
  meter: {
    title: "Meter",
    sentenceNone: "Er is geen meter met dit toestel gekoppeld.",
    why: "Het lid met een toestel naast de opwekmeter koppelt die hier. Alle anderen hebben niets nodig.",
    pair: "Een meter koppelen",
    another: "Nog een meter koppelen",
    counting: (name) => ({ before: `${name} heeft in totaal`, after: "geteld." }),
    states: {
      "waiting-port": "Wacht op de kabel",
      listening: "Wacht op de eerste stand",
      counting: "Telt",
      silent: "Stil",
      unplugged: "Losgekoppeld",
      stopped: "Gestopt tot je bevestigt",
      "other-meter": "Een andere meter antwoordt",
    },
    stateHelp: {
      "waiting-port": "Steek de kabel in dit toestel.",
      listening: "Het eerste telegram komt meestal binnen tien seconden.",
      counting: "",
      silent: "De kabel is er, maar er komt niets. Controleer het andere eind bij de meter.",
      unplugged: "Steek de kabel weer in. Wat al geteld is, gaat niet verloren.",
      stopped:
        "De stand past niet bij de vorige. Is de meter vervangen, bevestig dat dan; het tellen gaat verder vanaf de nieuwe stand.",
      "other-meter":
        "Dit is niet de gekoppelde meter. Zijn twee kabels verwisseld? Of is de meter vervangen? Steek de kabel terug, of bevestig de nieuwe meter; het tellen begint dan bij zijn stand. Tot dan wordt niets geteld.",
    },
    power: "Nu",
    last: "Laatste stand",
    booked: "Geteld, nog niet geboekt",
    registered: {
      no: "Nog niet bekend bij de gemeenschap. Hij wordt na de eerste stand vanzelf voorgesteld.",
      proposed: "De leden stemmen erover.",
      yes: "De gemeenschap telt hem mee.",
    },
    registration: "Registratie",
    accuracy: "Nauwkeurigheid",
    accuracyOk: (quantum, resolution) =>
      `Fijn genoeg: de kleinste betrouwbare hoeveelheid per stap is ${quantum}, de meter toont ${resolution}.`,
    accuracyBad: (quantum, resolution) =>
      `Grover dan de regel vraagt: de meter telt per ${resolution}, de regel staat ${quantum} toe. De dagsom klopt wel; stappen met weinig vermogen worden afgerond.`,
    refused: (value) => n(value, "telegram geweigerd", "telegrammen geweigerd"),
    telegrams: "Telegrammen",
    refusedNone: "Elk telegram was leesbaar.",
    confirm: "De meter is vervangen: ga verder",
    forget: "Deze meter vergeten",
    forgetSure: "Echt vergeten? Wat geteld is, blijft geboekt.",
    chooseAgain: "De kabel opnieuw kiezen",
    wake: "Dit scherm aan houden tijdens het tellen",
    wakeHint: "Voor een telefoon of tablet die bij de meter blijft.",
    wakeMissing:
      "Deze browser kan het scherm niet aan houden. Stel de schermtijd in bij de instellingen van het toestel.",
    cancelled: "Er is geen kabel gekozen. Sluit hem aan en probeer opnieuw.",
    denied: "De browser weigerde toegang tot de kabel. Sta seri\u00eble poorten voor deze site toe in de instellingen.",
    before: "Voordien",
    nowShows: "De meter toont nu",
    otherTab: "De meter wordt door een ander tabblad van deze app gelezen. Sluit een van beide.",
  },
  /** What a meter is paired for. */
  meterRole: {
    legend: "Wat moet hij tellen?",
    options: {
      generation: {
        label: "Wat de panelen opwekken",
        hint: "Geteld, ondertekend en gedeeld. De leden stemmen er eerst over. Een netmeter (P1, Linky) ziet alleen wat je injecteert, na je eigen verbruik.",
      },
      consumption: {
        label: "Wat mijn huishouden verbruikt",
        hint: "Je eigen netmeter. Alleen dit toestel leest hem, en niets ervan verlaat ooit dit toestel.",
      },
    },
  },
  /** A meter of the own use. */
  useMeter: {
    counting: (name) => ({ before: `${name} haalde in totaal`, after: "van het net." }),
    grid: "Van het net",
    gridRegister: (register, now) => (now === null ? register : `${register}, nu ${now}`),
    forgetSure: "Echt vergeten? Wat hij telde, blijft op dit toestel.",
    check: "Vergelijken met de meter",
  },
  /** Around every file that is to be chosen. */
  file: { how: "Tik om het te kiezen, of sleep het hierheen.", another: "Tik om een ander te kiezen." },
};
