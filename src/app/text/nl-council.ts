/** The sentences of deciding together: proposals and their effect, rule, terms, neighbours, making blocks, leaving. Dutch. */
import { count, plural } from "../format.ts";
import type { CouncilTexts } from "./en-council.ts";
import type { TermCode } from "./remarks.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

const hints: Readonly<Partial<Record<TermCode, string>>> = {
  feePpm: "Van de zon van elke stap, voor wie de stap opschrijft. 0 betekent dat opschrijven een gunst is.",
  lossPpm: "Wat het net onderweg verliest: van niemand, zodat de sommen kloppen.",
  activityWindow: "Wie zo lang geen stem van zijn toestel gaf, telt niet meer mee voor akkoord.",
  weightEnergy: "Hoe zwaar de aangeboden zon telt in de trekking van de volgende schrijver.",
  weightAge: "Hoe zwaar lang wachten telt. Dit moet het zwaarst wegen.",
  weightReputation: "Hoe zwaar het telt vaak te hebben geschreven. Dit moet het lichtst wegen.",
  tokenValidity:
    "Wie zijn loten voor de trekking (stempenningen) niet binnen zoveel stappen gebruikt, verliest ze; de zon zelf gaat nooit verloren.",
  ageCap: "Langer wachten dan dit telt niet meer.",
  reputationWindow: "Oudere blokken tellen niet voor de reputatie.",
  strikes: "Zoveel beurten mag een lid missen voor het zich niet meer mag aanbieden.",
  rewardDelay: "Vergoedingen worden zo lang vastgehouden; wie intussen vals speelt, verliest ze.",
  ballotWindow: "Wat dan niet beslist is, is mislukt.",
  adoptionDelay: "Van de beslissing tot ze geldt.",
  candidacyMarginMs: "Wie een aanbod weglaat dat minstens zo lang voor het sluiten kwam, krijgt geen stemmen.",
  tickMarginMs: "Wie een telling weglaat die minstens zo lang voor het blok kwam, krijgt geen stemmen.",
};

