/** De zinnen rond bewijsbestanden. Nederlands; geladen met wat ze nodig heeft. */
import { count, plural } from "../format.ts";
import type { VerifyTexts } from "./en-verify.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

export const verify: VerifyTexts = {
  title: "Een bewijs nakijken",
  intro:
    "Een bewijsbestand toont wat een lid kreeg. Het wordt hier nagekeken, op dit toestel: er wordt niets verstuurd, en je hoeft niemand te vertrouwen.",
  choose: "Kies een bewijsbestand",
  tooLong: "Dit bestand is te lang om een bewijs te zijn.",
  unreadable: "Dit bestand kan niet gelezen worden. Kies het opnieuw.",
  working: "Elke handtekening wordt nagekeken\u2026",
  holds: { before: "Het klopt.", member: (index) => `Lid ${index}`, middle: "kreeg", after: (when) => `(${when}).` },
  digits: "Cijfers van de sleutel, zoals op het overzicht van het lid:",
  openStatement: "Een overzicht van dezelfde tijd kan meer zeggen: het telt ook stappen die nog niet definitief zijn.",
  statement: "Je overzicht van deze maand",
  memberKey: "Sleutel",
  refused: "Het klopt niet.",
  /** Some other file: nothing in it could hold. */
  noProof: "Dit is geen bewijsbestand van Commonwatt.",
  /** Nothing was found out about it: the file or this device was not up to it. */
  unchecked: "Het kon niet worden gecontroleerd.",
  refusedAt: (place) => `Wat niet klopt: ${place}.`,
  another: "Nog een nakijken",
  places: {
    file: "het bestand zelf",
    claim: "wat het bestand beweert",
    contract: "het contract van de gemeenschap",
    hops: "hoe het stemrecht werd doorgegeven",
    final: "de definitieve stap en zijn bevestigingen",
    members: "de teller van het lid",
    blocks: "de opgeschreven stappen en wat ze verdelen",
    history: "dat deze stappen in de keten staan",
    seal: "het zegel aan het einde van het bestand",
  },
  codes: {
    "not-on-device":
      "Het deel van de app dat bewijzen controleert, staat nog niet op dit toestel. Maak één keer verbinding met het internet en kies het bestand dan opnieuw.",
    "bundle-not": "Kies een bestand dat eindigt op .cwproof.",
    "bundle-version": "Dit bewijs is van een andere versie. Werk de app bij.",
    "bundle-cut": "Het bestand is beschadigd: er ontbreekt iets of er is iets te veel. Vraag het opnieuw.",
    "bundle-unreadable": "Dit deel werd veranderd of beschadigd. Vraag het bestand opnieuw.",
    "bundle-contract": "Het contract is niet dat wat de stichter ondertekende.",
    "bundle-hop": "Een overdracht is niet bevestigd door wie stemrecht had.",
    "bundle-final": "Te weinig stemmers hebben echt ondertekend dat deze stap definitief is.",
    "bundle-member": "De getoonde teller is niet die van de keten.",
    "bundle-block": "De stappen staan niet op volgorde, of zijn van een andere gemeenschap.",
    "bundle-history": "Een getoonde stap heeft nooit in deze keten gestaan.",
    "bundle-credit": "De getoonde verdeling is niet die welke werd opgeschreven.",
    "bundle-signer": "Wie deze verdeling ondertekende, had dat recht niet.",
    "bundle-signature": "De handtekening onder een verdeling is vals.",
    "bundle-period": "De beweerde periode klopt niet, of is in dit bewijs nog niet voorbij.",
    "bundle-sum": "De beweerde hoeveelheid is niet de som van wat getoond wordt.",
    "bundle-register": "Er wordt meer beweerd dan de teller van het lid ooit heeft geteld.",
    "bundle-seal": "De beweerde periode werd veranderd nadat het bestand gemaakt was.",
  },
  steps: {
    contract: (name, members) =>
      `Het contract van \u201c${name}\u201d is ondertekend door de stichter; ${members === 1 ? "het eerste lid bewees zijn sleutel" : `${n(members, "eerste lid bewees", "eerste leden bewezen")} hun sleutels`}.`,
    hops: (times) =>
      times === 0
        ? "Genoeg leden van het contract stemmen nog: het stemrecht hoeft niet verder gevolgd te worden."
        : `Het stemrecht werd ${n(times, "keer", "keer")} doorgegeven, telkens bevestigd door wie het had.`,
    final: (time, confirmed, voters, quorum) =>
      `De stap van ${time} is definitief: ${confirmed} van ${voters} bevestigden hem met een handtekening, ${quorum} moeten.`,
    members: (register) => `De teller van het lid stond toen op ${register}.`,
    history: (blocks, of) =>
      `${n(blocks, "stap met een deel staat", "stappen met een deel staan")} bij de ${of} die de definitieve stap bezegelt.`,
    blocks: (credits, checked) =>
      `${n(credits, "verdeling geeft", "verdelingen geven")} het lid een deel; ${checked} van hun handtekeningen zijn nagekeken.`,
    vouched: (some) =>
      `${n(some, "handtekening is", "handtekeningen zijn")} van een sleutel die sindsdien vervangen is: daar staan de stemmers voor in.`,
    claim: (amount) => `De delen zijn samen ${amount}, zoals beweerd.`,
    seal: "Er is niets in het bestand veranderd nadat het gemaakt was.",
  },
  compare: "Vergelijk dit met de gemeenschap die je kent:",
  limits: (rest) =>
    `Er is niets verzonnen. Er kunnen delen weggelaten zijn, maar niet meer dan ${rest}: de teller heeft ze allemaal.`,
  open: "Een meter kan voor deze tijd nog laat leveren: het cijfer kan groeien, nooit dalen.",
  credits: "Elk deel",
  columns: { until: "Tot", amount: "Gekregen" },
  more: (shown) => `De eerste ${shown}; de opdrachtregel geeft ze allemaal.`,
  save: {
    title: "Neem het bewijs mee",
    body: "E\u00e9n bestand dat iedereen kan nakijken, offline en zonder account: de netbeheerder, een huurder, jijzelf over tien jaar. Het toont ook wat je buren in deze stappen kregen.",
    range: {
      legend: "Van",
      options: { step: { label: "deze stap" }, day: { label: "de dag" }, month: { label: "de maand" } },
    },
    button: "Bewijs opslaan",
    saved: (size) => `Opgeslagen, ${size}.`,
    check: "Een bewijsbestand nakijken",
    refusals: {
      "no-credits": "Er werd je in deze tijd niets definitiefs toegewezen.",
      "proof-incomplete":
        "Dit toestel heeft nog niet elk bewijs van hoe de stemmers veranderden, en vraagt ernaar; wacht tot een buur die ze heeft verbonden is, en probeer opnieuw.",
      "proof-early": "Nog geen stap is definitief, of de stemmen zijn hier niet; probeer na de volgende stap.",
      "proof-missing":
        "Dit toestel bewaart niet alles wat dit bewijs nodig heeft; maak het op een toestel dat de hele keten bewaart.",
      "proof-not-final": "Deze stap kan nog niet bewezen worden; het kan zodra de stap erna definitief is.",
    },
  },
};
