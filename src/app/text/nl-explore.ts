/** The sentences of looking around: searches, branches that lost, what is kept, the week, pictures of neighbours. Dutch. */
import { count, plural } from "../format.ts";
import type { ExploreTexts } from "./en-explore.ts";

const n = (value: number, one: string, other: string): string =>
  `${count(value, "nl")} ${plural("nl", value, { one, other })}`;

export const explore: ExploreTexts = {
  search: {
    title: "Een stap vinden",
    by: "Zoeken op",
    kinds: { time: "Tijd", step: "Nummer", member: "Lid", hash: "Hash" },
    time: "Dag en tijd",
    step: "Nummer van de stap",
    member: "Wie hem opschreef",
    hash: "Eerste tekens van de hash van een boeking of een blok",
    hashHint: "Minstens vier: 0 tot 9 en a tot f.",
    wrong: {
      time: "Kies een dag en een tijd sinds het begin van de gemeenschap.",
      step: "Geef het nummer van een stap die al begonnen is.",
      hash: "Geef minstens vier tekens, 0 tot 9 en a tot f.",
    },
    button: "Zoeken",
    looking: (steps) => `De stappen op dit toestel worden doorzocht: ${steps} tot nu toe…`,
    stop: "Stoppen",
    more: "Verder terug zoeken",
    none: "Niets gevonden in wat dit toestel bewaart.",
    found: (steps) => n(steps, "vondst", "vondsten"),
    numbered: (step) => `Stap ${step}`,
    wrote: "schreef hem op",
    owed: "werd getrokken en schreef hem niet op",
    noBlock: "Op dit toestel sluit geen blok deze stap af.",
    blockHash: "Het blok van deze stap",
    bodiless: (blocks) =>
      `Van ${n(blocks, "stap", "stappen")} bewaart dit toestel de losse boekingen niet meer: daar kon het niet zoeken.`,
    before: (date) =>
      `Van de tijd voor ${date} bewaart dit toestel geen stappen. Het toestel van een buur misschien wel.`,
  },
  fork: {
    lost: (steps) =>
      `${n(steps, "stap werd hier opgeschreven en vervangen", "stappen werden hier opgeschreven en vervangen")}.`,
    open: (steps) => `${n(steps, "stap staat", "stappen staan")} naast de keten: de stemming is nog open.`,
    by: (time, name) => `${time} door ${name}`,
    checked: (members) => `${n(members, "lid had", "leden hadden")} hem gecontroleerd`,
    instead: (names) => `In de plaats staat wat ${names} opschreef.`,
    unknown: "Wat er in de plaats staat, is niet op dit toestel.",
    energy: "Er gaat geen energie door verloren: wat de meters telden wordt opnieuw geboekt.",
  },
  ribbon: {
    begin: "Hier begon de gemeenschap.",
    begins: (date) => `Hier begint dit toestel: de stappen voor ${date} zijn bij buren die er toen waren.`,
    writers: "Wie deze stappen opschreef",
    writer: (name, steps) => `${name}: ${n(steps, "stap", "stappen")}`,
    legend: "Zo breed als de zon van de stap. Gearceerd zolang hij gecontroleerd wordt.",
  },
  kept: {
    line: "Van deze stap bewaart dit toestel wie hem opschreef en hoeveel het was; de losse boekingen zijn weggedaan om plaats te sparen.",
    nothing:
      "Dit toestel bewaart niets van deze stap: het kwam later, of begon opnieuw. Het toestel van een buur heeft hem misschien.",
    ranking: "De volgorde van de trekking; de cijfers ervan worden niet meer bewaard.",
  },
  division: {
    title: "Wie hoeveel krijgt",
    intro: "Van elke kWh die het dak opwekt, volgens de regel die geldt.",
    compare: "Ernaast: zoals het volgens het voorstel zou zijn.",
    which: "Voorstel",
    member: "Lid",
    now: "Nu",
    after: "Dan",
    week: "Laatste zeven dagen",
    weekSince: (date) => `Sinds ${date}`,
    change: "Meer of minder",
    fee: "Voor wie opschrijft",
    loss: "Verloren in het net",
  },
  week: {
    title: "Wat ieder de laatste zeven dagen deed",
    titleSince: (date) => `Wat ieder deed sinds ${date}`,
    member: "Lid",
    written: "Stappen opgeschreven",
    owed: "Gemist",
    earned: "Vergoeding gekregen",
    paid: "Vergoeding betaald",
    noFee: "Er is geen vergoeding afgesproken: een stap opschrijven is een dienst.",
    fee: (part, sum) => `Wie een stap opschrijft, krijgt ${part} van zijn zon: ${sum} in totaal.`,
    feeUnknown: (part) =>
      `Wie een stap opschrijft, krijgt ${part} van zijn zon. Dit toestel bewaart niet meer elke boeking die zou zeggen hoeveel dat was.`,
  },
  generator: {
    today: "vandaag",
    live: "nu",
    health: {
      never: "Nog niet gehoord.",
      silent: (ago) => `Stil: ${ago} voor het laatst gehoord.`,
      well: (steps) => `In orde: geteld in ${steps} stappen van de laatste zeven dagen, geen ervan geschat.`,
      estimated: (estimated, steps) =>
        `Geteld in ${steps} stappen van de laatste zeven dagen; ${estimated} ervan geschat, omdat hij niet op tijd werd gelezen.`,
      dark: "De laatste zeven dagen werd niets geteld.",
    },
    accuracy: (part, step) => `Juist tot op ${part}, gelezen in stappen van ${step}.`,
    fine: "Fijn genoeg voor elke stap.",
    tooShort: "De stappen zijn te kort om per stap exact te meten; de som van een dag klopt.",
    coarse: (bound) => `Te grof voor een stap: hij zou in stappen van hoogstens ${bound} gelezen moeten worden.`,
  },
  face: {
    title: "Afbeelding op dit toestel",
    body: "Met een foto of een kleur vind je een buur gemakkelijk terug. Ze blijft op dit toestel: niemand anders ziet ze en ze staat niet in de boeken.",
    photo: "Een foto kiezen",
    another: "Een andere foto kiezen",
    colour: "Kleur",
    none: "geen",
    colours: ["violet", "pruim", "mos", "olijf", "bruin", "indigo"],
    remove: "De afbeelding verwijderen",
    wrong: "De browser kan deze afbeelding niet lezen. Kies een andere.",
    full: "Er is geen plaats voor op dit toestel.",
  },
};
