/**
 * Stands for the package webrtc-adapter in the build (vite.config.ts): PeerJS asks it which browser this is and how old.
 * The repairs that the package makes are for browsers without module workers, which cannot run this app anyway; they are
 * 14 kB of the first visit. A default export because PeerJS imports one.
 */
const version = (name: string): number => Number(new RegExp(`${name}/(\\d+)`, "u").exec(navigator.userAgent)?.[1] ?? 0);

const detect = (): { readonly browser: string; readonly version: number } => {
  if (version("Firefox") > 0) return { browser: "firefox", version: version("Firefox") };
  if (version("Chrome") > 0) return { browser: "chrome", version: version("Chrome") };
  return version("Version") > 0 ? { browser: "safari", version: version("AppleWebKit") } : { browser: "", version: 0 };
};

// oxlint-disable-next-line import/no-default-export -- PeerJS imports it so
export default { browserDetails: detect() };
