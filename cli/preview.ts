import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import { keptEvent } from "../review/preview-events.ts";
import { type Preview, readPreview } from "../review/read-preview.ts";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { writePrivate } from "./local/private-files.ts";
import { identityFault } from "./pulumi/identity-faults.ts";
import { type PulumiResult, refuseUnknownStack, runPulumi } from "./pulumi/run-pulumi.ts";
import { writeNamedFile } from "./terminal/named-file.ts";
import { counted, print } from "./terminal/print.ts";

interface PreviewOptions {
  readonly stack: string;
  readonly out: string;
  readonly policyPack?: string;
  readonly policyPackConfig?: string;
  readonly quiet?: boolean;
}

const HELP = `
Runs pulumi preview and keeps of its event stream what bucketworks comment reads. The stream itself is no file to keep:
its debug messages hold credentials in plaintext.

Examples:
  $ bucketworks preview --stack production --out preview.json --policy-pack policy

Exit codes: 0 previewed, 1 the preview failed or a policy refuses it, 2 wrong use, 3 the engine didn't get to previewing.
The file is written in every case but 2, and says what went wrong`;

/** `bucketworks preview`: a stack's preview in a file, for `bucketworks comment`. */
export function previewCommand(): Command {
  return new Command("preview")
    .description("preview a stack and keep what a comment on it needs")
    .requiredOption("-s, --stack <name>", "the stack")
    .requiredOption("--out <file>", "where the events go; only you can read it")
    .option("--policy-pack <folder>", "policy pack to judge the preview")
    .option("--policy-pack-config <file>", "its configuration, as pulumi preview takes it")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(preview);
}

async function preview({ stack, out, quiet, ...options }: PreviewOptions): Promise<void> {
  const env = { ...process.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
  const pack = packArguments(options);
  write(out, "");
  const answer = await runPulumi(ownRoot(), env, ["preview", "--json", "--stack", stack, ...pack]);
  const events = eventsOf(answer);
  write(out, `${events.join("\n")}\n`);
  if (answer.code !== 0) refuseUnknownStack(stack, answer.stderr);
  const read = readPreview(events.join("\n"));
  if (typeof read === "string") throw new Error(`pulumi preview gave ${read}`);
  if (!quiet) print(`preview of stack ${stack}: ${text(read)}; events in ${out}`);
  const errors = read.diagnostics.filter(({ severity }) => severity === "error");
  if (read.result === "incomplete") {
    throw new CommandError(errors.map(({ message }) => message).join("\n"), EXIT.couldNotLook);
  }
  if (answer.code !== 0) throw new CommandError(reasons(read).join("\n"), EXIT.findings);
}

function packArguments({ policyPack, policyPackConfig }: Pick<PreviewOptions, "policyPack" | "policyPackConfig">) {
  if (policyPack !== undefined) {
    return ["--policy-pack", policyPack, ...(policyPackConfig ? ["--policy-pack-config", policyPackConfig] : [])];
  }
  if (policyPackConfig === undefined) return [];
  throw new CommandError("--policy-pack-config needs --policy-pack; name the folder of the pack too", EXIT.wrongUse);
}

/** What the engine says before its events begin, about a passphrase or a stack, becomes one. */
function eventsOf({ code, stdout, stderr }: PulumiResult): string[] {
  const lines = stdout.split("\n");
  const events = lines.flatMap((line) => keptEvent(line) ?? []);
  if (code === 0 || events.some((event) => event.startsWith('{"summaryEvent"'))) return events;
  const plain = lines.filter((line) => !line.startsWith("{")).join("\n");
  const error = [stderr, plain].map((said) => said.trim()).find((said) => said !== "");
  return [...events, JSON.stringify({ errorEvent: { error: error ?? `pulumi preview ended with ${code}` } })];
}

function text({ result, steps, policies }: Preview): string {
  return `${result}, ${counted(steps.length, "change")}, ${counted(policies.length, "policy finding")}`;
}

function reasons({ diagnostics, policies }: Preview): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const refusals = policies.filter(({ level }) => level === "mandatory");
  return [
    ...new Set(errors.map(({ message }) => identityFault(message))),
    ...refusals.map(({ policy, message, resource }) => `${resource ?? "stack"}: ${policy}: ${message.trim()}`),
  ];
}

function write(file: string, events: string): void {
  writeNamedFile(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    // a device or pipe stays what it is; a file that others may read is replaced, as they may have it open
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) writeFileSync(file, events);
    else writePrivate(file, events);
  });
}
