import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import type { Instance } from "../../../builders/services/declared.ts";
import { alertSecrets } from "../../../config/stack/alerts.ts";
import type { Checkout } from "../../checkout.ts";
import { endingOf } from "../../ending/error-to-exit.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { Interrupted, stopIfInterrupted } from "../../ending/signals.ts";
import { masked } from "../../terminal/mask.ts";
import type { Progress } from "../../terminal/progress.ts";
import { readText, writePrivate } from "../private-files.ts";
import { HOST, type LocalService } from "../service/local-service.ts";
import { runningPorts, type Started, startService, stopService } from "../service/start.ts";
import { namedServer } from "../stack/own-or-named-server.ts";
import { stackAlerts } from "./alerts.ts";
import type { Declared } from "./declared.ts";
import type { Given } from "./kinds/kind.ts";
import { folderOf, kindOf, knownInstances, localService } from "./local-service.ts";
import { NO_LOGINS, stackLogins } from "./logins.ts";
import { minioPeer } from "./minio-peer.ts";
import { refreshSettings } from "./refresh.ts";
import { isOutdated, makeFolders, writeDocuments, writeFirstDocuments } from "./settings.ts";
import { getSources } from "./sources.ts";
import { tellRequests } from "./tell-requests.ts";

/** What runs after a start. */
export interface Ran {
  /** host:port by instance, whether it was started now or before; in the order of their start. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Why one doesn't run, a text each. */
  readonly failed: readonly string[];
}

/** Those of one round are started at once: none needs another one of it. */
const ROUNDS: readonly (readonly Instance["kind"][])[] = [
  ["node_exporter", "postgres_exporter", "alertmanager", "log_store", "mlflow", "jupyter"],
  ["logs", "log_shipper", "model_api"],
  ["prometheus"],
  ["grafana"],
];

/**
 * Has the services running that the platforms ask for, and none besides. One that can't be had or doesn't start keeps no
 * other from running. The caller holds the lock.
 */
export async function startServices(checkout: Checkout, declared: Declared, progress: Progress): Promise<Ran> {
  const { platforms, known, instances, shared } = declared;
  for (const name of knownInstances(checkout).filter((each) => instances.every((asked) => asked.name !== each))) {
    const service = localService(name, checkout);
    if (await stopService(service)) progress.note(`${service.title} stopped: no platform asks for it any more`);
  }
  if (instances.length === 0) {
    await tellRequests(checkout, false, progress);
    return { addresses: new Map(), failed: [] };
  }
  const sources = instances.map(({ name }) => kindOf(name).kind.source);
  const { has, lacking } = await getSources(checkout, sources, (line) => progress.note(`  ${line}`));
  const asks = (...kinds: Instance["kind"][]) => instances.some(({ kind }) => kinds.includes(kind));
  const failed = [...lacking];
  // Why Alertmanager's settings can't be made: it stays as it is, and the others start.
  const alerts = asks("alertmanager") ? await stackAlerts(checkout, known).catch(toldReason) : undefined;
  const secrets = alerts === undefined || typeof alerts === "string" ? [] : alertSecrets(alerts);
  const logins = asks("postgres_exporter", "mlflow", "model_api", "logs") ? await stackLogins(checkout) : NO_LOGINS;
  const minio = asks("prometheus", "mlflow", "model_api", "logs")
    ? await minioPeer(checkout, progress).catch((error: unknown) => {
        failed.push(toldReason(error));
        return undefined;
      })
    : undefined;
  const isJudged = namedServer(checkout) === undefined;
  const running = new Map<string, string>();
  for (const round of ROUNDS) {
    const now = instances.filter(({ kind }) => round.includes(kind));
    // Also of those that don't answer now: what is silent is to be told of, not forgotten.
    const there = instances.filter(({ name }) => has(kindOf(name).kind.source));
    const services = there.map((each) => [each.name, running.get(each.name) ?? expectedAddress(checkout, each)]);
    const peers = { minio, services: Object.fromEntries(services) };
    const given = (instance: Instance): Given => ({
      folder: folderOf(instance.name, checkout),
      ...{ instance, shared, platforms, isJudged, peers, logins },
      alerts: typeof alerts === "string" ? undefined : alerts,
    });
    stopIfInterrupted();
    const titles = now.map(({ name, port }) => localService(name, checkout, port).title);
    if (now.length > 0) progress.begin(`starting ${titles.join(", ")}`);
    const ended = await Promise.allSettled(
      now.map(async (instance) => {
        const service = localService(instance.name, checkout, instance.port);
        const { source } = kindOf(instance.name).kind;
        const isHad = has(source);
        if (isHad || "onPath" in source) {
          try {
            if (instance.kind === "alertmanager" && typeof alerts === "string")
              throw new CommandError(alerts, EXIT.wrongUse);
            if (isHad) await start({ checkout, service, given: given(instance), progress });
            else await leaveDocuments(checkout, given(instance), progress);
          } catch (error) {
            // Last lines of a log are in it, and programs show there what they were given.
            failed.push(masked(toldReason(error), secrets));
          }
        }
        // Also one that ran before and goes on as it was: the others speak with it.
        const ports = await runningPorts(service);
        if (ports !== undefined) running.set(instance.name, `${HOST}:${ports.http}`);
      }),
    );
    progress.fail();
    for (const one of ended) if (one.status === "rejected") throw one.reason;
  }
  await tellRequests(checkout, isJudged && shared.logs?.serverRequests === true, progress).catch((error: unknown) =>
    failed.push(toldReason(error)),
  );
  const inOrder = instances.flatMap(({ name }): [string, string][] => {
    const address = running.get(name);
    return address === undefined ? [] : [[name, address]];
  });
  return { addresses: new Map(inOrder), failed };
}

