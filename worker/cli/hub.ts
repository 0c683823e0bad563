/**
 * A community's hub: one HTTP server that serves the built app, introduces browsers to each other (PeerServer at
 * /signal) and tells the time (/time). It sees who meets whom, and nothing of what they say: energy, votes and names
 * travel over the members' own data channels.
 */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative, sep } from "node:path";
import compression from "compression";
import express from "express";
import { ExpressPeerServer } from "peer";
import { WebSocketServer } from "ws";
import { CommandFailure } from "./command.ts";
import { cacheControl, securityHeaders } from "./headers.ts";

export const SIGNAL_PATH = "/signal";
/** The PeerJS client's `key`: keeps strangers' PeerJS pages from using the hub by accident. Not a secret. */
export const SIGNAL_KEY = "commonwatt";
export const TIME_PATH = "/time";

/** A session description is under 10 kB. */
const SIGNAL_MESSAGE_BYTES = 64 * 1024;
const SIGNAL_CLIENTS = 2_000;
/**
 * What is addressed to somebody who is not there is given back after so long, in ms: nobody here calls who has not said
 * that it is there, and a node that returns where nearly all sleep calls many names.
 */
const SIGNAL_EXPIRY_MS = 300;
const SIGNAL_CLEANUP_MS = 200;

export type HubOptions = {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Absolute path of the built app. */
  readonly dir: string;
  /** Other signalling servers that the page may use, as origins: `wss://signal.example`. */
  readonly signalServers?: readonly string[];
};

export type Hub = {
  readonly port: number;
  /** Where to open the app, ending in "/". */
  readonly url: string;
  /** Ends all connections and frees the port. */
  close(): Promise<void>;
};

const serveFiles = (dir: string): express.Handler =>
  express.static(dir, {
    // Set below, by name: express would let browsers guess.
    cacheControl: false,
    setHeaders: (res, path) => {
      const name = relative(dir, path).split(sep).join("/");
      res.setHeader("Cache-Control", cacheControl(name));
      if (name === "service.worker.js") res.setHeader("Service-Worker-Allowed", "/");
    },
  });

const makeApp = ({ dir, signalServers }: HubOptions, signal: express.Handler): express.Express => {
  const app = express();
  const headers = securityHeaders(signalServers);
  app.disable("x-powered-by");
  app.use((_req, res, next) => {
    res.set(headers);
    next();
  });
  app.get(TIME_PATH, (_req, res) => {
    // Any page of the community may ask, also one that another host served.
    res.set({ "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*" });
    res.json({ now: Date.now() });
  });
  app.use(SIGNAL_PATH, signal);
  app.use(compression());
  app.use(serveFiles(dir));
  app.use((_req, res) => {
    res.status(404).type("text/plain").send("There is nothing here: open the address without what follows the host.\n");
  });
  return app;
};

const listen = (server: Server, { port, host }: HubOptions): Promise<void> =>
  new Promise((done, fail) => {
    const refuse = (error: NodeJS.ErrnoException): void => fail(listenFailure(error, port, host));
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      done();
    });
  });

const listenFailure = (error: NodeJS.ErrnoException, port: number, host: string): CommandFailure => {
  if (error.code === "EADDRINUSE") {
    return new CommandFailure(
      "port-in-use",
      `port ${port} is already used on ${host}: stop the other program, or choose another port with --port.`,
    );
  }
  if (error.code === "EACCES") {
    return new CommandFailure(
      "port-denied",
      `this account may not use port ${port}: choose one from 1024 with --port.`,
    );
  }
  return new CommandFailure("host-unknown", `${host} is no address of this machine: choose another with --host.`);
};

/** `0.0.0.0` is not an address to open; the machine itself is. */
const openAt = (host: string, port: number): string => {
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}/`;
};

/**
 * @throws CommandFailure `app-not-built` (no index.html in `dir`), `port-in-use`, `port-denied`, `host-unknown`.
 */
export const startServer = async (options: HubOptions): Promise<Hub> => {
  if (!existsSync(join(options.dir, "index.html"))) {
    throw new CommandFailure(
      "app-not-built",
      `there is no built app in ${options.dir}: run "npm run build" first, or "npm start", which builds and serves.`,
    );
  }
  const server = createServer();
  const sockets: WebSocketServer[] = [];
  const signal = ExpressPeerServer(server, {
    path: "/",
    key: SIGNAL_KEY,
    allow_discovery: false,
    concurrent_limit: SIGNAL_CLIENTS,
    expire_timeout: SIGNAL_EXPIRY_MS,
    cleanup_out_msgs: SIGNAL_CLEANUP_MS,
    createWebSocketServer: (wsOptions) => {
      const made = new WebSocketServer({ ...wsOptions, maxPayload: SIGNAL_MESSAGE_BYTES });
      sockets.push(made);
      return made;
    },
  });
  signal.disable("x-powered-by");
  // Rubbish from one client; without a listener it would end the process. `ws` has closed that socket already.
  signal.on("error", () => undefined);
  server.on("request", makeApp(options, signal));
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((done) => {
      for (const socket of sockets.flatMap((made) => [...made.clients])) socket.terminate();
      server.close(() => done());
      server.closeAllConnections();
    });
  return { port, url: openAt(options.host, port), close };
};
