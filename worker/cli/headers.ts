/**
 * What browsers are told about the app's files: which sources they may load from, which devices they may ask for,
 * how long a file may be kept. vite.config.ts writes nearly the same policy into the built page, for plain file hosts.
 */

/** A page that is served from plain files has its signalling server elsewhere, and no header to name it. */
const ANY_SIGNAL_SERVER = ["wss:"];

/**
 * Everything comes from our own origin, scripts only through the page's Trusted Types policy (src/bridge/trusted.ts) and
 * Svelte's own for its templates. Connections go to our own origin, which is the signalling server, and to those that
 * were named. Data channels between members are not governed by it.
 * @param signalServers origins, as in `wss://signal.example:8443`.
 */
export const contentPolicy = (signalServers: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    // A member's photo of a neighbour stays on the device.
    "img-src 'self' blob:",
    ["connect-src 'self'", ...signalServers].join(" "),
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types default svelte-trusted-html",
  ].join("; ");

/** What the built page says of itself. The header of a hub narrows it: a browser obeys both. */
export const policyInPage = contentPolicy(ANY_SIGNAL_SERVER);

/**
 * Asked for: the meter's cable (serial, or USB where there is no serial), the camera for an invitation's code, the screen
 * kept on, copying a link.
 */
const allowedFeatures = ["serial", "usb", "camera", "screen-wake-lock", "clipboard-write"];
const deniedFeatures = [
  "accelerometer",
  "browsing-topics",
  "display-capture",
  "geolocation",
  "gyroscope",
  "hid",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
];

/** @param signalServers as in {@link contentPolicy}. */
export const securityHeaders = (signalServers: readonly string[] = []): Readonly<Record<string, string>> => ({
  // A page may not put this directive into its own meta element.
  "Content-Security-Policy": `${contentPolicy(signalServers)}; frame-ancestors 'none'`,
  "Permissions-Policy": [
    ...allowedFeatures.map((feature) => `${feature}=(self)`),
    ...deniedFeatures.map((feature) => `${feature}=()`),
  ].join(", "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  // For browsers that know no frame-ancestors.
  "X-Frame-Options": "DENY",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
});

/** @param path relative to the app's folder, with "/". Only names that carry a hash of their content may be kept. */
export const cacheControl = (path: string): string =>
  path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
