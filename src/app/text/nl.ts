/** Every sentence of the app in Dutch. */
import { count, plural } from "../format.ts";
import type { Fraction } from "../sentence.ts";
import type { FirstTexts } from "./en.ts";
import { remarks } from "./nl-remarks.ts";
import { own } from "./nl-meter.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

export const fractions: Readonly<Record<Fraction, string>> = {
  all: "alles",
  "nearly-all": "bijna alles",
  "three-quarters": "driekwart",
  "two-thirds": "twee derde",
  half: "de helft",
  third: "een derde",
  quarter: "een kwart",
  fifth: "een vijfde",
  sixth: "een zesde",
  eighth: "een achtste",
  tenth: "een tiende",
};

export const nl: FirstTexts = {
  locale: "nl",
  language: "Taal",
  skip: "Naar de inhoud",
  nav: {
    label: "Hoofdmenu",
    home: "Start",
    community: "Gemeenschap",
    chain: "Keten",
    meter: "Meter",
    health: "Status",
  },
  common: {
    back: "Terug",
    cancel: "Annuleren",
    copy: "Kopiëren",
    colon: ":",
    copied: "Gekopieerd",
    share: "Delen",
    reload: "Opnieuw laden",
    working: "Een ogenblik…",
    you: "jij",
    table: "Als tabel",
    none: "geen",
    unknown: "nog niet bekend",
  },
  starting: {
    title: "Je gemeenschap wordt geopend…",
    slow: "Dit duurt langer dan gewoonlijk. Je gegevens zijn veilig op dit toestel; gebeurt er niets, laad dan opnieuw.",
  },
  crash: {
    title: "Dit scherm is gestopt.",
    body: "Je sleutels, de tellingen van je meter en de boekingen van de gemeenschap zijn veilig op dit toestel. Opnieuw laden helpt meestal.",
  },
  missing: {
    title: "Dit scherm staat nog niet op dit toestel.",
    body: "Maak één keer verbinding met internet en laad opnieuw: daarna opent het ook offline.",
  },
  update: {
    ready: "Er is een nieuwe versie.",
    button: "Bijwerken",
    gap: "Je meter stuurt pulsen. De nieuwe versie komt in de volgende pauze tussen twee pulsen, zodat er geen verloren gaat.",
  },
  install: {
    label: "Beginscherm",
    offer: "Zet Commonwatt op je beginscherm: het opent meteen en werkt offline.",
    menu: "Zet Commonwatt op je beginscherm: tik op Deel en dan op \u201cZet op beginscherm\u201d. Het opent meteen en werkt offline.",
    button: "Installeren",
    later: "Niet nu",
  },
  demo: {
    label: "Demo",
    banner: "niets hier is echt",
    howBody:
      "Vier nagebootste buren delen twee daken. Tien seconden staan voor een kwartier: een zonnedag duurt tien minuten, en de volgende ochtend volgt meteen. De buren stemmen binnen een halve minuut over wat je voorstelt: ja, tenzij ze er minder door krijgen, en nooit om een buur buiten te zetten.",
    again: "De pagina is herladen, dus de demo is opnieuw begonnen.",
    leave: "De demo verlaten",
  },
  home: {
    /** Said where this device's clock shows another time. */
    timesOf: (place) => `De tijden zijn die van de gemeenschap (${place}).`,
    shared: (fraction, percent, roofs) => {
      const part = fraction === null ? percent : fractions[fraction];
      return {
        before: "Je hebt vandaag",
        after: `van onze zon gehad, ${part} van wat ${roofs > 1 ? "onze daken opwekten" : "het dak opwekte"}.`,
      };
    },
    notMineYet: { before: "Het dak heeft vandaag", after: "opgewekt. Jouw deel komt zodra de leden het eens zijn." },
    noSunYet: { before: "Nog geen zon op het dak vandaag. Tot nu toe kreeg je", after: "van onze zon." },
    empty: { after: "Binnenkort staat hier jouw deel van de zon. Dit is een voorbeelddag." },
    sample: "Voorbeelddag: hieronder is nog niets gemeten",
    sampleBody: "Elke balk is een kwartier: de hele balk is wat het dak opwekte, de gevulde voet is jouw deel.",
    firstSoon: (time) =>
      `Er is nog niets geteld: de eerste stap wordt tot ${time} gemeten. Kort daarna staan de delen ervan hier.`,
    firstStep: "Er is nog niets geteld. Het eerste deel komt als er een meter is gekoppeld.",
    pairFirst: "Een meter koppelen",
    inviteFirst: "Een buur uitnodigen",
    picture: "De dag",
    pictureLabel: (made, mine) => `Het dak wekte ${made} op, waarvan ${mine} voor jou.`,
    legendMade: "opgewekt door het dak",
    legendMine: "mijn deel",
    legendHatched: "nog niet akkoord",
    legendFinal: "definitief",
    ranges: { quarter: "Nieuwste", hour: "Uur", day: "Dag" },
    rangeLabel: "Getoonde tijd",
    tap: "Tik op een balk om te zien hoe er geteld is.",
    columns: { time: "Tot", made: "Dak", mine: "Mijn deel", state: "Staat" },
    certainty: { hatched: "nog niet akkoord", agreed: "akkoord", final: "definitief" },
    now: "Nu",
    liveCommunity: "van het dak",
    liveMine: "voor mij",
    noLive: "Op dit moment komt er niets van het dak.",
    step: (lasts) => `Deze stap van ${lasts}`,
    ends: (time) => `tot ${time}`,
    stationNames: {
      measured: "Gemeten",
      candidates: "Kandidaten",
      winner: "Winnaar",
      approved: "Akkoord",
      final: "Definitief",
    },
    stageWords: {
      measuring: "De meters tellen.",
      candidates: (candidates) =>
        candidates === 0
          ? "Wie schrijft deze stap op? Nog niemand bood zich aan."
          : `${n(candidates, "buur biedt", "buren bieden")} aan deze stap op te schrijven.`,
      winner: (name) => `${name} schrijft deze stap op.`,
      winnerMe: "Jouw toestel schrijft deze stap op.",
      winnerUnknown: "De volgende schrijver is gekozen.",
      waiting: "Geteld. Het wordt opgeschreven.",
      block: "Opgeschreven. De buren controleren het.",
      approved: "De meeste buren hebben het gecontroleerd.",
      final: "Definitief: het kan niet meer veranderen.",
    },
    lastStep: "Laatste stap",
    allRight: "Alles is in orde.",
    silent: {
      says: (meter, owner, ago) =>
        `${owner === null ? `Je meter ${meter}` : `De meter ${meter} van ${owner}`} is stil${ago === null ? "" : `: ${ago} voor het laatst gehoord`}.`,
      pairAgain: "Moet dit toestel hem lezen, koppel je meter dan opnieuw.",
      pair: "De meter opnieuw koppelen",
    },
    lastVerified: (ago) => `Laatst gecontroleerd: ${ago}.`,
    neverVerified: "Nog niets gecontroleerd.",
    offline: "Je bent offline.",
    fetching: "De boekingen moeten nog van de buren komen.",
    syncing: (done, of) => `Bijwerken: ${done} van ${of} stappen gecontroleerd.`,
    total: "Sinds je meedoet",
    today: "Dak vandaag",
  },
  blocked: { title: "De app kan niet vanzelf verder.", leave: "Vertrekken, of dit toestel leegmaken" },
  welcome: {
    title: "Deel de zon op je dak met je buren.",
    body: "Commonwatt telt wat het dak opwekt, verdeelt het zoals afgesproken en bewaart de boekingen op de toestellen van de leden. Geen bedrijf ertussen, geen account.",
    create: "Een gemeenschap starten",
    invited: "Ik heb een uitnodiging",
    before: "Ik heb Commonwatt al gebruikt",
    cleared: (name: string) =>
      `Deze browser heeft gewist wat hij van ‘${name}’ bewaarde. Je buren hebben de boekingen nog, en je zon staat veilig bij hen: je twaalf woorden of een back-upbestand brengen je terug.`,
    forget: "Dat is voorbij: hier vergeten",
    demo: "De demo bekijken",
    verify: "Een bewijsbestand nakijken",
    picture: "Een zonnige dag, zoals de app die tekent",
  },
  own,
  admitted: {
    title: (community) => `Je bent toegelaten tot ${community}.`,
    body: "Vanaf nu heeft elke stap zon een deel voor jou, en je stem telt.",
  },
  healed: {
    title: "Je bent weer bij de anderen.",
    body: (blocks, from, to) =>
      `Je toestel was afgesneden en ging alleen verder. ${n(blocks, "stap", "stappen")} (${from} tot ${to}) die het had opgeschreven, ${blocks === 1 ? "is" : "zijn"} vervangen door wat de gemeenschap besliste. Er ging niets verloren: wat de meters telden, wordt opnieuw geboekt.`,
    dismiss: "Begrepen",
    see: "De stappen bekijken",
  },
  problems: remarks.problems,
};
