/** `commonwatt serve`: runs a community's hub until it is told to stop. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Command, CommandFailure, EXIT_OK, type Io, UsageError } from "./command.ts";
import { type Hub, type HubOptions, SIGNAL_PATH, startServer, TIME_PATH } from "./hub.ts";

const DEFAULT_PORT = 4170;
const DEFAULT_HOST = "127.0.0.1";
/** The build of this copy of the project, wherever the command is run. */
const DEFAULT_DIR = fileURLToPath(new URL("../../dist", import.meta.url));

const help = `Usage: commonwatt serve [--port ${DEFAULT_PORT}] [--host ${DEFAULT_HOST}] [--dir dist] [--any-port]
                         [--signal-server URL]... [--json]

Serves the built app, introduces members' browsers to each other at ${SIGNAL_PATH}, and tells the time at ${TIME_PATH},
all from one port, until Ctrl-C. It keeps no data of the community.

  --port N      port to listen on; 0 takes any free one (default ${DEFAULT_PORT})
  --host ADDR   address to listen on; 0.0.0.0 for all (default ${DEFAULT_HOST}, this machine only)
  --dir DIR     folder of the built app (default: this project's dist)
  --any-port    if the port is taken, take the next free one
  --signal-server URL
                another server that members' pages may be introduced by, such as wss://signal.example; may be repeated.
                The content policy lets a page connect to this address and to those, nowhere else
  --json        print one JSON line when ready: url, port, host, dir, signal, time

Browsers give an app its keys, storage and serial port only over HTTPS or on the same machine. For members' other
devices put a proxy with a certificate in front, which passes WebSockets on.
`;

type Arguments = HubOptions & { readonly json: boolean; readonly anyPort: boolean };

/** A content policy names origins: a path would be no part of it, and a space would begin another source. */
const signalOrigin = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["ws:", "wss:"].includes(url.protocol) || url.pathname !== "/" || url.search !== "") {
    throw new UsageError(`--signal-server must be an address such as wss://signal.example, not "${text}".`);
  }
  return `${url.protocol}//${url.host}`;
};

const readArguments = (args: readonly string[], cwd: string): Arguments => {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: "string", default: String(DEFAULT_PORT) },
      host: { type: "string", default: DEFAULT_HOST },
      dir: { type: "string" },
      "any-port": { type: "boolean", default: false },
      "signal-server": { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, not "${values.port}".`);
  }
  const dir = values.dir === undefined ? DEFAULT_DIR : resolve(cwd, values.dir);
  const signalServers = values["signal-server"].map(signalOrigin);
  return { port, host: values.host, dir, signalServers, json: values.json, anyPort: values["any-port"] };
};

/** Neighbouring ports first: a browser keeps each address's data apart, so the address should be easy to find again. */
const NEXT_PORTS = 9;

const startAnywhere = async (options: HubOptions): Promise<Hub> => {
  const ports = Array.from({ length: NEXT_PORTS + 1 }, (_, i) => options.port + i).filter((port) => port <= 65_535);
  for (const port of [...ports, 0]) {
    try {
      return await startServer({ ...options, port });
    } catch (error) {
      if (!(error instanceof CommandFailure && error.code === "port-in-use")) throw error;
    }
  }
  throw new CommandFailure("port-in-use", `no port is free on ${options.host}: choose another address with --host.`);
};

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.");

const announce = (hub: Hub, { host, port, dir, json }: Arguments, io: Io): void => {
  if (json) {
    const line = { url: hub.url, port: hub.port, host, dir, signal: SIGNAL_PATH, time: TIME_PATH };
    io.stdout(`${JSON.stringify(line)}\n`);
    return;
  }
  if (port !== 0 && hub.port !== port) {
    io.stderr(
      `Port ${port} is taken, so this is port ${hub.port}. A browser keeps each address's community apart: ` +
        `one that was made at port ${port} is only seen there.\n`,
    );
  }
  if (!isLoopback(host)) {
    io.stderr("Other devices need HTTPS to keep keys and data: put a proxy with a certificate in front.\n");
  }
  io.stdout(`Commonwatt is running. Open this link:\n\n  ${hub.url}\n\nCtrl-C stops it.\n`);
};

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });

export const serveCommand: Command = {
  name: "serve",
  summary: "serve the app and introduce members' browsers to each other",
  help,
  run: async (args, io) => {
    const options = readArguments(args, io.cwd);
    const hub = await (options.anyPort ? startAnywhere(options) : startServer(options));
    announce(hub, options, io);
    await stopped(io.stop);
    await hub.close();
    if (!options.json) io.stderr("Stopped.\n");
    return EXIT_OK;
  },
};
