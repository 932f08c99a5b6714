import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { OWN_KINDS, SERVICE_KINDS, type ServiceKind } from "../../../builders/services/declared.ts";
import { defaults } from "../../../config/defaults.ts";
import type { Checkout } from "../../checkout.ts";
import { readText } from "../private-files.ts";
import { HOST, type LocalService } from "../service/local-service.ts";
import { worksIn } from "../service/own-processes.ts";
import type { Running } from "../service/running.ts";
import type { Kind } from "./kinds/kind.ts";
import { KINDS } from "./kinds/kinds.ts";
import { sourceFolder } from "./sources.ts";

/** Holds variables of a service's environment, secrets among them. */
const ENVIRONMENT = "environment.json";

const { services: usual } = defaults;
const PORTS: Readonly<Record<ServiceKind, number>> = {
  node_exporter: usual.nodeExporter.port,
  postgres_exporter: usual.postgresExporter.port,
  alertmanager: usual.alertmanager.port,
  log_store: usual.logs.port + 1,
  log_shipper: usual.logs.port + 2,
  logs: usual.logs.port,
  mlflow: usual.mlflow.port,
  model_api: usual.modelApi.port,
  jupyter: usual.jupyter.port,
  prometheus: usual.prometheus.port,
  grafana: usual.grafana.port,
};

/** Where a service keeps settings, data and log. */
export function folderOf(instance: string, checkout: Checkout): string {
  return join(checkout.services, instance);
}

/** The kind of service that an instance of this name is; undefined where none has such a name. */
export function kindNamed(instance: string): ServiceKind | undefined {
  const own = OWN_KINDS.find((kind) => instance.endsWith(`-${kind.replaceAll("_", "-")}`));
  return own ?? SERVICE_KINDS.find((kind) => kind === instance && !OWN_KINDS.some((each) => each === kind));
}

/** Instances that a checkout has or had, in the order of their start. */
export function knownInstances(checkout: Checkout): string[] {
  const there = existsSync(checkout.services) ? readdirSync(checkout.services) : [];
  return SERVICE_KINDS.filter((kind) => KINDS[kind] !== undefined).flatMap((kind) => {
    const found = there.filter((name) => kindNamed(name) === kind).sort();
    return found.length > 0 || OWN_KINDS.some((own) => own === kind) ? found : [kind];
  });
}

/** The variable that sets an instance's port. */
function portSetting(instance: string): string {
  return `BUCKETWORKS_${instance.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}_PORT`;
}

/** @throws Error for a kind that doesn't run here: `declaredServices` leaves those out */
export function kindOf(instance: string): { readonly name: ServiceKind; readonly kind: Kind } {
  const name = kindNamed(instance);
  const kind = name === undefined ? undefined : KINDS[name];
  if (name === undefined || kind === undefined) throw new Error(`no service ${instance}`);
  return { name, kind };
}

/** For people: `Prometheus`, `MLflow of mlops`. */
export function titleOf(instance: string): string {
  const { name, kind } = kindOf(instance);
  return instance === name ? kind.title : `${kind.title} of ${instance.slice(0, -name.length - 1)}`;
}

/**
 * One of the services that `bucketworks services` runs.
 * @param instance its name, as `instancesOf` has it
 * @param first the port that the spec gives it
 */
export function localService(instance: string, checkout: Checkout, first?: number): LocalService<"http"> {
  const { root } = checkout;
  const { name, kind } = kindOf(instance);
  const { ready, patience, executable, mark, command } = kind;
  const title = titleOf(instance);
  const folder = folderOf(instance, checkout);
  const [option, file] = mark;
  const own = `${option}${join(folder, file)}`;
  return {
    name: instance,
    title,
    root,
    ports: {
      http: {
        purpose: title,
        setting: portSetting(instance),
        file: join(folder, "endpoint"),
        first: first ?? PORTS[name],
        step: 100,
      },
    },
    startedBy: "make services",
    log: join(folder, `${instance}.log`),
    run: join(folder, "run.json"),
    patience,
    endSignal: "SIGTERM",
    processes: (running) => running.filter((each) => isOurs(each, { executable, root, own, folder })),
    spawn: ({ ports, settings }, output) => {
      const source = sourceFolder(kind.source, root);
      const {
        file: path,
        before = [],
        args,
        cwd = root,
      } = command({ root, folder, source }, `${HOST}:${ports.http}`, settings);
      if (!existsSync(path)) return `${path}, which isn't there: run make services`;
      const { PATH, HOME } = process.env;
      const variables = JSON.parse(readText(join(folder, ENVIRONMENT)) ?? "{}");
      const env = { PATH, HOME, TZ: "UTC", ...variables };
      return spawn(path, [...before, own, ...args], { cwd, env, stdio: ["ignore", output, output] });
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
  readonly executable: string;
  readonly root: string;
  /** The argument that names the checkout's file. */
  readonly own: string;
  readonly folder: string;
}

function isOurs(running: Running, { executable, root, own, folder }: Own): boolean {
  const { args, line } = running;
  if (args === undefined) return /^\S/.test(line) && line.includes(`/${executable} `) && line.includes(` ${own} `);
  if (basename(args[0] ?? "") !== executable) return false;
  const inFolder = own.slice(own.indexOf(root) + root.length);
  if (!args.some((each) => each.endsWith(inFolder))) return false;
  return worksIn(running, root) ?? (args.includes(own) && running.sees(folder));
}
