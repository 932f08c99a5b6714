import { Command, Option } from "commander";
import type { ResolvedModel } from "../../config/model.ts";
import { ownRoot } from "../checkout.ts";
import { loadTarget } from "../target/target.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { issuedKeys } from "./issued.ts";
import { type StackKeys, stackKeys } from "./stack-keys.ts";

interface ListOptions {
  readonly stack: string;
  readonly format: "text" | "json";
  readonly issued?: boolean;
}

/** One user or service account; nothing of it is secret. */
export interface ListedKey {
  readonly identity: string;
  readonly kind: "user" | "service account" | "removed from the specs";
  /** Empty where no spec of the stack names it. */
  readonly platform: string;
  /** For whom a service account acts. */
  readonly user?: string;
  /** Undefined where it was imported, and the stack knows no key. */
  readonly accessKey: string | undefined;
}

const HELP = `
Lists users and service accounts whose keys the stack has, or with --issued those on the server that key issue made, and that end
by themselves. No secret is printed.

Examples:
  $ bucketworks key list
  $ bucketworks key list --issued
  $ bucketworks key list --stack production --format json

Exit codes: 0 listed, 1 the specs have faults, 3 the stack can't be read (--issued: the server)`;

/** `bucketworks key list`: whose keys there are. */
export function listCommand(): Command {
  return new Command("list")
    .description("list users and service accounts whose keys the stack has")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--issued", "keys on the server that key issue made")
    .option("-s, --stack <name>", "the stack that made it", "dev")
    .addHelpText("after", HELP)
    .action(async (options: ListOptions) => {
      if (options.issued === true) return listIssued(options);
      const keys = listedKeys(await stackKeys(ownRoot(), process.env, options.stack));
      if (options.format === "json") return printJson({ schemaVersion: 1, keys });
      const rows = keys.map(({ identity, kind, platform, user, accessKey }) => [
        identity,
        user === undefined ? kind : `${kind} of ${user}`,
        platform,
        accessKey ?? "not known (imported)",
      ]);
      print(table([["IDENTITY", "KIND", "PLATFORM", "ACCESS KEY"], ...rows]));
    });
}

async function listIssued({ stack, format }: ListOptions): Promise<void> {
  const { model, server } = loadTarget({ stage: stack, files: [], env: process.env });
  const keys = await issuedKeys(model, server);
  if (format === "json") return printJson({ schemaVersion: 1, keys });
  const rows = keys.map(({ accessKey, user, expires, why }) => [accessKey, user, expires, why]);
  print(rows.length === 0 ? "no issued key" : table([["ACCESS KEY", "USER", "ENDS", "WHY"], ...rows]));
}

/** Sorted by name. */
export function listedKeys({ model, keys, imported }: Pick<StackKeys, "model" | "keys" | "imported">): ListedKey[] {
  return [...keys.keys(), ...imported].sort().map((identity) => {
    const accessKey = keys.get(identity)?.accessKey;
    return { identity, ...declared(model, identity), accessKey };
  });
}

function declared({ platforms }: ResolvedModel, identity: string): Omit<ListedKey, "identity" | "accessKey"> {
  for (const { name: platform, access } of platforms) {
    if (access.users.some(({ name }) => name === identity)) return { kind: "user", platform };
    const account = access.serviceAccounts.find(({ name }) => name === identity);
    if (account !== undefined) return { kind: "service account", platform, user: account.user };
  }
  return { kind: "removed from the specs", platform: "" };
}
