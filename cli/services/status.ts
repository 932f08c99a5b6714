import { Command, Option } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { EXIT } from "../ending/exit.ts";
import { isAlive } from "../ending/processes.ts";
import { HOST } from "../local/service/local-service.ts";
import { ownProcesses } from "../local/service/own-processes.ts";
import { readRun } from "../local/service/record.ts";
import { declaredServices } from "../local/services/declared.ts";
import { kindOf, knownInstances, localService } from "../local/services/local-service.ts";
import { isNowhere } from "../local/services/sources.ts";
import { print, printJson, table } from "../terminal/print.ts";

interface ServiceStatus {
  readonly name: string;
  /** Whether a platform of the stack dev asks for it. */
  readonly declared: boolean;
  /** `not on PATH`: it runs where somebody has installed it alone, and nobody has. */
  readonly state: "running" | "not answering" | "not supervised" | "stopped" | "not on PATH";
  /** Null where nobody supervises it, as are the two that follow. */
  readonly url: string | null;
  readonly pid: number | null;
  /** How often it ended by itself and was started again. */
  readonly restarts: number | null;
}

const HELP = `
Examples:
  $ bucketworks services status
  $ bucketworks services status --format json

Exit codes: 0 all that the platforms ask for run, 1 one doesn't, or the specs have faults. One that isn't on PATH, as Grafana may
be, is no fault.`;

/** `bucketworks services status`: what runs, and where. */
export function statusCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("status")
    .description("show what runs, and where")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .addHelpText("after", HELP)
    .action(async ({ format }: { format: "text" | "json" }) => {
      const asked = declaredServices(checkout).instances.map(({ name }) => name);
      const names = [...asked, ...knownInstances(checkout).filter((name) => !asked.includes(name))];
      const all = await Promise.all(names.map((name) => statusOf(name, asked.includes(name), checkout)));
      const services = all.filter(({ declared, state }) => declared || state !== "stopped");
      if (services.some(({ declared, state }) => declared && state !== "running" && state !== "not on PATH"))
        process.exitCode = EXIT.findings;
      if (format === "json") return printJson({ schemaVersion: 1, services });
      if (services.length === 0) return print("no platform of the stack dev asks for a service");
      const rows = services.map(({ name, declared, state, url, restarts }) => [
        name,
        declared ? state : `${state}, no platform asks for it`,
        url ?? "-",
        String(restarts ?? "-"),
      ]);
      print(table([["SERVICE", "STATE", "URL", "RESTARTS"], ...rows]));
    });
}

async function statusOf(name: string, declared: boolean, checkout: Checkout): Promise<ServiceStatus> {
  const service = localService(name, checkout);
  const run = readRun(service);
  if (run === undefined || !isAlive(run.supervisor)) {
    const absent = declared && isNowhere(kindOf(name).kind.source) ? "not on PATH" : "stopped";
    const state = ownProcesses(service).length > 0 ? "not supervised" : absent;
    return { name, declared, state, url: null, pid: null, restarts: null };
  }
  const http = Number(run.ports.http);
  const answers = isAlive(run.server) && (await service.answers({ http }));
  return {
    name,
    declared,
    state: answers ? "running" : "not answering",
    url: `http://${HOST}:${http}`,
    pid: run.server?.pid ?? null,
    restarts: run.deaths,
  };
}
