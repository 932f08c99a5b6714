import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { platformName } from "../config/document/load.ts";
import type { ImportFile } from "../import/lost-resources.ts";
import type { LiveServer } from "../live/live-server.ts";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { askPulumi } from "./pulumi/run-pulumi.ts";
import type { Deployment } from "./recovery/recovery-plan.ts";
import { readStackFile } from "./stack-file.ts";
import { stageOption } from "./target/specs.ts";
import { stackCredentials } from "./target/stack-credentials.ts";
import { loadTarget, type Target } from "./target/target.ts";
import { writeNamedFile } from "./terminal/named-file.ts";
import { counted, print } from "./terminal/print.ts";

interface ImportOptions {
  readonly out: string;
  readonly stage: string;
  readonly missingFromStack?: string;
  readonly quiet?: boolean;
}

const HELP = `
A server that was set up by hand becomes specs, in two steps. Neither changes anything on the server.

1. With NAME: writes OUT/NAME.yaml, a platform file of all that no spec names yet. What a spec can't express in full is listed there
   as unmanaged, with the reason: it is never changed, and scan reports it when somebody changes it.
2. With --missing-from-stack: writes OUT/import.json, for pulumi import, with every resource of the specs that the server
   has and the stack's state lacks. The same fixes a state that has lost resources.

Secrets are never read: users and accounts keep the ones they have, and the stack doesn't know them.

Examples:
  $ bucketworks import-server --out config/platforms warehouse
  $ bucketworks import-server --missing-from-stack dev --out .bucketworks/import
  $ pulumi import --stack dev --file .bucketworks/import/import.json --protect=false --generate-code=false
  $ pulumi preview --stack dev --expect-no-changes

Exit codes: 0 the specs say everything, 1 something on the server is unmanaged or in no file, or the specs have faults, 2 wrong use, 3 could
not look at all of the server; nothing is written`;

/** `bucketworks import-server`: from a live server to specs and a state. */
export function importServerCommand(): Command {
  return new Command("import-server")
    .description("turn what is on a server into a spec, and bring it into a stack's state")
    .argument("[NAME]", "name of the platform, and of its file", platformArgument)
    .requiredOption("--out <folder>", "where to write")
    .addOption(new Option("--stage <stage>", "the stack whose server it is").argParser(stageOption).default("dev"))
    .option("--missing-from-stack <stack>", "write the import file of what this stack lacks and its server has")
    .option("-q, --quiet", "print nothing but what was left out")
    .addHelpText("after", HELP)
    .action(importServer);
}

async function importServer(name: string | undefined, options: ImportOptions): Promise<void> {
  const { missingFromStack: stack } = options;
  if ((name === undefined) === (stack === undefined)) {
    const message =
      "import-server: give a NAME for the new platform file, or --missing-from-stack STACK for an import file";
    throw new CommandError(message, EXIT.wrongUse);
  }
  if (name !== undefined) await writeSpec(name, options);
  if (stack !== undefined) await writeImports(stack, options);
}

async function writeSpec(name: string, { out, stage, quiet = false }: ImportOptions): Promise<void> {
  const file = join(out, `${name}.yaml`);
  if (existsSync(file)) {
    throw new CommandError(`import-server: ${file} exists; choose another name, or remove it`, EXIT.wrongUse);
  }
  const target = targetBeforeSpecs(stage, name);
  const known = new Set([target.server.accessKey, ...deployersOf(stage)]);
  const live = await readWhole(target);
  const { wholeServer } = await import("../import/draft.ts");
  const { importSpec } = await import("../import/spec.ts");
  const { fileText, leftLine } = await import("../import/not-in-spec.ts");
  const { ownIdentities } = await import("../live/own-identities.ts");
  const server = wholeServer(live);
  if ("unread" in server) throw notWhole(server.unread);
  const imported = importSpec(live, server, {
    platform: name,
    beside: target.model,
    own: ownIdentities(live, known),
  });
  const { model, left, rewritten } = imported;
  writeNamedFile(file, () => {
    mkdirSync(out, { recursive: true });
    writeFileSync(file, fileText(imported, live.url), { flag: "wx" });
  });
  for (const each of left) print(leftLine(each));
  if (left.length > 0) process.exitCode = EXIT.findings;
  if (quiet) return;
  if (rewritten.length > 0) print(`the next update writes anew, with the same rights: ${rewritten.join(", ")}`);
  const [platform] = model.platforms;
  const { policies = [], groups = [], users = [], serviceAccounts = [] } = platform?.access ?? {};
  const held = [
    counted(platform?.buckets.length ?? 0, "bucket"),
    `${counted(users.length, "user")}, ${counted(groups.length, "group")}, ${counted(policies.length, "policy")}`,
    counted(serviceAccounts.length, "service account"),
  ];
  const unmanaged = left.filter((each) => each.unmanaged !== null).length;
  const absent = left.length - unmanaged;
  const rest = [...(unmanaged > 0 ? [`${unmanaged} unmanaged`] : []), ...(absent > 0 ? [`${absent} left out`] : [])];
  print(`${file}: ${held.join(", ")}; ${rest.join(", ") || "nothing is left out"}`);
}

