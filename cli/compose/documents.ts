import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  DATA_PIPELINE,
  DATA_PIPELINE_PLATFORM,
  DATA_PIPELINE_STEPS,
  MODEL_REGISTRY,
  MODEL_TRAINING,
  MODEL_TRAINING_STEPS,
} from "../../builders/compose/jobs.ts";
import { MINIO, POSTGRES } from "../../builders/compose/names.ts";
import { ENVIRONMENT, FOLDER } from "../../builders/compose/programs.ts";
import { keyVariables } from "../../builders/key-variables.ts";
import { S3_PORT } from "../../builders/minio/manifest.ts";
import { connectionVariables } from "../../builders/postgres/connection-variables.ts";
import { databasePlan, plannedRoles } from "../../builders/postgres/database-plan.ts";
import { POSTGRES_PORT } from "../../builders/postgres/kubernetes/manifest.ts";
import { MAINTENANCE_DATABASE, rolePassword } from "../../builders/postgres/passwords.ts";
import { loginVariables } from "../../builders/services/mlflow-logins.ts";
import { PROMETHEUS_FILES } from "../../builders/services/prometheus.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { envLines } from "../../config/text/key-value.ts";
import { shellWord } from "../../config/text/shell.ts";
import { METRICS_ROLE } from "../../config/values/database-names.ts";
import { OWN_LOGINS } from "../../config/values/mlflow-logins.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { writeAlias } from "../local/minio/mc-alias.ts";
import { makePrivateFolder, readText, writePrivate } from "../local/private-files.ts";
import { stackAlerts } from "../local/services/alerts.ts";
import { declaredServices } from "../local/services/declared.ts";
import type { Given, Logins } from "../local/services/kinds/kind.ts";
import { folderOf, kindOf } from "../local/services/local-service.ts";
import { stackLogins } from "../local/services/logins.ts";
import { ensureMetricsToken } from "../local/services/metrics-token.ts";
import { makeFolders, writeDocuments } from "../local/services/settings.ts";
import type { Progress } from "../terminal/progress.ts";
import { composeAddresses, composePrograms, ownAddress } from "./files.ts";

/**
 * Writes what each service reads into its volume: the same documents as on a laptop, with the addresses that services have
 * inside.
 * @returns names of the services
 * @throws CommandError where a key or a server is missing
 */
export async function writeServices(checkout: Checkout, model: ResolvedModel, progress: Progress): Promise<string[]> {
  const declared = declaredServices(checkout);
  const programs = composePrograms(declared);
  const addresses = composeAddresses(programs);
  const minio = `${MINIO}:${S3_PORT}`;
  writeAlias(checkout, minio);
  const { shared, platforms, known, instances } = declared;
  const all = {
    ...{ folder: FOLDER, shared, platforms, isJudged: true, alsoCalled: ["localhost:*", "127.0.0.1:*"] },
    alerts: await stackAlerts(checkout, known),
    peers: { minio, services: addresses },
    logins: await composeLogins(checkout, model),
  };
  for (const program of programs) {
    const { instance } = program;
    const given: Given = { ...all, instance };
    const folder = folderOf(instance.name, checkout);
    makeFolders(instance.name, checkout);
    if (instance.kind === "prometheus") await ensureMetricsToken(checkout, minio, join(folder, PROMETHEUS_FILES.token));
    await kindOf(instance.name).kind.prepare?.({ checkout, given, folder, progress });
    await writeDocuments(checkout, given, ownAddress(program, addresses));
    writeShellEnvironment(folder);
  }
  const jobs = [
    ...(platforms.some(({ name }) => name === DATA_PIPELINE_PLATFORM)
      ? [[DATA_PIPELINE, DATA_PIPELINE_STEPS] as const]
      : []),
    ...(addresses[MODEL_REGISTRY] === undefined ? [] : [[MODEL_TRAINING, MODEL_TRAINING_STEPS] as const]),
  ];
  const registry = instances.find(({ name }) => name === MODEL_REGISTRY)?.platform?.services.mlflow;
  const login = registry?.auth ? registryLogin(all.logins) : {};
  for (const [name, steps] of jobs)
    writeStepLogins(folderOf(name, checkout), steps, all.logins, name === MODEL_TRAINING ? login : {});
  return [...programs.map(({ instance }) => instance.name), ...jobs.map(([name]) => name)];
}

/** As commands of this project log in to the registry. */
function registryLogin(logins: Logins): Readonly<Record<string, string>> {
  return loginVariables(OWN_LOGINS.commands, logins.mlflow(MODEL_REGISTRY, OWN_LOGINS.commands));
}

/** A file for each step of a job, with what it alone may do, and what all of them may. */
function writeStepLogins(
  folder: string,
  steps: Readonly<Record<string, { readonly account: string; readonly role?: string }>>,
  logins: Logins,
  common: Readonly<Record<string, string>>,
): void {
  makePrivateFolder(folder);
  for (const [step, { account, role }] of Object.entries(steps)) {
    const variables = { ...keyVariables(logins.key(account)), ...(role !== undefined && logins.role(role)), ...common };
    writePrivate(join(folder, `${step}.env`), envLines(variables));
  }
}

/** Variables that a laptop's supervisor reads as JSON, for the shell that starts the program. */
function writeShellEnvironment(folder: string): void {
  const text = readText(join(folder, "environment.json"));
  const file = join(folder, ENVIRONMENT);
  rmSync(file, { force: true });
  if (text === undefined) return;
  const variables = Object.entries(JSON.parse(text) as Record<string, string>);
  writePrivate(file, variables.map(([name, value]) => `export ${name}=${shellWord(value)}\n`).join(""));
}

/** Keys out of the stack's state; passwords of roles follow from the key of the databases. */
async function composeLogins(checkout: Checkout, model: ResolvedModel): Promise<Logins> {
  const { key, mlflow } = await stackLogins(checkout);
  const databaseKey = readText(checkout.postgres.key) ?? "";
  const roles = [...plannedRoles(databasePlan(model)), { role: METRICS_ROLE, database: MAINTENANCE_DATABASE }];
  const role = (name: string) => {
    const database = roles.find((each) => each.role === name)?.database;
    if (database === undefined) throw new CommandError(`no platform has a database role ${name}`, EXIT.couldNotLook);
    const password = rolePassword(databaseKey, name, database);
    return connectionVariables({
      ...{ host: POSTGRES, port: POSTGRES_PORT, tls: false },
      user: name,
      password,
      database,
    });
  };
  return { key, role, mlflow };
}
