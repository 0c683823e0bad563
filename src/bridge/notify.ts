/**
 * Notices of the system, shown by the service worker of this page: no server is involved, so they come only while the
 * app runs, also unseen. Keeps what the member wants to be told and what was told. Decides nothing (src/app/notices.ts).
 */
import { NOTHING_WANTED, type Told, type Wanted } from "../app/notices.ts";

/** `unknown`: the browser will ask. `none`: this browser has no notices, or only for an installed app. */
export type Permission = "granted" | "denied" | "unknown" | "none";

export const noticePermission = (): Permission => {
  if (!("Notification" in window) || !("serviceWorker" in navigator)) return "none";
  const { permission } = Notification;
  return permission === "default" ? "unknown" : permission;
};

/** Call it directly from a tap. */
export const askNotices = async (): Promise<Permission> => {
  if (noticePermission() === "unknown") await Notification.requestPermission().catch(() => undefined);
  return noticePermission();
};

export type NoticeWords = { readonly title: string; readonly body: string };

/** @param hash the screen that a tap opens. */
export const showNotice = async (
  tag: string,
  hash: string,
  { title, body }: NoticeWords,
  lang: string,
): Promise<void> => {
  if (noticePermission() !== "granted") return;
  const registration = await navigator.serviceWorker.getRegistration();
  await registration?.showNotification(title, {
    body,
    tag,
    lang,
    icon: new URL("./icon-192.png", location.href).href,
    data: { hash },
  });
};

const WANTED_KEY = "commonwatt-notices";
const TOLD_KEY = "commonwatt-notices-told";

const read = (key: string): Readonly<Record<string, unknown>> => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof kept === "object" && kept !== null ? { ...kept } : {};
  } catch {
    return {};
  }
};

const write = (key: string, value: object): void => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is denied or full: it holds until the page closes.
  }
};

export const storedWanted = (): Wanted => {
  const kept = read(WANTED_KEY);
  const isOn = (name: keyof Wanted): boolean => kept[name] === true;
  return { meter: isOn("meter"), ballot: isOn("ballot"), stalled: isOn("stalled"), named: isOn("named") };
};
export const keepWanted = (wanted: Wanted): void => write(WANTED_KEY, wanted);

export const storedTold = (): Told =>
  Object.fromEntries(
    Object.entries(read(TOLD_KEY)).filter((pair): pair is [string, number] => typeof pair[1] === "number"),
  );
export const keepTold = (told: Told): void => write(TOLD_KEY, told);

/** Whether anything is wanted at all. */
export const wantsAny = ({ meter, ballot, stalled }: Wanted = NOTHING_WANTED): boolean => meter || ballot || stalled;
