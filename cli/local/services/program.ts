import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { PROMETHEUS_FILES } from "../../../builders/services/prometheus.ts";
import { defaults } from "../../../config/defaults.ts";
import type { ServiceProgram } from "../../../toolchain/pieces/service-programs.ts";
import type { Checkout } from "../../checkout.ts";
import { HOST, type LocalService, type Settings } from "../service/local-service.ts";
import { worksIn } from "../service/own-processes.ts";
import type { Running } from "../service/running.ts";

/** The pages of Debian's Prometheus, beside its program; another one has them in itself. */
const PAGES = join("usr", "share", "prometheus", "web");

const { services: usual } = defaults;

/** What differs from one program to the next. */
interface Kind {
  readonly title: string;
  readonly setting: string;
  readonly port: number;
  /** Path that answers 200 when it takes requests. */
  readonly ready: string;
  /** The argument by which it is known whose it is, and the path that follows it, from the program's folder. */
  readonly mark: readonly [string, string];
  readonly args: (folder: string, address: string, settings: Settings) => readonly string[];
}

const KINDS: Readonly<Record<ServiceProgram, Kind>> = {
  prometheus: {
    title: "Prometheus",
    setting: "BUCKETWORKS_PROMETHEUS_PORT",
    port: usual.prometheus.port,
    ready: "/-/ready",
    mark: ["--config.file=", PROMETHEUS_FILES.settings],
    args: (folder, address, { retention, size }) => [
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--storage.tsdb.retention.time=${retention}`,
      `--storage.tsdb.retention.size=${size}`,
      `--web.listen-address=${address}`,
    ],
  },
  alertmanager: {
    title: "Alertmanager",
    setting: "BUCKETWORKS_ALERTMANAGER_PORT",
    port: usual.alertmanager.port,
    ready: "/-/ready",
    mark: ["--config.file=", "alertmanager.yml"],
    args: (folder, address) => [
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      // One that has no peers: it would listen to the network for them.
      "--cluster.listen-address=",
    ],
  },
  node_exporter: {
    title: "node_exporter",
    setting: "BUCKETWORKS_NODE_EXPORTER_PORT",
    port: usual.nodeExporter.port,
    ready: "/",
    mark: ["--collector.textfile.directory=", "textfile"],
    args: (_, address) => [`--web.listen-address=${address}`],
  },
};

/** In the order of their start. */
export const PROGRAMS: readonly ServiceProgram[] = ["node_exporter", "alertmanager", "prometheus"];

/** Where one keeps settings, data and log. */
export function folderOf(name: ServiceProgram, checkout: Checkout): string {
  return join(checkout.services, name);
}

/**
 * One of the programs that `bucketworks services` runs.
 * @param first the port that the spec gives it
 */
export function program(name: ServiceProgram, checkout: Checkout, first?: number): LocalService<"http"> {
  const { root } = checkout;
  const { title, setting, port, ready, mark, args } = KINDS[name];
  const folder = folderOf(name, checkout);
  const [option, file] = mark;
  const own = `${option}${join(folder, file)}`;
  return {
    name,
    title,
    root,
    ports: {
      http: { purpose: title, setting, file: join(folder, "endpoint"), first: first ?? port, step: 100 },
    },
    startedBy: "make services",
    log: join(folder, `${name}.log`),
    run: join(folder, "run.json"),
    endSignal: "SIGTERM",
    processes: (running) => running.filter((each) => isOurs(each, { name, root, own, folder })),
    spawn: ({ ports, settings }, output) => {
      const place = join(root, ".bucketworks", "toolchain", "services", name);
      const path = join(place, "bin", name);
      if (!existsSync(path)) return `${path}, which isn't there: run make services`;
      const pages = name === "prometheus" && existsSync(join(place, PAGES));
      return spawn(
        path,
        [
          own,
          ...args(folder, `${HOST}:${ports.http}`, settings),
          ...(pages ? [`--web.local-assets=${join(place, PAGES)}`] : []),
        ],
        // Where Debian's Alertmanager finds its templates; the others work in the checkout, as their supervisors do.
        {
          cwd: name === "alertmanager" ? place : root,
          env: { PATH: process.env.PATH, HOME: process.env.HOME, TZ: "UTC" },
          stdio: ["ignore", output, output],
        },
      );
    },
    answers: async ({ http }) => {
      try {
        const answer = await fetch(`http://${HOST}:${http}${ready}`, { signal: AbortSignal.timeout(2000) });
        await answer.body?.cancel();
        return answer.ok;
      } catch {
        return false;
      }
    },
  };
}

interface Own {
  readonly name: string;
  readonly root: string;
  /** The argument that names the checkout's file. */
  readonly own: string;
  readonly folder: string;
}

function isOurs(running: Running, { name, root, own, folder }: Own): boolean {
  const { args, line } = running;
  if (args === undefined) return /^\S/.test(line) && line.includes(`/${name} ${own} `);
  if (basename(args[0] ?? "") !== name) return false;
  const inFolder = own.slice(own.indexOf(root) + root.length);
  if (!args.some((each) => each.endsWith(inFolder))) return false;
  return worksIn(running, root) ?? (args.includes(own) && running.sees(folder));
}
