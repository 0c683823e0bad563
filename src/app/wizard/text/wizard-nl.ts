/** De zinnen voor het koppelen van een meter. Nederlands. Geladen met de wizard. */
import { count, plural } from "../../format.ts";
import type { WizardTexts } from "./wizard-en.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

const ONE_WH =
  "Hij gaat in stappen van 1 Wh. Een meter van klasse B met 0,25-5(60) A zou stappen onder 0,2875 Wh nodig hebben om elk kwartier juist te zijn; de som van een dag klopt op 1 Wh.";
const PULSES =
  "Vanaf 3.479 pulsen per kWh is het fijn genoeg voor stappen van een kwartier en een meter van klasse B met 0,25-5(60) A; 1.000 niet.";
const MAINS =
  "S0 zelf voert hoogstens 27 volt, maar zit naast netklemmen: laat een elektricien de kast openen en de twee draden naar buiten brengen.";

export const wizard: WizardTexts = {
  progress: (at, of) => `Stap ${at} van ${of}`,
  next: "Verder",
  kind: {
    title: "Kijk naar je meter: wat zie je?",
    options: {
      p1: {
        label: "Een aansluiting zoals van een telefoon",
        hint: "P1-poort; België, Nederland, Luxemburg, Zweden, Oostenrijk, Hongarije",
      },
      tic: { label: "Een geelgroene Linky", hint: "Klemmen I1, I2 en A onder het onderste deksel; Frankrijk" },
      optical: {
        label: "Een rond metalen plekje voor een magneet",
        hint: "Infraroodpoort; Duitsland, Zwitserland, Oostenrijk en andere",
      },
      han: { label: "Een klantenpoort", hint: "HAN- of M-Bus-aansluiting; Noordse landen, Oostenrijk, Zwitserland" },
      counter: {
        label: "Een pulsuitgang, met een microcontroller",
        hint: "S0-klemmen of een knipperlicht; mist nooit een puls",
      },
      direct: { label: "Een pulsuitgang, recht op een adapter", hint: "S0-klemmen; dit toestel moet wakker blijven" },
      unknown: { label: "Ik weet het niet: luister en zeg het mij", hint: "De kabel is er al" },
    },
  },
  wire: {
    title: {
      p1: "Een P1-kabel gaat van de P1-poort naar USB.",
      tic: "Twee draden gaan van de Linky naar een TIC-adapter.",
      optical: "Een infraroodkop kleeft met zijn magneet aan de meter.",
      han: "Een M-Bus-adapter gaat in de klantenpoort.",
      counter: "Twee draden gaan van S0 naar een microcontroller die telt.",
      direct: "Twee draden gaan van S0 naar een seriële adapter.",
      unknown: "Welke kabel je ook hebt: sluit hem aan beide kanten aan.",
    },
    buy: "Wat je nodig hebt",
    buyBody: {
      p1: "Een kabel “P1 naar USB” (RJ12-stekker, signaal vanbinnen omgekeerd): ongeveer 15 tot 25 euro.",
      tic: "Een adapter “TIC naar USB” met optokoppelaar: ongeveer 15 tot 35 euro, en twee meter dunne tweeaderige draad.",
      optical: "Een USB-“infraroodleeskop” voor IEC 62056-21 of SML: ongeveer 20 tot 40 euro.",
      han: "Een adapter “M-Bus naar USB” of “HAN naar USB”, master of slave zoals je netbeheerder zegt: ongeveer 20 tot 40 euro.",
      counter:
        "Een klein USB-bordje met een 32U4 of dergelijke: ongeveer 8 tot 15 euro, en tweeaderige draad. De README van het project zegt waar het programma staat.",
      direct: "Een USB-naar-serieel-adapter op 5 V of 3,3 V met losse draden: ongeveer 8 tot 15 euro.",
      unknown: "Een kabel tussen de meter en de USB-poort van dit toestel.",
    },
    wire: "Hoe het in elkaar gaat",
    wireBody: {
      p1: "Duw hem in de P1-poort tot hij klikt, dan in dit toestel. Sommige netbeheerders moeten de poort eerst openzetten; dat vraag je op hun site.",
      tic: "I1 en I2 op de twee ingangen van de adapter, in om het even welke volgorde; laat A vrij tenzij de adapter daar stroom haalt. Laat de meter op “producteur” en “standard” zetten: anders zendt hij niet wat je injecteert.",
      optical:
        "Zet de kop op het ronde plekje met de kabel naar beneden. Veel Duitse meters tonen alle cijfers pas na de pincode van de netbeheerder.",
      han: "Steek hem in de klantenpoort. De meeste van deze meters moet de netbeheerder openen, en veel versleutelen: dan zegt dit toestel het.",
      counter: "S0+ op pen 2 van het bordje, S0− op de massa. Zet er één keer het programma op.",
      direct:
        "S0+ op RX van de adapter, S0− op de massa. Het bordje hiernaast mist nooit een puls; zo gaat er een verloren telkens als dit toestel slaapt.",
      unknown: "Je hoeft niets in te stellen: alle gebruikelijke snelheden worden na elkaar geprobeerd.",
    },
    warn: "Let op",
    warnBody: {
      p1: "De poort voert maar 5 volt. Verzegelde deksels blijven dicht: ze zijn van de netbeheerder.",
      tic: "Alleen het groene deksel onderaan mag je openen, en TIC zelf is laagspanning: raak niets anders aan. Het verzegelde deksel blijft dicht.",
      optical: "Er wordt niets geopend en niets aangeraakt: het is alleen licht.",
      han: "Alleen de klantenpoort is van jou. Wat verzegeld is, is van de netbeheerder.",
      counter: MAINS,
      direct: MAINS,
      unknown: "Open geen verzegeld deksel. Wat naast netklemmen zit, is voor een elektricien.",
    },
    accuracy: "Hoe nauwkeurig het wordt",
    accuracyBody: {
      p1: ONE_WH,
      tic: ONE_WH,
      optical:
        "Stappen van 0,1 Wh, die de meeste na de pincode zenden, zijn fijn genoeg voor klasse B (onder 0,2875 Wh); stappen van 1 Wh niet.",
      han: "Stappen van 1 of 10 Wh: grover dan klasse B in een kwartier vraagt (onder 0,2875 Wh). De som van een dag klopt.",
      counter: PULSES,
      direct: `${PULSES} Wat niet gezien is, wordt niet geteld.`,
      unknown: "Je ziet het, met de cijfers erbij, voor je klaar bent.",
    },
  },
  port: {
    title: "Steek de kabel in en kies hem.",
    body: "De browser vraagt het één keer; daarna vindt dit toestel de kabel zelf terug.",
    known: "Al toegestaan",
    choose: "Een kabel kiezen",
    chooseUsb: "Een USB-apparaat kiezen",
    android: "Op Android zijn er twee wegen. USB-kabels hebben meestal de tweede nodig, bluetooth-adapters de eerste.",
    none: "Deze browser kan geen kabel lezen.",
    noneBody:
      "Gebruik Chrome of Edge op een computer, of Chrome op Android met een USB-adapter. Een kleine computer naast de meter kan ook: het toestel van de meter en het jouwe mogen verschillen. Firefox en Safari tonen al de rest.",
    cancelled: "Er is geen kabel gekozen. Steek hem in en probeer opnieuw.",
    denied: "De browser weigerde toegang. Sta seriële poorten voor deze site toe in de instellingen.",
    unnamed: "Poort zonder USB-nummer",
    usb: (vendor, product) => `USB ${vendor}:${product}`,
  },
  listen: {
    title: {
      probing: "Aan het luisteren…",
      none: "Nog niets herkend.",
      found: (what) => `Gevonden: ${what}.`,
      trouble: "De kabel kan niet gelezen worden.",
    },
    protocols: {
      p1: "een slimme meter op zijn P1-poort",
      s0: "een pulsteller",
      tic: "een Linky (TIC)",
      iec: "een meter die IEC 62056-21 spreekt",
      sml: "een meter die SML spreekt",
      dlms: "een meter die DLMS spreekt",
      pulse: "pulsen",
    },
    trying: (line) => `Poging op ${line}`,
    asking: (line) => `Vraag aan de meter op ${line}`,
    seconds: (left) => `nog hoogstens ${n(left, "seconde", "seconden")}`,
    heard: (bytes) => `${n(bytes, "teken", "tekens")} gehoord`,
    states: {
      waiting: "nog te doen",
      running: "nu",
      skipped: "niet nodig",
      meter: "dit is hem",
      encrypted: "versleuteld",
      almost: "bijna",
      pulses: "pulsen",
      "wrong-settings": "onleesbaar",
      nothing: "stil",
    },
    outcome: {
      encrypted:
        "De meter spreekt, maar versleuteld. Vraag je netbeheerder om de klantenpoort in klare tekst te zetten; deze app bewaart geen vreemde sleutels. Of gebruik de pulsuitgang.",
      almost:
        "Er komen stukken van een bericht, maar geen heel. Verplaats de stekker of de infraroodkop een beetje, neem een kortere kabel en luister opnieuw.",
      "wrong-settings":
        "Er komt iets, maar van geen bekende meter. Een P1-kabel moet het signaal omkeren; een infraroodkop zit misschien ondersteboven. Ken je de snelheid, kies ze dan hieronder.",
      nothing:
        "Er komt niets, op geen enkele snelheid. Zit de stekker aan beide kanten? Moet de netbeheerder de poort eerst openzetten? Voor pulsen: schijnt de zon?",
      pulses: "Er komen pulsen. Elke is een vast deel van een kilowattuur: de voorkant van de meter zegt welk.",
    },
    noExport:
      "Hij is leesbaar, maar zegt niet wat er wordt geïnjecteerd. Laat de meter injectie tellen (Linky: producent, standaardmodus), of koppel hem voor het verbruik van je huishouden.",
    cancel: "Stoppen met luisteren",
    again: "Opnieuw luisteren",
    everywhere: "Op alle snelheden luisteren",
    go: "Met de meter vergelijken",
    byHand: "Zelf kiezen",
    protocol: "Taal",
    speed: "Snelheid",
    frame: "Tekens",
    input: "Pulsen komen binnen op",
    take: "Dit gebruiken",
  },
  confirm: {
    title: "Is dit het getal op je meter?",
    titlePulses: "Telt hij mee met het lichtje?",
    waiting: "Wachten op de eerste meting…",
    look: (code) => `Druk op de knop van de meter tot hij ${code} toont.`,
    lookSum: (code) => `Druk op de knop van de meter tot hij ${code} toont, en tel beide op.`,
    tic: (code) => `Druk op + tot het scherm de index ${code} toont.`,
    lookPulses: "Kijk naar het lichtje van de meter: elke flits is er hier één meer.",
    pulses: (value) => n(value, "puls", "pulsen"),
    now: "Vermogen nu",
    steps: (size) => `gaat in stappen van ${size}`,
    rounded: "De meter toont misschien minder cijfers en loopt even achter.",
    yes: "Ja, dat is het",
    no: "Nee, opnieuw kijken",
    readings: (value) => `${n(value, "meting", "metingen")} tot nu toe`,
    noRegister: "De meter zendt dit register niet.",
  },
  plate: {
    title: "Schrijf over wat alleen de voorkant van de meter zegt.",
    titleUse: "Nog één ding: zijn naam.",
    whole: "Alles op de voorkant, zoals het er staat",
    wholeHint: "Bijvoorbeeld: 3x230/400 V 0,25-5(60) A 1000 imp/kWh Cl. B. De velden hieronder worden ermee ingevuld.",
    legend: {
      currents: "kleinste stroom, referentiestroom en grootste stroom",
      constant: "pulsen per kilowattuur",
      class: "nauwkeurigheidsklasse bij het metrologisch merk",
      volts: "drie fasen: 3x230/400 V; één: 230 V",
    },
    drawn: "De plaat van een meter met zijn merken",
    marking: "Stroom",
    markingHint: "Zoals vermeld, bijvoorbeeld 0,25-5(60) A",
    class: { legend: "Nauwkeurigheidsklasse", options: { A: { label: "A" }, B: { label: "B" }, C: { label: "C" } } },
    phases: { legend: "Fasen", options: { "1": { label: "1" }, "3": { label: "3" } } },
    imp: "Pulsen per kWh",
    impHint: "Bijvoorbeeld 1000 imp/kWh",
    pMax: "Grootste vermogen van de panelen, in kW",
    pMaxHint: "Van het etiket van de omvormer. Wat erboven ligt, wordt niet geloofd.",
    label: "Naam van de meter",
    labelHint: "Wat de buren zien: Dak zuid",
    wrong: {
      label: "Geef de meter een naam van hoogstens 40 letters.",
      marking: "Neem het merk over met zijn eerste getal, bijvoorbeeld 0,25-5(60) A.",
      impPerKwh: "Vul de pulsen per kWh in, een heel getal van de voorkant.",
      pMaxKw: "Vul het vermogen in kW in, bijvoorbeeld 4,6.",
    },
    pair: "Deze meter koppelen",
    budget: {
      title: "Hoe nauwkeurig dat is",
      waiting: "Te zien zodra de stroom is ingevuld.",
      quantum: "Eén stap van de meter",
      clock: "De klok van dit toestel",
      bound: "Toegestaan per stap",
      margin: "Over",
      over: "Te veel",
      fine: "Elke stap blijft binnen wat de klasse van de meter toelaat.",
      coarse: (pulses) =>
        `Stappen met weinig vermogen worden afgerond; de som van een dag klopt. Wil je het elke stap juist, neem dan een pulsuitgang van minstens ${pulses} pulsen per kWh.`,
      clockOff: "De klok van dit toestel is te onzeker; laat ze automatisch instellen en blijf online.",
      classes: "Fijn genoeg voor een meter van klasse",
      noClass: "Geen enkele meterklasse staat zoveel toe.",
    },
  },
  done: {
    title: "Je meter is gekoppeld.",
    titleUse: "De meter van je huishouden is gekoppeld.",
    steps: [
      "Dit toestel telt vanaf de eerste meting, ook met de pagina op de achtergrond.",
      "De leden wordt gevraagd of hij meetelt; vaak is dat één tik.",
      "Zodra de leden het eens zijn, staat ieders deel op Start.",
    ],
    stepsUse: [
      "Dit toestel leest hem, ook met de pagina op de achtergrond.",
      "Niets ervan verlaat ooit dit toestel.",
      "Wat je verbruikte, en hoeveel daarvan onze zon was, staat op Start.",
    ],
    plug: "Laat de kabel zitten en deze app open. Na een onderbreking gaat het vanzelf verder: een energiemeter mist niets, pulsen recht op een adapter wel.",
    see: "Zie hem tellen",
    another: "Nog een meter koppelen",
  },
};
