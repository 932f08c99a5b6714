import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command } from "commander";
import type { Preview } from "../review/read-preview.ts";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { writePrivate } from "./local/private-files.ts";
import { previewStack, refusals } from "./preview/engine-preview.ts";
import { refuseUnknownStack } from "./pulumi/run-pulumi.ts";
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
  const pack = packArguments(options);
  write(out, "");
  const { answer, events, preview: read } = await previewStack(ownRoot(), process.env, stack, pack);
  write(out, `${events.join("\n")}\n`);
  if (answer.code !== 0) refuseUnknownStack(stack, answer.stderr);
  if (typeof read === "string") throw new Error(`pulumi preview gave ${read}`);
  if (!quiet) print(`preview of stack ${stack}: ${text(read)}; events in ${out}`);
  const errors = read.diagnostics.filter(({ severity }) => severity === "error");
  if (read.result === "incomplete") {
    throw new CommandError(errors.map(({ message }) => message).join("\n"), EXIT.couldNotLook);
  }
  if (answer.code !== 0) throw new CommandError(refusals(read).join("\n"), EXIT.findings);
}

function packArguments({ policyPack, policyPackConfig }: Pick<PreviewOptions, "policyPack" | "policyPackConfig">) {
  if (policyPack !== undefined) {
    return ["--policy-pack", policyPack, ...(policyPackConfig ? ["--policy-pack-config", policyPackConfig] : [])];
  }
  if (policyPackConfig === undefined) return [];
  throw new CommandError("--policy-pack-config needs --policy-pack; name the folder of the pack too", EXIT.wrongUse);
}

function text({ result, steps, policies }: Preview): string {
  return `${result}, ${counted(steps.length, "change")}, ${counted(policies.length, "policy finding")}`;
}

function write(file: string, events: string): void {
  writeNamedFile(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    // a device or pipe stays what it is; a file that others may read is replaced, as they may have it open
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) writeFileSync(file, events);
    else writePrivate(file, events);
  });
}
