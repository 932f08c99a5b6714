import { Command } from "commander";
import { audited } from "./audit-log.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { askPulumi } from "./pulumi/run-pulumi.ts";
import { declaredBucket, missingKeys, platformPath } from "./purging/consent.ts";
import { type BucketRecord, bucketRecord } from "./purging/record.ts";
import type { Deployment } from "./recovery/recovery-plan.ts";
import { readStackFile } from "./stack-file.ts";
import { loadTarget, type Target } from "./target/target.ts";

interface Options {
  readonly stack: string;
  readonly yesDelete?: string;
  readonly quiet?: boolean;
}

const HELP = `
Deletes every object, version, delete marker and upload in progress of one bucket, for good. The bucket stays, with its
settings; taken out of its spec, it is removed by the next pulumi up. It needs all of:
  1. on_delete: purge in the bucket's spec
  2. the bucket's name in bucketworks:allowPurge of the stack
  3. the bucket's name typed after its objects, versions and bytes were shown (scripts: --yes-delete BUCKET)
What is under object lock or legal hold stays and is counted: no lock is ever bypassed. Ctrl-C stops after the batches
under way. After an interruption or outage a second run deletes the rest. Server and credentials are found as by verify.

Examples:
  $ pulumi config set --path 'bucketworks:allowPurge[0]' 80-usdcop-tmp
  $ bucketworks purge 80-usdcop-tmp
  $ bucketworks purge 80-usdcop-tmp --yes-delete 80-usdcop-tmp

Exit codes: 0 the bucket is empty, 1 something is left (locked, or written meanwhile), 2 no consent or wrong use,
3 the server or the state can't be asked, or not to the end, 130 stopped by Ctrl-C (143 by SIGTERM)`;

/** `bucketworks purge BUCKET`: the objects of one bucket, and only with consent in spec and stack. */
export function purgeCommand(): Command {
  return new Command("purge")
    .description("delete all objects of a bucket whose spec and stack both permit it (asks first)")
    .argument("<BUCKET>", "the bucket's name")
    .option("-s, --stack <name>", "the stack", "dev")
    .option("--yes-delete <BUCKET>", "delete without asking, for scripts; the bucket's name once more")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(purge);
}

async function purge(bucket: string, { stack, yesDelete, quiet = false }: Options): Promise<void> {
  const root = ownRoot();
  if (yesDelete !== undefined && yesDelete !== bucket) {
    throw refused(bucket, [`--yes-delete names another bucket, ${yesDelete}; give the same name twice`]);
  }
  const target = loadTarget({ stage: stack, files: [], env: process.env, root });
  const file = readStackFile(root, stack);
  const missing = missingKeys(bucket, { stackName: stack, model: target.model, stack: file });
  if (missing.length > 0) throw refused(bucket, missing);
  const exported = JSON.parse(await askPulumi(root, process.env, ["stack", "export", "--stack", stack]));
  const record = ownRecord(bucket, stack, (exported as { deployment?: Deployment }).deployment ?? {}, target);
  // Loaded here: every other command would pay a third of a second for the SDK.
  const { purgeBucket } = await import("./purging/purge-bucket.ts");
  const work = () =>
    purgeBucket({
      bucket,
      server: target.server,
      stack,
      confirmed: yesDelete !== undefined,
      quiet,
      wayOut: wayOut(stack, record, platformPath(file.platformsDir, platformOf(bucket, target))),
    });
  const platform = platformOf(bucket, target);
  await audited(checkoutAt(root), { action: "bucket.purge", object: `${stack}/bucket/${bucket}`, platform }, work);
}

/** The bucket as the stack recorded it. @throws CommandError where it is somebody else's, or on another server */
function ownRecord(bucket: string, stack: string, deployment: Deployment, { server }: Target): BucketRecord {
  const record = bucketRecord(deployment, bucket);
  if (record === undefined) {
    throw refused(bucket, [
      `stack ${stack} hasn't made or adopted it, so its objects aren't ours; run pulumi up first`,
    ]);
  }
  if (record.endpoint !== undefined && record.endpoint !== server.endpoint) {
    const here = `${server.endpoint} (from ${server.endpointFrom})`;
    throw refused(bucket, [
      `stack ${stack} has it on ${record.endpoint}, this would be ${here}; run pulumi up there first`,
    ]);
  }
  return record;
}

/** How the emptied bucket itself is removed. */
function wayOut(stack: string, { urn, protect, onDelete }: BucketRecord, file: string): string {
  const up = `pulumi up --stack ${stack}`;
  const first = onDelete === "retain" ? `run ${up}, so that the stack knows on_delete: purge, then take it` : "take it";
  const out = `to remove the bucket, too, ${first} out of ${file}`;
  if (!protect) return `${out} and run ${up}`;
  const unprotect = `pulumi state unprotect --yes --stack ${stack} '${urn}'`;
  return `${out}; it is protected, so the way out has two steps:\n  1. ${unprotect}\n  2. ${up}`;
}

function platformOf(bucket: string, { model }: Target): string {
  return declaredBucket(model, bucket)?.platform ?? "";
}

function refused(bucket: string, reasons: readonly string[]): CommandError {
  return new CommandError([...reasons, `purge: nothing was deleted from ${bucket}`].join("\n"), EXIT.wrongUse);
}