/** @throws Interrupted after a signal; any other fault is one service's, and keeps no other from running */
function toldReason(error: unknown): string {
  if (error instanceof Interrupted) throw error;
  return endingOf(error).text;
}

/** Where one is that doesn't answer: where it was, else where the spec has it. */
function expectedAddress(checkout: Checkout, { name, port }: Instance): string {
  return readText(localService(name, checkout).ports.http.file) ?? `${HOST}:${port}`;
}

interface Start {
  readonly checkout: Checkout;
  readonly service: LocalService<"http">;
  readonly given: Given;
  readonly progress: Progress;
}

async function start({ checkout, service, given, progress }: Start): Promise<void> {
  const { name } = given.instance;
  const { kind } = kindOf(name);
  const began = Date.now();
  forgetOtherPort(checkout, name, service);
  makeFolders(name, checkout);
  const context = { checkout, given, folder: folderOf(name, checkout), progress };
  await kind.prepare?.(context);
  let outdated = false;
  const run = () =>
    startService(service, process.env, {
      settings: kind.startedWith(given),
      prepare: ({ http }) => writeFirstDocuments(checkout, given, `${HOST}:${http}`),
      refresh: async ({ http }, server) => {
        if (kind.takes === "SIGHUP") await refreshSettings(checkout, given, { port: http, server });
        else {
          const address = `${HOST}:${http}`;
          outdated =
            (await isOutdated(checkout, given, address)) || (await kind.isAsGiven?.(context, address)) === false;
        }
      },
    });
  let started: Started<"http"> = await run();
  if (outdated) {
    await stopService(service);
    started = { ...(await run()), how: "restarted" };
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  progress.note(`${service.title} ${started.how} on http://${HOST}:${started.ports.http} (${seconds} s)`);
  for (const note of started.notes) progress.note(`  ${note}`);
}

/** What a program that nobody has installed here would read. One that still runs goes on with what it has. */
async function leaveDocuments(checkout: Checkout, given: Given, progress: Progress): Promise<void> {
  const { instance, folder } = given;
  const service = localService(instance.name, checkout);
  const { title } = service;
  if ((await runningPorts(service)) !== undefined) {
    progress.note(`${title} isn't on PATH any more; the one that runs goes on as it is`);
    return;
  }
  makeFolders(instance.name, checkout);
  await kindOf(instance.name).kind.prepare?.({ checkout, given, folder, progress });
  await writeDocuments(checkout, given, `${HOST}:${instance.port}`);
  progress.note(`${title} isn't on PATH, so none runs; its files are in ${relative(checkout.root, folder)}`);
}

/** A port that is remembered holds as long as the spec says the same as when it was chosen. */
function forgetOtherPort(checkout: Checkout, name: string, { ports }: LocalService<"http">): void {
  const { first, file } = ports.http;
  const place = join(folderOf(name, checkout), "spec-port");
  if (readText(place) === String(first)) return;
  rmSync(file, { force: true });
  makeFolders(name, checkout);
  writePrivate(place, String(first));
}
