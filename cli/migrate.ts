import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { type DatabasePlan, databasePlan } from "../builders/postgres/database-plan.ts";
import { DEV_STAGE } from "../config/rules/stage.ts";
import { randomKeyFault } from "../config/stack/random-key.ts";
import { readFileText, systemFault } from "../config/system-fault.ts";
import { readableBytes } from "../config/values/readable-bytes.ts";
import { type DatabaseServer, serverOf } from "../database/connection.ts";
import { type DatabaseChanges, type MigrateReport, migrate } from "../database/migrate.ts";
import { PLAN_FILE, readPlan } from "../database/plan-file.ts";
import type { LeftOverDatabase } from "../database/unplanned.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { readText } from "./local/private-files.ts";
import { modelOf, stageOption } from "./target/specs.ts";
import { durationOption } from "./terminal/duration-option.ts";
import { fromHere } from "./terminal/path-from-here.ts";
import { counted, print, printJson } from "./terminal/print.ts";

interface MigrateOptions {
  readonly stage: string;
  readonly stack?: string;
  readonly plan?: string;
  /** Seconds. */
  readonly wait: number;
  readonly ownServer?: boolean;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const OWN_SERVER = "BUCKETWORKS_OWN_DATABASE_SERVER";
const KEY_FILE = "BUCKETWORKS_DATABASE_KEY_FILE";
const HELP = `
Makes the databases and login roles that the platforms name, applies config/migrations/<platform>/NNN.do.<name>.sql in
their order, and sets the roles' passwords. Each platform is one transaction: a migration that fails leaves its database
as it was. A migration that was applied never changes: write the next one. A second run changes nothing.

The server: PGHOST, PGPORT, PGSSLMODE (verify-full or disable) and PGSSLROOTCERT; without PGHOST the one that make up started.
Every password is made from the key in the file that ${KEY_FILE} names.
Roles of platforms that are in no spec lose their login on the server of make up, and with --own-server. Elsewhere they may be another
plan's: they are named, with the command that locks them out.

Examples:
  $ PGHOST=127.0.0.1 PGPORT=5432 ${KEY_FILE}=key bucketworks migrate
  $ bucketworks migrate --plan /etc/bucketworks/databases --wait 5m

Exit codes: 0 the server is as planned, 1 a migration or a role is refused, 2 wrong use, 3 no server, or it refuses the owner`;

/** `bucketworks migrate`: databases, roles and tables of a PostgreSQL server. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description("bring a PostgreSQL server to the platforms' databases, roles and migrations")
    .addOption(new Option("--stage <stage>", "stage of the specs").default(DEV_STAGE).argParser(stageOption))
    .option("--plan <folder>", `folder with ${PLAN_FILE} and the migrations, instead of the specs of this checkout`)
    .addOption(
      new Option("--wait <duration>", "how long to wait for a server that is away")
        .default(0)
        .argParser(durationOption),
    )
    .option("--own-server", "the server is for these platforms alone: lock out the roles of all others")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(async (options: MigrateOptions) => {
      const report = await migrate({
        server: serverFrom(process.env),
        key: keyFrom(process.env),
        wait: options.wait,
        ownServer: options.ownServer ?? isOwnServer(process.env),
        ...source(options),
      });
      if (options.quiet) return;
      if (options.format === "json") printJson({ schemaVersion: 1, ...report });
      else {
        const changes = migrationLines(report);
        const none = `nothing to do: ${counted(report.databases.length, "database")} as planned`;
        print([...(changes.length > 0 ? changes : [none]), ...leftOverLines(report)].join("\n"));
      }
    });
}

/** What a run changed, a line each; none where nothing was to do. */
export function migrationLines({ databases, passwords, lockedOut }: MigrateReport): string[] {
  return [
    ...lockedOut.map(lockedOutLine),
    ...databases.flatMap(databaseLines),
    ...passwords.map((role) => `password of ${role} set`),
  ];
}

/** What stays on the server although no spec names it, a line each, with every way on. */
export function leftOverLines({ leftOver, leftOverRoles, databases, ownServer }: MigrateReport): string[] {
  const roles = [
    ...leftOverRoles,
    ...databases.flatMap(({ platforms }) => platforms.flatMap((platform) => platform.leftOver)),
  ];
  const whose = ownServer
    ? "is in no spec any more and stays with all its rows."
    : "is in none of these specs and stays with all its rows. Another plan on this server may have it: look there first.";
  return [...roles.map(leftOverRoleLine), ...leftOver.map((database) => leftOverLine(database, whose))];
}

function leftOverRoleLine(role: string): string {
  return `role ${role} is in none of these specs and logs in as before: another plan on this server may have it. To lock it out, as bucketworks_owner: ALTER ROLE "${role}" NOLOGIN PASSWORD NULL`;
}

function leftOverLine({ name, bytes }: LeftOverDatabase, whose: string): string {
  return `database ${name} (${readableBytes(bytes)}) ${whose} Was it renamed? Write its old name in the spec again; or rename it: as the superuser DROP DATABASE of the empty one that has the new name, then ALTER DATABASE "${name}" RENAME TO "NEW", and run this again. To be rid of it: DROP DATABASE "${name}"`;
}

function lockedOutLine(role: string): string {
  return `role ${role} is in no spec: locked out, its rights stay until a migration revokes them`;
}

function databaseLines({ name, made, platforms }: DatabaseChanges): string[] {
  return [
    ...(made ? [`database ${name} made`] : []),
    ...platforms.flatMap((platform) => [
      ...platform.made.map((role) => `role ${role} made`),
      ...platform.fixed.map((role) => `role ${role} had rights that it must not have: removed`),
      ...platform.lockedOut.map(lockedOutLine),
      ...platform.applied.map((file) => `${platform.platform}/${file} applied to ${name}`),
    ]),
  ];
}

function source({ plan, stage, stack }: MigrateOptions): { plan: DatabasePlan; folder: string } {
  if (plan !== undefined) return { plan: readPlan(join(plan, PLAN_FILE)), folder: plan };
  return { plan: databasePlan(modelOf({ files: [], stage, stack })), folder: migrationsFolder(ownRoot()) };
}

/** Where a checkout keeps its migrations. */
export function migrationsFolder(root: string): string {
  return relative(process.cwd(), join(root, "config", "migrations")) || ".";
}

/** The server that the environment names, else the one of this checkout. */
function serverFrom(env: NodeJS.ProcessEnv): DatabaseServer {
  const [host, port] = readText(checkoutAt(ownRoot()).postgres.endpoint)?.split(":") ?? [];
  const server = serverOf(env.PGHOST ? env : { ...env, PGHOST: host, PGPORT: port });
  if (server !== undefined) return server;
  throw new CommandError(
    "no PostgreSQL server: PGHOST isn't set, and this checkout runs none; export PGHOST and PGPORT, or run make up",
    EXIT.wrongUse,
  );
}

/** The one of `make up`, or one that a stack made on Kubernetes: its Job says so. */
function isOwnServer(env: NodeJS.ProcessEnv): boolean {
  return !env.PGHOST || env[OWN_SERVER] === "true";
}

function keyFrom(env: NodeJS.ProcessEnv): string {
  const own = checkoutAt(ownRoot()).postgres.key;
  const file = env[KEY_FILE] || (env.PGHOST ? undefined : own);
  if (file === undefined) {
    throw new CommandError(
      `no database key: ${KEY_FILE} isn't set; export the path of a file that holds it`,
      EXIT.wrongUse,
    );
  }
  let key: string;
  try {
    key = readFileText(file).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new CommandError(`${KEY_FILE}: ${systemFault(error, fromHere)}`, EXIT.couldNotLook);
    throw new CommandError(`${KEY_FILE}: file ${file} can't be read (${code}); give the right path`, EXIT.wrongUse);
  }
  const fault = randomKeyFault(key);
  if (fault !== null) throw new CommandError(`${KEY_FILE}: the key in ${file} ${fault}`, EXIT.wrongUse);
  return key;
}
