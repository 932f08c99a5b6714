import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { relative } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Access } from "../../config/model.ts";
import { plainText } from "../../config/text/plain.ts";
import { daysIn } from "../../config/values/duration.ts";
import { issuedText, LONGEST_ISSUE, LONGEST_REASON } from "../../config/values/key-note.ts";
import { nearest } from "../../config/values/nearest.ts";
import { type ServerAddress, urlOf } from "../../live/server-address.ts";
import { audited } from "../audit-log.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { onServer } from "../target/on-server.ts";
import { loadTarget } from "../target/target.ts";
import { print } from "../terminal/print.ts";
import { keepKey, writeNewKey } from "./files.ts";
import { FORMATS, type Format, type Key } from "./formats.ts";

interface IssueOptions {
  readonly for: string;
  /** Days. */
  readonly expires: number;
  readonly policy?: readonly string[];
  readonly why: string;
  readonly format: Format;
  readonly out?: string;
  readonly stack: string;
  readonly quiet?: boolean;
}

const HELP = `
Makes a key for somebody who needs one for some days: a service account that acts for a user of the specs, and that the server
ends by itself. It may do what its user may, or with --policy what those policies of the user's platform permit, whichever is
less. It is no part of the stack: key list --issued names it, key revoke ends it before its time, scan lists it with low
severity. The key goes to a file of mode 0600, in .bucketworks/keys/ or --out; it is never printed.

Examples:
  $ bucketworks key issue --for analyst --expires 30d --why "review of the third quarter"
  $ bucketworks key issue --for analyst --expires 8h --policy reader --format aws --out review.aws

Exit codes: 0 issued, 1 the specs have faults, 2 wrong use (unknown user or policy, the file exists), 3 the server can't be asked
or the file can't be written`;

/** `bucketworks key issue`: a key that ends by itself. */
export function issueCommand(): Command {
  return new Command("issue")
    .description("make a key for a user that ends by itself")
    .requiredOption("--for <user>", "user of the specs it acts for")
    .addOption(
      new Option("--expires <duration>", `how long it lives: 8h, 30d, ${LONGEST_ISSUE}d at most`)
        .argParser(lifetime)
        .makeOptionMandatory(),
    )
    .option("--policy <key...>", "policies of the user's platform that it is limited to")
    .addOption(new Option("--why <text>", "what it is for, kept on the server").argParser(reason).default("", "unsaid"))
    .addOption(new Option("--format <format>", "form of the key").choices(Object.keys(FORMATS)).default("env"))
    .option("--out <file>", "write a new file of mode 0600")
    .option("-q, --quiet", "print nothing but errors")
    .option("-s, --stack <name>", "the stack whose server it is for", "dev")
    .addHelpText("after", HELP)
    .action(issue);
}

async function issue(options: IssueOptions): Promise<void> {
  const { for: user, expires: days, policy: keys, why, format, out, stack, quiet = false } = options;
  const root = ownRoot();
  const checkout = checkoutAt(root);
  const { model, server } = loadTarget({ stage: stack, files: [], env: process.env, root });
  const accessOf = model.platforms.find(({ access }) => access.users.some(({ name }) => name === user))?.access;
  if (accessOf === undefined) {
    const users = model.platforms.flatMap(({ access }) => access.users.map(({ name }) => name));
    throw unknown("user", user, users, `stack ${stack}`);
  }
  const policy = keys && documentOf(accessOf, keys, user);
  const expires = new Date(Date.now() + days * 86_400_000);
  const key = newKey(server);
  const { accessKey, secretKey } = key;
  // The file comes first: a key that the server has and nobody else would live until its end.
  if (out !== undefined) writeNewKey(out, key, format);
  const file = out ?? keepKey(checkout, stack, key, format);
  const account = { user, accessKey, secretKey, expires, policy, description: issuedText(why) };
  const deed = { action: "key.issue", object: `${stack}/user/${user}/${accessKey}` };
  try {
    await audited(checkout, deed, async () => {
      const { addServiceAccount } = await import("../../provider/server/service-accounts.ts");
      const failed = `key issue: no key is handed over for ${user}`;
      await onServer(server, failed, (connection) => addServiceAccount(connection, account));
    });
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  if (quiet) return;
  print(`key ${accessKey} for ${user} until ${expires.toISOString()} written to ${relative(process.cwd(), file)} (${format}, readable by you alone)
end it before: bin/bucketworks key revoke ${accessKey}${stack === "dev" ? "" : ` --stack ${stack}`}`);
}

/** As the server takes them: 20 and 40 characters that nothing has to escape. */
function newKey({ region, caFile, ...server }: ServerAddress): Key {
  const accessKey = `BW${randomBytes(9).toString("hex").toUpperCase()}`;
  const secretKey = randomBytes(20).toString("hex");
  return {
    ...{ identity: accessKey, endpoint: urlOf({ ...server, region }), region, accessKey, secretKey },
    ...(caFile !== undefined && { caFile }),
  };
}

function documentOf({ policies }: Access, keys: readonly string[], user: string): object {
  const known = policies.map(({ key }) => key);
  const chosen = keys.map((key) => {
    const found = policies.find((each) => each.key === key);
    if (found === undefined) throw unknown("policy", key, known, `the platform of ${user}`);
    return found;
  });
  return accessPolicy(chosen.flatMap(({ grants }) => grants));
}

function unknown(what: string, name: string, known: readonly string[], where: string): CommandError {
  const near = nearest(name, known);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  const there = [...known].sort().join(", ") || "none";
  const said = `key issue: nothing was made: ${where} has no ${what} ${name}, there are ${there}${hint}`;
  return new CommandError(said, EXIT.wrongUse);
}

/** @throws InvalidArgumentError for what is no duration, or one that nobody gets */
function lifetime(text: string): number {
  const days = daysIn(text);
  if (days !== null && days >= 1 / 24 && days <= LONGEST_ISSUE) return days;
  throw new InvalidArgumentError(
    `must be 1h to ${LONGEST_ISSUE}d; who needs a key for longer declares a service account.`,
  );
}

function reason(text: string): string {
  const said = plainText(text).trim();
  if (Buffer.byteLength(said) <= LONGEST_REASON) return said;
  throw new InvalidArgumentError(`must have ${LONGEST_REASON} bytes at most.`);
}