export const council: CouncilTexts = {
  run: "De gemeenschap beheren",
  proposals: {
    rule: "De zon anders verdelen",
    ruleMeans: (before, after) =>
      `Tot nu toe wordt ze ${before} verdeeld. Ja betekent: vanaf de genoemde stap wordt ze ${after} verdeeld.`,
    weightsMeans: (how, weights, from) =>
      `Er blijft ${how} verdeeld worden. Ja betekent: vanaf ${from ?? "de genoemde stap"} ${weights}.`,
    weighs: (name, before, after) => `telt ${name} voor ${after} in plaats van ${before}`,
    rotate: (name) => `${name} heeft een nieuw toestel`,
    rotateMeans: (name) =>
      `Ja betekent: het nieuwe toestel spreekt voor ${name}, het oude niet meer. Wat ${name} kreeg, blijft. Vergelijk eerst de cijfers aan de telefoon.`,
    meter: (name, owner) => `Nieuwe sleutel voor de meter ${name} van ${owner}`,
    meterMeans:
      "Ja betekent: het nieuwe toestel van de meter wordt geloofd. Wat geteld is, blijft, en het tellen gaat daar verder.",
    parameters: (changes, first) =>
      changes === 1
        ? `Een bepaling wijzigen: ${first}`
        : `${n(changes, "bepaling", "bepalingen")} van het contract wijzigen`,
    parametersMeans: "Ja betekent: vanaf de genoemde stap geldt dit:",
    pardon: (name) => `${name} weer stappen laten opschrijven`,
    pardonMeans: (strikes) =>
      `Ja betekent: ${strikes === 0 ? "wat gebeurde, is" : n(strikes, "gemiste beurt is", "gemiste beurten zijn")} vergeven, en het toestel mag zich weer aanbieden.`,
    leave: (name) => `${name} moet de gemeenschap verlaten`,
    leaveMeans: (name) =>
      `Ja betekent: vanaf de genoemde stap heeft ${name} geen deel en geen stem. Wat ${name} kreeg, blijft geboekt.`,
    leaveOwn: (name) => `${name} verlaat de gemeenschap`,
    leaveOwnMeans: "Daarvoor is geen stemming nodig: niemand hoeft te blijven.",
    holdsFrom: (time) => `Als genoeg leden in deze stap instemmen, geldt het vanaf ${time}.`,
    hopeless: "Meer dan de helft zei nee: het komt er alleen door als iemand van stem verandert.",
    openUntil: (time) => `Open tot ${time}.`,
    changeable: "Zolang de stemming open is, kun je je stem wijzigen, één keer per stap.",
    made: "Het is voorgesteld",
    madeBody: (time) =>
      `Het wordt opgeschreven met de stap die om ${time} eindigt. Dan staat het onder Gemeenschap, Te beslissen, met jouw ja erbij, en de leden stemmen.`,
    madeSee: "Naar Gemeenschap",
    onTheWay: (proposals) =>
      `${n(proposals, "voorstel van jou is", "voorstellen van jou zijn")} onderweg: hier zodra deze stap is opgeschreven.`,
  },
  decisions: {
    title: "Beslist",
    none: "Er is nog niets beslist.",
    outcome: {
      adopted: (step, time, votes) => `Aangenomen met stap ${step} (${time}): ${votes}.`,
      rejected: (step, time, votes) => `Verworpen; voorbij met stap ${step} (${time}): ${votes}.`,
      expired: (step, time, votes) => `Niet op tijd beslist; voorbij met stap ${step} (${time}): ${votes}.`,
    },
    votes: (yes, needed, no) => `${yes} ja van ${needed} nodige, ${no} nee`,
    noVote: "geen stemming nodig",
    from: (step, time) => `Van kracht vanaf stap ${step} (${time}).`,
    since: (step, time) => `Van kracht sinds stap ${step} (${time}).`,
    earlier: (decisions) => n(decisions, "eerdere beslissing", "eerdere beslissingen"),
  },
  rule: {
    equal: "in gelijke delen",
    fixed: "volgens gewicht",
    alike: "volgens gewicht (alle gelijk, dus in gelijke delen)",
    first: (part, how) => `eerst ${part} ${how}`,
    next: (part, how) => `dan ${part} van de rest ${how}`,
    rest: (how) => `wat overblijft ${how}`,
    inForce: (how) => `De zon wordt verdeeld: ${how}.`,
    change: "De verdeling wijzigen",
    title: "Hoe wordt de zon verdeeld?",
    intro: "Wijzig en zie meteen wat het had betekend. De leden stemmen erover; eerder verandert er niets.",
    kind: {
      legend: "De regel",
      options: {
        equal: { label: "In gelijke delen", hint: "Elk lid krijgt evenveel." },
        fixed: { label: "Volgens gewicht", hint: "Ieder volgens een getal, bijvoorbeeld het deel van de investering." },
        mixed: {
          label: "In rondes",
          hint: "Eerst een deel op de ene manier, dan de rest op een andere; hoogstens drie rondes.",
        },
      },
    },
    rounds: "De rondes, na elkaar",
    round: (at) => `Ronde ${at}`,
    how: "verdeelt",
    part: "Deel van wat over is, in procent",
    partWrong: "Vul een deel boven 0 en hoogstens 100 procent in.",
    lastRound: "De laatste ronde verdeelt alles wat over is.",
    addRound: "Nog een ronde",
    dropRound: "Laatste ronde weglaten",
    weights: "Gewichten",
    weightsHint: "Gehele getallen. Dubbel gewicht is een dubbel deel.",
    weightOf: (name) => `Gewicht van ${name}`,
    weightWrong: "Een gewicht is een geheel getal van 0 tot 1.000.000; minstens een ligt boven 0.",
    propose: "Aan de leden voorstellen",
  },
  effect: {
    title: "Wat het had betekend",
    unfold: "Wie wint en wie verliest hoeveel",
    correct: "Verbeter wat gemarkeerd is; dan zie je het hier.",
    period: "Voor de zon van de laatste zeven dagen",
    since: (date) => `Voor de zon sinds ${date}`,
    gain: (amount) => `Je had ${amount} meer gehad.`,
    lose: (amount) => `Je had ${amount} minder gehad.`,
    same: "Voor jou had het minder dan een duizendste veranderd.",
    others: (more, less) =>
      `${n(more, "huishouden wint", "huishoudens winnen")}, ${count(less, "nl")} ${less === 1 ? "verliest" : "verliezen"}.`,
    unnoticed: "Niemands deel verandert merkbaar, dat is met een duizendste of meer.",
    nothing: "De laatste zeven dagen is geen zon geteld; daarom staat hier wat ieder van elke komende kWh zou krijgen.",
    parts: (after, before) => `Je zou ${after} van elke kWh hebben in plaats van ${before}.`,
    ofKwh: "Van elke komende kWh",
    noMeter:
      "Er telt nog geen meter voor de gemeenschap; daarom staat hier wat ieder van elke komende kWh zou krijgen.",
    none: "Het verandert niemands deel.",
    member: "Lid",
    before: "Tot nu",
    after: "Dan",
    difference: "Meer of minder",
    fee: "Voor het opschrijven",
    loss: "Verloren in het net",
  },
  terms: {
    change: "De bepalingen wijzigen",
    title: "Wijzigen wat we afspraken",
    intro:
      "Wijzig wat nodig is; de leden stemmen erover. De lengte van een stap, de tijden daarbinnen en die voor late energie blijven zoals bij de start.",
    groups: {
      money: "Vergoeding en verlies",
      agreement: "Wanneer een stap akkoord is",
      writing: "Wie de stappen opschrijft",
      ballots: "Stemmingen zoals deze",
      margins: "Wat niet mag ontbreken",
    },
    hints,
    percent: "in procent",
    seconds: "in seconden",
    steps: "in stappen",
    lasts: (time) => `Dat is ${time}.`,
    changes: "Je wijzigt",
    noChange: "Er is nog niets gewijzigd.",
    fromTo: (before, after) => `${before} wordt ${after}`,
    wrong: {
      number: "Vul een geheel getal van 1 tot 1.000.000.000 in.",
      part: "Vul een deel van 0 tot 100 procent in.",
      order: "Reputatie moet lichter wegen dan zon, en zon lichter dan wachttijd.",
      sum: "Vergoeding en verlies zijn samen hoogstens 100 procent.",
      other: "Deze waarde past niet bij de andere bepalingen. Kies een andere.",
    },
    propose: "Aan de leden voorstellen",
  },
  applicant: {
    replaces: "Het is een lid met een nieuw toestel",
    which: "Wie is het?",
    replacesMeans:
      "De leden stemmen erover. Daarna spreekt het oude toestel niet meer voor dit lid; wat het kreeg, blijft.",
    propose: "Het nieuwe toestel voorstellen",
    refuse: "Weigeren",
    refuseMeans: "Weigeren verbergt de aanvraag alleen op dit toestel. De andere leden kunnen nog toelaten.",
    refused: (requests) => n(requests, "geweigerde aanvraag", "geweigerde aanvragen"),
    refusedHere: "Je weigerde op dit toestel. De anderen kunnen nog toelaten.",
    refusedByVote: "De leden stemden ertegen. Het kan opnieuw worden voorgesteld.",
    again: "Terug naar de deur",
  },
  neighbour: {
    open: (name) => `Meer over ${name}`,
    had: { before: "Tot nu toe", after: "van onze zon." },
    today: "Vandaag",
    weight: "Gewicht",
    blocks: "Opgeschreven stappen",
    last: "De laatste",
    never: "nog geen",
    state: "Staat",
    strikes: (strikes, allowed) =>
      `miste ${n(strikes, "beurt", "beurten")} om op te schrijven; bij ${allowed} krijgt het er geen meer`,
    noStrikes: "miste geen beurt",
    barred: (date) => `mag sinds ${date} geen stappen opschrijven`,
    left: (date) => `vertrokken op ${date}`,
    leftTitle: "Vroegere leden",
    digits: "Cijfers van het toestel",
    decide: "Aan de leden om te beslissen",
    pardon: "Vergiffenis voorstellen",
    pardonMeans: "De gemiste beurten worden vergeven, en het toestel mag weer opschrijven.",
    expel: "Voorstellen dat dit lid vertrekt",
    expelMeans: "Wie vertrekt, heeft geen deel en geen stem meer. De anderen krijgen zijn deel.",
    expelSure: "Ja, voorstellen",
    leaveMe: "De gemeenschap verlaten",
    unknown: "Dit lid is hier niet bekend.",
  },
  voting: {
    title: "De stappen opschrijven",
    intro:
      "Het toestel van een lid schrijft elke stap op; het lot zegt welk. Met je zon komen loten voor de trekking, stempenningen genoemd: hoe meer zon en hoe langer het wachten, hoe eerder een toestel getrokken wordt. Ze zijn geen energie: jouw deel blijft van jou.",
    summary: {
      auto: "Je toestel doet vanzelf mee aan de trekking.",
      all: "Je toestel zet elke stap al zijn loten in.",
      save: "Je toestel zet alleen loten in die anders vervallen.",
      share: (part) => `Je toestel zet ${part} van zijn loten in.`,
      off: "Je toestel doet niet mee aan de trekking.",
    },
    change: "Bekijken en wijzigen",
    strategy: {
      legend: "Hoe doet je toestel mee?",
      options: {
        auto: {
          label: "Vanzelf (aanbevolen)",
          hint: "Zet alle loten in, en wacht even als nog één gemiste beurt het zou uitsluiten.",
        },
        all: { label: "Alle loten, elke stap", hint: "De beste kans in elke trekking." },
        save: { label: "Alleen wat zou vervallen", hint: "Spaart loten voor later, tot ze bijna vervallen." },
        share: { label: "Een vast deel", hint: "Houdt een reserve voor de volgende stappen." },
        off: { label: "Helemaal niet", hint: "Anderen schrijven. Je zon, je stem en je controles blijven." },
      },
    },
    part: "Deel in procent",
    partWrong: "Vul een geheel percentage van 1 tot 100 in.",
    save: "Zo doen vanaf de volgende stap",
    saved: "Je toestel doet dat vanaf de volgende stap.",
    tokens: "Zon die meetelt in de trekking",
    available: "voor de lopende stap",
    expiring: "voor het laatst",
    auctions: "Wat je inzette en wat eruit kwam",
    columns: { step: "Stap", spent: "Ingezet", place: "Plaats", result: "Resultaat" },
    place: (place, of) => `${place} van ${of}`,
    wrote: "schreef hem op",
    notWrote: "een ander schreef",
    owed: "leverde niet",
    noAuctions: "Je toestel deed niet mee aan de laatste trekkingen.",
    strikes: (strikes, allowed) =>
      `Je toestel is getrokken en schreef ${n(strikes, "keer", "keer")} niet. Bij ${allowed} krijgt het geen beurt meer; een stap die het wel opschrijft, wist ze uit.`,
    barred:
      "Je toestel mag geen stappen opschrijven: het miste te vaak zijn beurt, of tekende twee verschillende dingen. De leden kunnen het vergeven.",
  },
  leaving: {
    title: (community) => `${community} verlaten`,
    intro: "Er zijn twee verschillende dingen. Kies wat je bedoelt.",
    kind: {
      legend: "Wat wil je?",
      options: {
        community: {
          label: "De gemeenschap verlaten",
          hint: "Je deelt geen zon meer met de anderen. Iedereen ziet dat je vertrokken bent.",
        },
        device: {
          label: "Alleen dit toestel leegmaken",
          hint: "Je blijft lid. Voor een toestel dat je weggeeft of vervangt.",
        },
      },
    },
    communityMeans:
      "Niemand hoeft erover te stemmen. Vanaf een stap kort daarna heb je geen deel en geen stem; de anderen krijgen jouw deel. Wat je kreeg, blijft geboekt, en een meter van jou telt verder voor de gemeenschap.",
    communityButton: "De gemeenschap verlaten",
    deviceMeans:
      "Wist sleutels, boekingen en tellingen van dit toestel; een meter eraan wordt niet meer geteld. Je buren zien je nog als een lid dat weg is. Vraag met een nieuw toestel om een uitnodiging: een lid zegt dan dat jij het bent.",
    replacedTitle: (community) => `Dit toestel spreekt niet meer voor jou in ${community}`,
    replacedMeans:
      "Je nieuwe toestel doet dat, en wat je kreeg, staat bij dat toestel. Leegmaken wist sleutels, boekingen en tellingen van dit toestel; een meter eraan moet met het nieuwe gekoppeld worden. Is het nieuwe toestel niet van jou, bel dan eerst je buren.",
    wordsTitle: "Dit toestel leegmaken",
    wordsMeans:
      "Dit toestel is met woorden teruggehaald en nog niet als lid bekend. Leegmaken wist de sleutels die eruit komen; met de juiste woorden en een uitnodiging kun je het opnieuw proberen.",
    applicantTitle: "Je aanvraag intrekken",
    applicantMeans: "Je bent nog geen lid. Leegmaken wist je sleutels en de aanvraag van dit toestel.",
    aloneMeans:
      "Je bent het enige lid: met de sleutels en boekingen op dit toestel eindigt de gemeenschap. Wat gewist is, komt niet terug.",
    deviceButton: "Dit toestel leegmaken",
    underWay: (when) => `Je vertrekt om ${when}. Houd deze pagina tot dan open, zodat de anderen het horen.`,
    waiting: "Je afscheid is onderweg naar de anderen. Houd deze pagina open tot het is opgeschreven.",
    left: (community) => `Je hebt ${community} verlaten.`,
    leftBody: "De anderen weten het. Nu kun je dit toestel leegmaken: sleutels, boekingen en tellingen worden gewist.",
    confirm: "Naam van de gemeenschap",
    confirmHint: (name) => `Typ ${name} om te bevestigen.`,
    mismatch: "De naam klopt nog niet.",
    demo: "In de demo valt niets te verlaten: beëindig haar met de knop bovenaan.",
  },
  votes: {
    title: "Wie het controleerde",
    body: (quorum, voters) =>
      `Een stap is definitief als ${quorum} van ${voters} hem controleerden en daarna bevestigden dat het er genoeg zijn.`,
    name: "Buur",
    approved: "Gecontroleerd",
    confirmed: "Bevestigd",
    yes: "ja",
    no: "nog niet",
    none: "Nog niemand heeft het gecontroleerd.",
    missingApprovals: (needed, names) =>
      `Nog niet definitief: nog ${needed === 1 ? "één" : count(needed, "nl")} van deze buren moet het controleren: ${names}.`,
    missingConfirmations: (needed, names) =>
      `Genoeg hebben het gecontroleerd. Om definitief te zijn, moet nog ${needed === 1 ? "één" : count(needed, "nl")} van deze buren bevestigen: ${names}.`,
    away: (name) => `${name} (weg)`,
    all: (names) => `Gecontroleerd en bevestigd door ${names}.`,
    standIns: "Vervangers, in de volgorde van de trekking",
    standInsBody: "Geen kandidaat leverde op tijd, dus waren anderen aan de beurt.",
    incidents: "Wat er misging",
    owed: (name, strikes) =>
      `${name} is getrokken en schreef de stap niet op: een gemiste beurt${strikes > 0 ? `, nu ${count(strikes, "nl")}` : ""}.`,
    owedBarred: (name) => `${name} is getrokken, schreef de stap niet op en mag zich niet meer aanbieden.`,
    faults: {
      "two-blocks": (name) => `${name} tekende twee verschillende blokken voor één stap.`,
      "two-approvals": (name) => `${name} controleerde twee verschillende blokken in één ronde.`,
      "two-confirmations": (name) => `${name} bevestigde twee verschillende blokken in één ronde.`,
      "two-winners": (name) => `${name} tekende twee verschillende uitslagen van één trekking.`,
    },
    reported: (name) => `${name} toonde beide handtekeningen`,
    confiscated: (amount) => `en krijgt de vastgehouden vergoeding van ${amount}`,
    barred: "het mag geen stappen meer opschrijven",
  },
};
