/**
 * How the system opens the app while it may already be open: a shortcut, a notice that was tapped, a file, something
 * shared. The page goes there by its own address, never by loading anew, because its node runs. Knows no screens.
 */

export type Launches = {
  /** A hash route. */
  readonly go: (hash: string) => void;
  /** A proof bundle; its screen is opened as well. */
  readonly file: (file: File) => void;
};

type LaunchParams = { readonly targetURL?: string; readonly files?: readonly FileSystemFileHandle[] };
type LaunchQueue = { setConsumer(consumer: (params: LaunchParams) => void): void };

/** What the service worker keeps of a shared file (worker/service.worker.ts). */
const SHARED_CACHE = "shared";
const SHARED_FILE = "shared/file";

const takeShared = async (): Promise<File | null> => {
  if (!("caches" in window) || !(await caches.has(SHARED_CACHE))) return null;
  const cache = await caches.open(SHARED_CACHE);
  const kept = await cache.match(SHARED_FILE);
  if (kept === undefined) return null;
  await cache.delete(SHARED_FILE);
  return new File([await kept.blob()], decodeURIComponent(kept.headers.get("X-Name") ?? ""));
};

export const watchLaunches = (on: Launches): void => {
  const { launchQueue } = window as { readonly launchQueue?: LaunchQueue };
  let isFirst = true;
  launchQueue?.setConsumer(({ targetURL, files = [] }) => {
    const [handle] = files;
    if (handle !== undefined) void handle.getFile().then(on.file, () => undefined);
    // The first one opened this page, which has read its address itself.
    else if (!isFirst && targetURL !== undefined && URL.canParse(targetURL)) on.go(new URL(targetURL).hash || "#/");
    isFirst = false;
  });
  navigator.serviceWorker?.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "object" || data === null || !("kind" in data) || data.kind !== "open") return;
    if ("hash" in data && typeof data.hash === "string") on.go(data.hash);
  });
  void takeShared().then(
    (file) => file !== null && on.file(file),
    () => undefined,
  );
};
