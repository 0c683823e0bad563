/** Dutch: notices of the system, and the switches for them. */
import type { NoticeTexts } from "./en-notices.ts";
import { plural } from "../format.ts";

const minutes = (value: number): string => `${value}\u00a0${plural("nl", value, { one: "minuut", other: "minuten" })}`;

export const notices: NoticeTexts = {
  title: "Meldingen",
  why: "Dit toestel kan je roepen als er iets op je wacht. Het doet dat zelf, zonder server, dus alleen zolang de app open is, ook op de achtergrond.",
  meter: { label: "Mijn meter is stilgevallen", hint: "Zodat er door een kabel geen zon verloren gaat." },
  ballot: { label: "Een stemming wacht op mij", hint: "Een voorstel waarover niemand stemt, vervalt." },
  stalled: { label: "Er wordt niets meer opgeschreven", hint: "Meestal staan er te weinig toestellen aan." },
  named: { label: "Namen en cijfers tonen", hint: "Ze zijn dan te lezen op het vergrendelde scherm." },
  denied:
    "Aan deze browser is gevraagd geen meldingen van deze app te tonen. In zijn instellingen voor deze site kun je ze toestaan.",
  none: "Deze browser toont geen meldingen. Op een iPhone of iPad wel, zodra de app op het beginscherm staat.",
  say: {
    meter: {
      title: "Je meter is stilgevallen",
      plain: "Open Commonwatt om te zien wat je kunt doen. Wat al geteld is, gaat niet verloren.",
      named: (name, lasts) =>
        lasts === null
          ? `${name} heeft de laatste tijd niets gezegd.`
          : `${name} heeft al ${minutes(lasts)} niets gezegd.`,
    },
    ballot: {
      title: "Een stemming wacht op je",
      plain: "Open Commonwatt om te zien wat er wordt voorgesteld, en stem.",
      named: (name) => `Voorgesteld door ${name}. Open Commonwatt om te zien wat het betekent, en stem.`,
    },
    stalled: {
      title: "Er wordt nu niets opgeschreven",
      plain: "De meters tellen door; het wordt later ingehaald.",
      named: (lasts) =>
        lasts === null
          ? "De meters tellen door; het wordt later ingehaald."
          : `Al ${minutes(lasts)} niets. De meters tellen door; het wordt later ingehaald.`,
    },
  },
};
