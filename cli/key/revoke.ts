import { Command } from "commander";
import { nearest } from "../../config/values/nearest.ts";
import { audited } from "../audit-log.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { onServer } from "../target/on-server.ts";
import { loadTarget } from "../target/target.ts";
import { ask } from "../terminal/ask.ts";
import { print } from "../terminal/print.ts";
import { type IssuedKey, issuedKeys } from "./issued.ts";

interface RevokeOptions {
  readonly stack: string;
  readonly yesRevoke?: string;
  readonly quiet?: boolean;
}

const HELP = `
Ends a key that key issue made, before its time: the server refuses it at once. It asks for the access key once more (scripts:
--yes-revoke ACCESS-KEY). Keys of the stack are none of them: key rotate, and rotate, are for those.

Examples:
  $ bucketworks key list --issued
  $ bucketworks key revoke BW0123456789ABCDEF01 --yes-revoke BW0123456789ABCDEF01

Exit codes: 0 ended, 1 the specs have faults, 2 no consent or wrong use (no issued key), 3 the server can't be asked`;

/** `bucketworks key revoke ACCESS-KEY`: the end of an issued key. */
export function revokeCommand(): Command {
  return new Command("revoke")
    .description("end a key that key issue made (asks first)")
    .argument("<ACCESS-KEY>", "as key list --issued names it")
    .option("--yes-revoke <ACCESS-KEY>", "end it without asking, for scripts; the access key once more")
    .option("-q, --quiet", "print nothing but errors")
    .option("-s, --stack <name>", "the stack whose server it is for", "dev")
    .addHelpText("after", HELP)
    .action(revoke);
}

const NOTHING = "key revoke: nothing was changed";

async function revoke(accessKey: string, { stack, yesRevoke, quiet = false }: RevokeOptions): Promise<void> {
  if (yesRevoke !== undefined && yesRevoke !== accessKey)
    throw new CommandError(`${NOTHING}: --yes-revoke names another one, ${yesRevoke}`, EXIT.wrongUse);
  const root = ownRoot();
  const checkout = checkoutAt(root);
  const { model, server } = loadTarget({ stage: stack, files: [], env: process.env, root });
  const issued = await issuedKeys(model, server);
  const key = issued.find((each) => each.accessKey === accessKey);
  if (key === undefined) throw notIssued(accessKey, issued);
  if (yesRevoke === undefined) await requireConsent(key);
  const deed = { action: "key.revoke", object: `${stack}/user/${key.user}/${accessKey}` };
  await audited(checkout, deed, async () => {
    const { removeServiceAccount } = await import("../../provider/server/identities.ts");
    await onServer(server, `key revoke: whether ${accessKey} has ended isn't known, run it again`, (connection) =>
      removeServiceAccount(connection, accessKey),
    );
  });
  if (!quiet) print(`key ${accessKey} of ${key.user} has ended`);
}

function notIssued(accessKey: string, issued: readonly IssuedKey[]): CommandError {
  const known = issued.map((each) => each.accessKey);
  const near = nearest(accessKey, known);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  const there = known.join(", ") || "none";
  return new CommandError(
    `${NOTHING}: ${accessKey} is no key that key issue made for a user of the specs, there are ${there}${hint}`,
    EXIT.wrongUse,
  );
}

async function requireConsent({ accessKey, user, expires, why }: IssuedKey): Promise<void> {
  if (!process.stdin.isTTY)
    throw new CommandError(
      `${NOTHING}: can't ask: standard input isn't a terminal; use --yes-revoke ${accessKey}`,
      EXIT.wrongUse,
    );
  const what = `key ${accessKey} of ${user}, until ${expires}${why === "" ? "" : ` (${why})`}`;
  if ((await ask(`${what}\ntype the access key to end it: `)) !== accessKey)
    throw new CommandError(NOTHING, EXIT.wrongUse);
}
