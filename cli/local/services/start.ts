import { rmSync } from "node:fs";
import { join } from "node:path";
import { PROMETHEUS_FILES } from "../../../builders/services/prometheus.ts";
import type { Services } from "../../../config/model.ts";
import { alertSecrets } from "../../../config/stack/alerts.ts";
import type { ServiceProgram } from "../../../toolchain/pieces/service-programs.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError } from "../../ending/exit.ts";
import { masked } from "../../terminal/mask.ts";
import { type Progress, step } from "../../terminal/progress.ts";
import { minio } from "../minio/service.ts";
import { readText, writePrivate } from "../private-files.ts";
import { HOST, type LocalService } from "../service/local-service.ts";
import { runningPorts, startService, stopService } from "../service/start.ts";
import { namedServer } from "../stack/own-or-named-server.ts";
import { stackAlerts } from "./alerts.ts";
import { type Declared, portOf } from "./declared.ts";
import { ensureMetricsToken, METRICS_USER } from "./metrics-token.ts";
import { folderOf, PROGRAMS, program } from "./program.ts";
import { getPrograms } from "./programs.ts";
import { refreshSettings } from "./refresh.ts";
import { type Given, makeFolders, startedWith, writeSettings } from "./settings.ts";

/** What runs after a start. */
export interface Ran {
  /** host:port by program, whether it was started now or before. */
  readonly addresses: ReadonlyMap<ServiceProgram, string>;
  /** Why one doesn't run, a text each. */
  readonly failed: readonly string[];
}

/**
 * Has the programs running that the platforms ask for, and none besides. One that can't be had or doesn't start keeps no
 * other from running. The caller holds the lock.
 */
export async function startPrograms(checkout: Checkout, declared: Declared, progress: Progress): Promise<Ran> {
  const { services, platforms, known, names } = declared;
  for (const name of PROGRAMS.filter((each) => !names.includes(each))) {
    const service = program(name, checkout);
    if (await stopService(service)) progress.note(`${service.title} stopped: no platform asks for it any more`);
  }
  if (names.length === 0) return { addresses: new Map(), failed: [] };
  const { programs, lacking } = await getPrograms(checkout, names, (line) => progress.note(`  ${line}`));
  const alerts = names.includes("alertmanager") ? await stackAlerts(checkout, known) : undefined;
  // Of a server that isn't read every alert would say that it is silent. One that doesn't run is silent.
  const judged = namedServer(checkout) === undefined ? platforms : [];
  const addresses = new Map<ServiceProgram, string>();
  const failed = [...lacking];
  for (const name of names) {
    const service = program(name, checkout, portOf(name, services));
    if (programs.has(name)) {
      const server = name === "prometheus" ? await minioFor(checkout, progress) : undefined;
      const given = (http: number): Given => {
        const [alertmanager, nodeExporter] = [addresses.get("alertmanager"), addresses.get("node_exporter")];
        const peers = { minio: server, alertmanager, nodeExporter, prometheus: `${HOST}:${http}` };
        return { services, platforms: judged, alerts, peers };
      };
      try {
        await start(name, { checkout, service, services, given, progress });
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        // Last lines of a log are in it, and programs show there what they were given.
        failed.push(masked(error.message, alerts === undefined ? [] : alertSecrets(alerts)));
      }
    }
    // Also one that ran before and goes on as it was: the others speak with it.
    const ports = await runningPorts(service);
    if (ports !== undefined) addresses.set(name, `${HOST}:${ports.http}`);
  }
  return { addresses, failed };
}

interface Start {
  readonly checkout: Checkout;
  readonly service: LocalService<"http">;
  readonly services: Services;
  /** What its settings are made from, by its port. */
  readonly given: (http: number) => Given;
  readonly progress: Progress;
}

async function start(name: ServiceProgram, { checkout, service, services, given, progress }: Start): Promise<void> {
  forgetOtherPort(name, checkout, service);
  const { notes } = await step(
    progress,
    `starting ${service.title}`,
    () =>
      startService(service, process.env, {
        settings: startedWith(name, services),
        prepare: ({ http }) => void writeSettings(name, checkout, given(http)),
        refresh: ({ http }, server) => refreshSettings(name, checkout, given(http), { port: http, server }),
      }),
    (started) => `${service.title} ${started.how} on http://${HOST}:${started.ports.http}`,
  );
  for (const note of notes) progress.note(`  ${note}`);
}

/** A port that is remembered holds as long as the spec says the same as when it was chosen. */
function forgetOtherPort(name: ServiceProgram, checkout: Checkout, { ports }: LocalService<"http">): void {
  const { first, file } = ports.http;
  const place = join(folderOf(name, checkout), "spec-port");
  if (readText(place) === String(first)) return;
  rmSync(file, { force: true });
  makeFolders(name, checkout);
  writePrivate(place, String(first));
}

/** The address of the local server, which knows Prometheus; undefined where this checkout has none. */
async function minioFor(checkout: Checkout, progress: Progress): Promise<string | undefined> {
  const named = namedServer(checkout);
  if (named !== undefined) {
    progress.note(`the stack dev names a server of its own (${named}): Prometheus doesn't read its metrics`);
    return undefined;
  }
  const token = join(folderOf("prometheus", checkout), PROMETHEUS_FILES.token);
  const ports = await runningPorts(minio(checkout));
  if (ports === undefined) {
    const known = readText(token) !== undefined;
    const then = known ? "once make up has started it" : "after make up and make services";
    progress.note(`the local server isn't running: Prometheus reads its metrics ${then}`);
    return known ? readText(checkout.minio.endpoint) : undefined;
  }
  makeFolders("prometheus", checkout);
  if (await ensureMetricsToken(checkout, ports.api, token))
    progress.note(`made user and policy ${METRICS_USER} on the local server: they read metrics and nothing else`);
  return `${HOST}:${ports.api}`;
}
