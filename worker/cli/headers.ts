/**
 * What browsers are told about the app's files: which sources they may load from, which devices they may ask for,
 * how long a file may be kept. vite.config.ts writes the same policy into the built page, for plain file hosts.
 */

/**
 * Everything comes from our own origin. Only connections may go elsewhere, over WebSocket: a community may use a
 * signalling server that is not the one that served the app. Data channels between members are not governed by it.
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws: wss:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join("; ");

/**
 * Asked for: the meter's cable (serial, or USB where there is no serial), the screen kept on, copying a link, and the
 * camera for the code that another device shows.
 */
const allowedFeatures = ["serial", "usb", "screen-wake-lock", "clipboard-write", "camera"];
const deniedFeatures = ["display-capture", "geolocation", "microphone", "midi", "payment"];

export const securityHeaders: Readonly<Record<string, string>> = {
  // A page may not put this directive into its own meta element.
  "Content-Security-Policy": `${contentSecurityPolicy}; frame-ancestors 'none'`,
  "Permissions-Policy": [
    ...allowedFeatures.map((feature) => `${feature}=(self)`),
    ...deniedFeatures.map((feature) => `${feature}=()`),
  ].join(", "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** @param path relative to the app's folder, with "/". Only names that carry a hash of their content may be kept. */
export const cacheControl = (path: string): string =>
  path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
