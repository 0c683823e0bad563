/**
 * What may run as a script here (Trusted Types): the build's own workers and service worker, on this origin. The content
 * policy makes the browser ask this policy wherever a string would become a script's address, and refuses all others.
 */

/** What is used of `trustedTypes`; not every browser has it, and no lib of ours types it. */
type TrustedTypes = {
  createPolicy(name: string, rules: { readonly createScriptURL: (url: string) => string | null }): unknown;
};

const OWN_SCRIPTS = /^(?:assets\/[\w.]*worker-[\w-]{8}\.js|service\.worker\.js)$/;

/** Whether `url` is one of the build's worker scripts. `page`: the page's own address. */
export const isOwnScript = (url: string, page: string): boolean => {
  const folder = new URL(".", page);
  if (!URL.canParse(url, page)) return false;
  const { origin, pathname, search } = new URL(url, page);
  const isBelow = origin === folder.origin && pathname.startsWith(folder.pathname);
  return isBelow && search === "" && OWN_SCRIPTS.test(pathname.slice(folder.pathname.length));
};

/**
 * Call before the first worker is started. The policy is the default one, because the bundler recognises a worker only
 * where its address stands in the constructor itself; nothing but worker addresses passes it, HTML and code never.
 */
export const trustOwnScripts = (): void => {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy("default", {
    createScriptURL: (url) => (isOwnScript(url, location.href) ? url : null),
  });
};
