/** `commonwatt serve`: what it says, what it sends, and how it ends. Real sockets on this machine, no browser. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "../../worker/cli/command.ts";
import { type Hub, startServer } from "../../worker/cli/hub.ts";
import { run } from "../../worker/cli/main.ts";
import { makeTerminal } from "./terminal.ts";

let dir: string;
let hub: Hub;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "commonwatt-"));
  mkdirSync(join(dir, "assets"));
  writeFileSync(join(dir, "index.html"), "<!doctype html><title>app</title>");
  writeFileSync(join(dir, "manifest.webmanifest"), "{}");
  writeFileSync(join(dir, "service.worker.js"), "self");
  writeFileSync(join(dir, "assets", "index-abc.js"), "1;".repeat(5_000));
  hub = await startServer({ port: 0, host: "127.0.0.1", dir });
});

afterAll(async () => {
  await hub.close();
  rmSync(dir, { recursive: true });
});

const get = (path: string): Promise<Response> => fetch(new URL(path, hub.url));

describe("the command", () => {
  test("says the link to open, as one JSON line when asked, and stops at once when told to", async () => {
    const terminal = makeTerminal(dir);
    const running = run(["serve", "--port", "0", "--dir", ".", "--json"], terminal);
    await terminal.spoke;
    const said = JSON.parse(terminal.out()) as { url: string; port: number };
    expect(said).toEqual({
      url: `http://127.0.0.1:${said.port}/`,
      port: said.port,
      host: "127.0.0.1",
      dir,
      signal: "/signal",
      time: "/time",
    });
    expect(await (await fetch(said.url)).text()).toContain("<title>app</title>");
    terminal.interrupt();
    expect(await running).toBe(EXIT_OK);
    await expect(fetch(said.url)).rejects.toThrow("fetch failed");
  });

  test("a port in use is one sentence that says what to do", async () => {
    const terminal = makeTerminal();
    expect(await run(["serve", "--port", String(hub.port), "--dir", dir], terminal)).toBe(EXIT_FAILED);
    expect(terminal.err()).toBe(
      `commonwatt serve: port ${hub.port} is already used on 127.0.0.1: ` +
        "stop the other program, or choose another port with --port.\n",
    );
  });

  test("--any-port takes another one and says what that means", async () => {
    const terminal = makeTerminal();
    const running = run(["serve", "--any-port", "--port", String(hub.port), "--dir", dir], terminal);
    await terminal.spoke;
    expect(terminal.out()).toMatch(/http:\/\/127\.0\.0\.1:\d+\//);
    expect(terminal.out()).not.toContain(hub.url);
    expect(terminal.err()).toContain(`Port ${hub.port} is taken`);
    terminal.interrupt();
    expect(await running).toBe(EXIT_OK);
  });

  test("an app that was never built is one sentence that says what to do", async () => {
    const terminal = makeTerminal();
    expect(await run(["serve", "--port", "0", "--dir", join(dir, "assets")], terminal)).toBe(EXIT_FAILED);
    expect(terminal.err()).toContain("npm run build");
  });

  test.each([
    [["serve", "--port", "65536"], "--port must be a whole number"],
    [["serve", "--port", "x"], "--port must be a whole number"],
    [["serve", "--port", "-1"], "--port"],
    [["serve", "--prot", "1"], "--prot"],
    [["serve", "--signal-server", "https://one.example"], "--signal-server must be"],
    [["serve", "--signal-server", "wss://one.example/x; script-src *"], "--signal-server must be"],
    [["serve", "dist"], "dist"],
    [["sevre"], "sevre"],
  ])("%j is not understood: exit code 2", async (argv, word) => {
    const terminal = makeTerminal();
    expect(await run(argv, terminal)).toBe(EXIT_USAGE);
    expect(terminal.err()).toContain(word);
    expect(terminal.out()).toBe("");
  });

  test("--help goes to stdout with exit code 0, --version is the package's", async () => {
    const help = makeTerminal();
    expect(await run(["serve", "--help"], help)).toBe(EXIT_OK);
    expect(help.out()).toMatch(/^Usage: commonwatt serve/);
    const version = makeTerminal();
    expect(await run(["--version"], version)).toBe(EXIT_OK);
    expect(version.out()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("the hub", () => {
  test("only files with a hash in their name are kept without asking", async () => {
    expect((await get("assets/index-abc.js")).headers.get("cache-control")).toContain("immutable");
    for (const path of ["", "index.html", "service.worker.js", "manifest.webmanifest"]) {
      expect((await get(path)).headers.get("cache-control"), path).toBe("no-cache");
    }
    expect((await get("time")).headers.get("cache-control")).toBe("no-store");
  });

  test("files have their types, and scripts come compressed", async () => {
    expect((await get("")).headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect((await get("manifest.webmanifest")).headers.get("content-type")).toContain("application/manifest+json");
    const script = await get("assets/index-abc.js");
    expect(script.headers.get("content-type")).toContain("text/javascript");
    expect(script.headers.get("content-encoding")).toBe("gzip");
  });

  test("every answer carries the policy: own sources only, cable and camera for this page alone", async () => {
    for (const path of ["", "time", "nothing-here"]) {
      const { headers } = await get(path);
      const policy = headers.get("content-security-policy")?.split("; ") ?? [];
      for (const one of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
        expect(policy, path).toContain(one);
      }
      expect(policy, path).toContain("require-trusted-types-for 'script'");
      expect(headers.get("permissions-policy"), path).toContain("serial=(self), usb=(self), camera=(self)");
      expect(headers.get("cross-origin-opener-policy"), path).toBe("same-origin");
      expect(headers.get("cross-origin-resource-policy"), path).toBe("same-origin");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("referrer-policy"), path).toBe("no-referrer");
    }
  });

  test("a page may connect to the signalling servers that were named, and to no other", async () => {
    const terminal = makeTerminal(dir);
    const named = ["--signal-server", "wss://one.example", "--signal-server", "ws://127.0.0.1:9/"];
    const running = run(["serve", "--port", "0", "--dir", ".", "--json", ...named], terminal);
    await terminal.spoke;
    const { url } = JSON.parse(terminal.out()) as { url: string };
    const policy = (await fetch(url)).headers.get("content-security-policy")?.split("; ") ?? [];
    expect(policy).toContain("connect-src 'self' wss://one.example ws://127.0.0.1:9");
    terminal.interrupt();
    expect(await running).toBe(EXIT_OK);
  });

  test("the service worker may serve the whole origin", async () => {
    expect((await get("service.worker.js")).headers.get("service-worker-allowed")).toBe("/");
  });

  test("nothing outside the app's folder is served", async () => {
    for (const path of ["..%2f..%2fetc%2fpasswd", "%2e%2e/package.json", ".git/config", "no/such/file.js"]) {
      expect((await get(path)).status, path).toBeGreaterThanOrEqual(400);
    }
  });

  const socket = (key: string, id: string): WebSocket =>
    new WebSocket(`${hub.url.replace("http", "ws")}signal/peerjs?key=${key}&id=${id}&token=${id}`);
  const message = (from: WebSocket): Promise<unknown> =>
    new Promise((done) => from.once("message", (data: Buffer) => done(JSON.parse(data.toString()))));

  test("two peers are introduced, and the sender's name is the hub's word, not the sender's", async () => {
    const [a, b] = [socket("commonwatt", "a"), socket("commonwatt", "b")];
    expect(await Promise.all([message(a), message(b)])).toEqual([{ type: "OPEN" }, { type: "OPEN" }]);
    const heard = message(b);
    a.send(JSON.stringify({ type: "OFFER", src: "somebody-else", dst: "b", payload: { sdp: "x" } }));
    expect(await heard).toEqual({ type: "OFFER", src: "a", dst: "b", payload: { sdp: "x" } });
    a.close();
    b.close();
  });

  test("a stranger's key is refused, rubbish and too much of it do not stop the hub", async () => {
    const stranger = socket("peerjs", "c");
    expect(await message(stranger)).toMatchObject({ type: "ERROR" });
    const noisy = socket("commonwatt", "d");
    await message(noisy);
    noisy.send("{ rubbish");
    noisy.send("null");
    const closed = new Promise<number>((done) => noisy.once("close", done));
    noisy.send("x".repeat(100_000));
    expect(await closed).toBe(1009);
    expect((await get("time")).status).toBe(200);
  });

  test("closing ends open connections too", async () => {
    const other = await startServer({ port: 0, host: "127.0.0.1", dir });
    const open = new WebSocket(`${other.url.replace("http", "ws")}signal/peerjs?key=commonwatt&id=e&token=e`);
    await message(open);
    const closed = new Promise((done) => open.once("close", done));
    await other.close();
    await closed;
    await expect(fetch(other.url)).rejects.toThrow("fetch failed");
  });
});
