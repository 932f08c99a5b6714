import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { secretPath } from "../../builders/compose/secrets.ts";
import { bootstrapStatements } from "../../builders/postgres/configuration.ts";
import { databasePlan } from "../../builders/postgres/database-plan.ts";
import { serverFiles } from "../../builders/postgres/kubernetes/stateful-set.ts";
import { metricsRoleStatements } from "../../builders/postgres/metrics-role.ts";
import { ownerVerifier } from "../../builders/postgres/passwords.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import { randomKeyFault } from "../../config/stack/random-key.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readText } from "../local/private-files.ts";
import { modelOf } from "../target/specs.ts";

const HELP = `
Example:
  $ bucketworks compose postgres-settings --out /settings

Exit codes: 0 written, 1 the specs have faults, 2 wrong use, 3 the key is missing or garbled`;

/** `bucketworks compose postgres-settings`, in a container: what PostgreSQL is started from. */
export function postgresSettingsCommand(): Command {
  return new Command("postgres-settings")
    .description("in a container: write what PostgreSQL is started from")
    .requiredOption("--out <folder>", "the volume")
    .addHelpText("after", HELP)
    .action(({ out }: { out: string }) => writePostgresSettings(out, secretPath("database-key")));
}

/**
 * Its settings, and what its superuser says at the start: of the owner's password it has what PostgreSQL keeps of it. Others
 * than the server don't see the volume; the server is another user, who has to read it.
 * @throws CommandError where the key is missing or garbled
 */
export function writePostgresSettings(out: string, keyFile: string): void {
  const key = readText(keyFile);
  const fault = key === undefined ? "is missing" : randomKeyFault(key);
  if (key === undefined || fault !== null) {
    throw new CommandError(`database-key: the key ${fault}; run bucketworks compose secrets`, EXIT.couldNotLook);
  }
  const plan = databasePlan(modelOf({ files: [], stage: DEV_STAGE, stack: DEV_STAGE }));
  const files = {
    settings: serverFiles({ tls: { from: "none" } }, plan, { metrics: true }),
    secret: { "bootstrap.sql": bootstrapStatements(ownerVerifier(key)) + metricsRoleStatements(key) },
  };
  for (const [folder, texts] of Object.entries(files)) {
    mkdirSync(join(out, folder), { recursive: true });
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(out, folder, name), text);
  }
}
