/** How much a device keeps, in Dutch. */
import type { kind as en } from "./en-kind.ts";

export const kind: typeof en = {
  title: "Wat dit toestel bewaart",
  now: { light: "Alleen je eigen cijfers, elk bewezen.", full: "Alles, en het stemt over elke stap." },
  reasons: {
    chosen: "Jij koos dit.",
    joining: "Dat moet, zolang geen gemeenschap je heeft opgenomen.",
    meter: "Er is een meter aan gekoppeld: wat die telt, moet bij de gemeenschap komen.",
    needed: "De gemeenschap heeft zijn stem nodig: zonder zijn te weinigen het eens.",
    "data-saver": "Je toestel spaart data.",
    memory: "Het heeft weinig geheugen.",
    storage: "Het heeft weinig plaats over.",
    battery: "De batterij is bijna leeg.",
    away: "Het was lang weg; het haalt de rest in zodra het aan de stroom hangt.",
    able: "Er is niets op tegen.",
  },
  choice: {
    legend: "Kies",
    options: {
      auto: { label: "Automatisch", hint: "Volgens batterij, data, geheugen en plaats." },
      light: { label: "Altijd licht", hint: "Heel weinig data. Geen stem, geen meter." },
      full: { label: "Altijd volledig", hint: "Bewaart en controleert alles, en stemt voor jou." },
    },
  },
  overruled: "Je koos iets anders; dat gebeurt zodra het kan.",
  screen: {
    title: "Dit toestel bewaart alleen je eigen cijfers.",
    body: "Wat anderen hebben, de stappen en de stemmingen staan op de toestellen van je buren. Laat dit toestel alles bewaren om ze hier te zien en mee te doen.",
    button: "Alles op dit toestel bewaren",
  },
};