/** The user that the stack deploys with; the command itself may run with another user's key. @throws CommandError where it is encrypted and can't be read */
function deployersOf(stack: string): string[] {
  const root = ownRoot();
  if (!readStackFile(root, stack).hasCredentials) return [];
  return [stackCredentials(root, stack, process.env)?.accessKey ?? []].flat();
}

/** The server of a stack that may have no specs yet, and may name the one that is to come. */
function targetBeforeSpecs(stage: string, without: string): Target {
  const platforms = join(ownRoot(), readStackFile(ownRoot(), stage).platformsDir);
  const has = existsSync(platforms) && readdirSync(platforms).some((name) => /\.ya?ml$/.test(name));
  if (has) return loadTarget({ stage, files: [], env: process.env, without });
  return withFolder((folder) => {
    const file = join(folder, "none-yet.yaml");
    writeFileSync(file, "bucket_groups: {}\n");
    return loadTarget({ stage, files: [file], env: process.env });
  });
}

async function writeImports(stack: string, { out, quiet = false }: ImportOptions): Promise<void> {
  const file = join(out, "import.json");
  const root = ownRoot();
  const target = loadTarget({ stage: stack, files: [], env: process.env });
  const wanted = await lackedBy(root, stack);
  const live = await readWhole(target);
  const { wholeServer } = await import("../import/draft.ts");
  const server = wholeServer(live);
  if ("unread" in server) throw notWhole(server.unread);
  const { completeImports } = await import("../import/lost-resources.ts");
  const { file: imports, found, absent } = completeImports(wanted, target.model, live, await accountsOf(root, stack));
  if (found.length > 0) {
    writeNamedFile(file, () => {
      mkdirSync(out, { recursive: true });
      writeFileSync(file, `${JSON.stringify(imports, null, 2)}\n`, { mode: 0o600 });
    });
  }
  for (const line of platformsLeftOut(root, stack)) print(line);
  if (quiet) return;
  if (absent.length > 0)
    print(`not on the server either, the next update makes them: ${[...absent].sort().join(", ")}`);
  if (found.length === 0) return print(`stack ${stack} lacks nothing that its server has`);
  print(`${file}: ${counted(found.length, "resource")} that stack ${stack} lacks and the server has; now:
  pulumi import --stack ${stack} --file ${file} --protect=false --generate-code=false
  pulumi preview --stack ${stack}`);
}

/** Platforms with a file that the stack doesn't have: nothing of them is looked for. */
function platformsLeftOut(root: string, stack: string): string[] {
  const { platforms, platformsDir } = readStackFile(root, stack);
  if (platforms === undefined) return [];
  const files = readdirSync(join(root, platformsDir)).filter((name) => /^[^.].*\.ya?ml$/.test(name));
  return files
    .map(platformName)
    .filter((name) => !platforms.includes(name))
    .map(
      (name) =>
        `platform ${name} is not in bucketworks:platforms of stack ${stack}, so nothing of it is in the import; to add it: pulumi config set --stack ${stack} --path 'bucketworks:platforms[${platforms.length}]' ${name}`,
    );
}

/** What the program would make again, as the preview's own import file says it. */
async function lackedBy(root: string, stack: string): Promise<ImportFile> {
  return withFolder(async (folder) => {
    const file = join(folder, "import.json");
    await askPulumi(root, process.env, ["preview", "--stack", stack, "--import-file", file]);
    return JSON.parse(readFileSync(file, "utf8")) as ImportFile;
  });
}

/** A private folder that is gone afterwards. */
function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-import-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const result = use(folder);
    if (result instanceof Promise) return result.finally(remove) as T;
    remove();
    return result;
  } catch (error) {
    remove();
    throw error;
  }
}

/** Access keys of the service accounts in the state. */
async function accountsOf(root: string, stack: string): Promise<ReadonlySet<string>> {
  const exported = await askPulumi(root, process.env, ["stack", "export", "--stack", stack]);
  const { deployment } = JSON.parse(exported) as { deployment?: Deployment };
  const accounts = (deployment?.resources ?? []).filter(({ type }) => type.endsWith(":IamServiceAccount"));
  return new Set(accounts.map(({ id }) => id ?? ""));
}

async function readWhole({ model, server }: Target): Promise<LiveServer> {
  // its clients take a while to load: only this command pays for it
  const { readServer } = await import("../live/read-server.ts");
  return readServer(server, {
    buckets: model.platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name)),
    policies: model.platforms.flatMap(({ access }) => access.policies.map(({ name }) => name)),
    accountsOf: () => true,
  });
}

function notWhole(unread: readonly string[]): CommandError {
  const lines = [...unread, "import-server: not all of the server could be read; nothing was written"];
  return new CommandError(lines.join("\n"), EXIT.couldNotLook);
}

function platformArgument(name: string): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name)) return name;
  throw new InvalidArgumentError("must hold letters, digits, dots, dashes and underscores.");
}
