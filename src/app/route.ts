/**
 * The page's addresses: every screen is a hash route, so that the back button works and a link opens offline.
 * Knows nothing of what the screens show.
 */

import { noonOf, SPANS, type Span } from "./period.ts";

/** The steps of pairing a meter; the first has the bare address. */
export const PAIR_STEPS = ["kind", "wire", "port", "listen", "confirm", "plate", "done"] as const;
export type PairStep = (typeof PAIR_STEPS)[number];

export type Route =
  | { readonly name: "home" | (typeof PLAIN)[number] }
  | { readonly name: "join"; readonly invitation: string | null }
  /** With the text of another device's offer, where a link brought it. */
  | { readonly name: "connect"; readonly code: string | null }
  | { readonly name: "neighbour"; readonly member: number }
  | { readonly name: "pair"; readonly step: PairStep }
  | { readonly name: "step"; readonly step: number }
  /** A day, week, month or year that holds a date; the present one without. */
  | { readonly name: "energy"; readonly span: Span; readonly date: string | null }
  /** Running the community: now, or the month that holds a date. */
  | { readonly name: "operator"; readonly date: string | null }
  | { readonly name: "statement"; readonly span: "month" | "year"; readonly date: string }
  /** Of one generator, or of the one that comes first. */
  | { readonly name: "reconcile"; readonly generator: number | null }
  | { readonly name: "proof"; readonly step: number; readonly transaction: string };

const PLAIN = [
  "create",
  "community",
  "invite",
  "rule",
  "terms",
  "leave",
  "chain",
  "voting",
  "verify",
  "meter",
  "health",
  "restore",
  "backup",
] as const;

const HOME: Route = { name: "home" };

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;

/** `hash` as in `location.hash`, with or without its `#`; an unknown address is Home, never an error. */
export const parseRoute = (hash: string): Route => {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const parts = path.split("/");
  const first = parts[0] ?? "";
  const plain = PLAIN.find((name) => name === first);
  if (plain !== undefined && parts.length === 1) return { name: plain };
  if (first === "join") return { name: "join", invitation: new URLSearchParams(query).get("i") };
  if (first === "connect") return { name: "connect", code: new URLSearchParams(query).get("c") };
  if (first === "pair") return { name: "pair", step: PAIR_STEPS.find((step) => step === parts[1]) ?? "kind" };
  if (first === "neighbour") {
    const member = wholeNumber(parts[1]);
    return member === null ? HOME : { name: "neighbour", member };
  }
  if (first === "reconcile") return { name: "reconcile", generator: wholeNumber(parts[1]) };
  if (first === "energy") {
    const date = noonOf(parts[2] ?? "") === null ? null : (parts[2] ?? null);
    return { name: "energy", span: SPANS.find((span) => span === parts[1]) ?? "day", date };
  }
  if (first === "operator")
    return { name: "operator", date: noonOf(parts[1] ?? "") === null ? null : (parts[1] ?? null) };
  if (first === "statement") {
    const [, span, date = ""] = parts;
    const known = (span === "month" || span === "year") && noonOf(date) !== null;
    return known ? { name: "statement", span, date } : { name: "energy", span: "month", date: null };
  }
  if (first === "step") {
    const step = wholeNumber(parts[1]);
    if (step === null) return HOME;
    const transaction = parts[2] === "proof" ? (parts[3] ?? "") : "";
    if (/^[0-9a-f]+$/i.test(transaction)) return { name: "proof", step, transaction };
    return { name: "step", step };
  }
  return HOME;
};

export const hrefOf = (route: Route): string => {
  switch (route.name) {
    case "home":
      return "#/";
    case "join":
      return route.invitation === null ? "#/join" : `#/join?i=${encodeURIComponent(route.invitation)}`;
    case "connect":
      return route.code === null ? "#/connect" : `#/connect?c=${encodeURIComponent(route.code)}`;
    case "pair":
      return route.step === "kind" ? "#/pair" : `#/pair/${route.step}`;
    case "neighbour":
      return `#/neighbour/${route.member}`;
    case "step":
      return `#/step/${route.step}`;
    case "reconcile":
      return route.generator === null ? "#/reconcile" : `#/reconcile/${route.generator}`;
    case "energy":
      if (route.date === null) return route.span === "day" ? "#/energy" : `#/energy/${route.span}`;
      return `#/energy/${route.span}/${route.date}`;
    case "operator":
      return route.date === null ? "#/operator" : `#/operator/${route.date}`;
    case "statement":
      return `#/statement/${route.span}/${route.date}`;
    case "proof":
      return `#/step/${route.step}/proof/${route.transaction}`;
    default:
      return `#/${route.name}`;
  }
};

/** What is a screen of its own: going through time on one screen keeps the place, and the focus on its button. */
export const placeOf = (route: Route): string => {
  if (route.name === "energy") return "#/energy";
  return route.name === "operator" && route.date !== null ? "#/operator/month" : hrefOf(route);
};

/**
 * The whole invitation link from whatever a person pasted: a link, a message with a link in it, or the bare
 * invitation. `base` is this page's own address without a fragment. Returns null when nothing looks like one.
 */
export const invitationLink = (pasted: string, base: string): string | null => {
  const text = pasted.trim();
  if (text === "") return null;
  const link = /\S*#\/join\?i=\S+/.exec(text);
  if (link !== null) return link[0];
  return /^[\w\-+/=%.~]+$/.test(text) ? `${base}#/join?i=${text}` : null;
};

/** The host of a link that leads nowhere but to the computer it was made on; null when others can open it. */
export const onlyThisComputer = (link: string): string | null => {
  const { host, hostname } = new URL(link);
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ? host : null;
};

/** What belongs to which tab. */
const TABS = {
  community: ["community", "invite", "rule", "terms", "leave", "neighbour", "operator"],
  chain: ["chain", "voting", "proof", "step", "verify"],
  meter: ["meter", "pair", "reconcile"],
  health: ["health", "backup", "connect"],
} as const;

/** The tab a route belongs to, so that the right one is marked as current. */
export const tabOf = (route: Route): "home" | keyof typeof TABS => {
  const found = (Object.keys(TABS) as (keyof typeof TABS)[]).find((tab) =>
    (TABS[tab] as readonly string[]).includes(route.name),
  );
  return found ?? "home";
};
