import { isDeepStrictEqual } from "node:util";
import { Command } from "commander";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { identityFault } from "./pulumi/identity-faults.ts";
import { refuseUnknownStack, runPulumi } from "./pulumi/run-pulumi.ts";
import { counted, print } from "./terminal/print.ts";

const HELP = `
Asks what pulumi refresh would find: how the live server differs from what the last update left. Reads only, the state
and the server stay as they are. Runs the program for the current endpoint and credentials, which those in the state may
no longer be. What was never in the state isn't seen here; bucketworks verify compares with the spec instead.

Examples:
  $ make drift
  $ bucketworks drift --stack production

Exit codes: 0 no drift, 1 drift, 2 wrong use, 3 the server or the state can't be read`;

/** A lifecycle rule; what else it holds is compared as it is. */
interface Rule {
  readonly ID: string;
}

/** A resource with what it has been seen to hold. */
interface State {
  readonly outputs?: { readonly lifecycle?: readonly Rule[] };
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: State;
  readonly newState?: State;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
}

interface Report {
  readonly steps?: readonly Step[];
  readonly diagnostics?: readonly { readonly message: string }[];
}

/** `bucketworks drift`: what changed on the server since the last update. */
export function driftCommand(): Command {
  return new Command("drift")
    .description("show what changed on the server since the last update, writing nothing")
    .option("-s, --stack <name>", "the stack", "dev")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(async ({ stack, quiet = false }: { stack: string; quiet?: boolean }) => {
      const steps = await refreshPreview(stack, process.env);
      const changes = steps.filter(({ op, urn }) => (op === "update" || op === "delete") && !isProvider(urn));
      if (!quiet) for (const change of changes) print(line(change));
      if (!quiet) print(`${counted(steps.length, "resource")}, ${changes.length} changed on the server`);
      if (changes.length > 0) process.exitCode = EXIT.findings;
    });
}

async function refreshPreview(stack: string, env: NodeJS.ProcessEnv): Promise<readonly Step[]> {
  const args = ["refresh", "--preview-only", "--run-program", "--json", "--stack", stack];
  const { code, stdout, stderr } = await runPulumi(ownRoot(), env, args);
  const report = (stdout.startsWith("{") ? JSON.parse(stdout) : {}) as Report;
  if (code === 0) return report.steps ?? [];
  refuseUnknownStack(stack, stderr);
  const said = new Set((report.diagnostics ?? []).map(({ message }) => identityFault(reasonIn(message))));
  said.delete("preview failed");
  // A plugin's own line, which the engine says once more with the resource before it.
  for (const each of said) if (each.startsWith("sdk-v2/") && said.size > 1) said.delete(each);
  if (said.size === 0) said.add((stderr || stdout).trim());
  throw new CommandError(
    `stack ${stack} can't be compared with its server: ${[...said].join("\n")}`,
    EXIT.couldNotLook,
  );
}

function reasonIn(message: string): string {
  return message.replace(/^error: (Preview failed: )?/, "").trim();
}

/** Endpoint and credentials, which are the program's: other ones there are no change on the server. */
function isProvider(urn: string): boolean {
  return urn.includes("::pulumi:providers:");
}

function line({ op, urn, detailedDiff, oldState, newState }: Step): string {
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  if (op === "delete") return `- ${name}: gone from the server`;
  const [was = [], is = []] = [oldState, newState].map((state) => state?.outputs?.lifecycle);
  const paths = Object.entries(detailedDiff ?? {}).flatMap(([path, { kind }]) => {
    const place = /^lifecycle\[(\d+)\]$/.exec(path)?.[1];
    if (kind === "update" && place !== undefined) return inOnePlace(Number(place), was, is);
    const rules = (kind === "add" && !path.includes(".") ? newState : oldState)?.outputs?.lifecycle;
    return [`${byRule(path, rules)} (${WORDS[kind] ?? kind})`];
  });
  return `~ ${name}: ${paths.sort().join(", ")}`;
}

/** A place that changed as a whole: the rule that stood in it went, or moved, and another one may stand in it. */
function inOnePlace(place: number, was: readonly Rule[], is: readonly Rule[]): string[] {
  const ids = new Set([was[place], is[place]].flatMap((rule) => rule?.ID ?? []));
  return [...ids].flatMap((id) => {
    const [old, now] = [was, is].map((rules) => rules.find(({ ID }) => ID === id));
    if (isDeepStrictEqual(old, now)) return [];
    return `lifecycle.${id} (${old === undefined ? "added" : now === undefined ? "removed" : "changed"})`;
  });
}

/** A lifecycle rule has an id, and its place in the list tells nobody anything. */
function byRule(path: string, rules: readonly Rule[] = []): string {
  return path.replace(/^lifecycle\[(\d+)\]/, (place, index) => {
    const id = rules[Number(index)]?.ID;
    return id === undefined ? place : `lifecycle.${id}`;
  });
}

const WORDS: Readonly<Record<string, string>> = { add: "added", delete: "removed", update: "changed" };
