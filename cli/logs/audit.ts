import { join } from "node:path";
import { Command, Option } from "commander";
import { sharedServices } from "../../builders/services/declared.ts";
import type { Connection } from "../../provider/server/connection.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readRecord } from "../local/private-files.ts";
import { versionPages } from "../server-contents.ts";
import { onServer } from "../target/on-server.ts";
import { loadTarget } from "../target/target.ts";
import { counted, print, printJson } from "../terminal/print.ts";
import { judgeTrail, type TrailReport, type Version } from "./audit-findings.ts";
import type { ChainHead } from "./audit-trail.ts";

const HELP = `
Reads every version of the audit trail's objects, and tells what was changed, removed or written beside it. Each object names the
digest of the one before, so that a missing or altered one is found. Server and credentials are found as by verify.

Example:
  $ bucketworks logs audit

Exit codes: 0 the trail is whole, 1 it isn't, 2 wrong use (no platform asks for a trail), 3 the server can't be asked`;

/** `bucketworks logs audit`: whether the audit trail is whole. */
export function auditCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("audit")
    .description("check that nobody changed the audit trail")
    .option("-s, --stack <name>", "the stack", "dev")
    .addOption(new Option("--format <format>", "form of the answer").choices(["text", "json"]).default("text"))
    .addHelpText("after", HELP)
    .action(async ({ stack, format }: { stack: string; format: "text" | "json" }) => {
      const { model, server } = loadTarget({ stage: stack, files: [], env: process.env, root: checkout.root });
      const bucket = sharedServices(model.platforms).logs?.audit?.bucket;
      if (bucket === undefined)
        throw new CommandError("logs audit: no platform asks for a trail (services.logs.audit)", EXIT.wrongUse);
      const versions = await onServer(server, "logs audit: the trail can't be read", (at) => versionsOf(at, bucket));
      const report = judgeTrail(versions, stack === "dev" ? headOf(checkout) : undefined);
      if (report.findings.length > 0) process.exitCode = EXIT.findings;
      if (format === "json") printJson({ schemaVersion: 1, bucket, ...report });
      else print(reportText(bucket, report));
    });
}

function reportText(bucket: string, { objects, lines, chains, findings }: TrailReport): string {
  const what = `${counted(lines, "line")} in ${counted(objects, "object")}, ${counted(chains, "chain")}`;
  if (findings.length === 0) return `the audit trail in ${bucket} is whole: ${what}`;
  return [`the audit trail in ${bucket} isn't whole: ${what}`, ...findings.map((each) => `  ${each}`)].join("\n");
}

async function versionsOf({ s3, signal }: Connection, bucket: string): Promise<Version[]> {
  const { GetObjectCommand } = await import("@aws-sdk/client-s3");
  const found: Version[] = [];
  for await (const page of versionPages(s3, bucket, signal)) {
    for (const { Key: key = "" } of page.DeleteMarkers ?? []) found.push({ key, body: undefined });
    // The server tells the newest first.
    for (const { Key: key = "", VersionId } of [...(page.Versions ?? [])].reverse()) {
      const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId }));
      found.push({ key, body: await object.Body?.transformToString() });
    }
  }
  return found;
}

function headOf({ services }: Checkout): ChainHead | undefined {
  const state = readRecord(join(services, "log_shipper", "audit-trail.json")) as
    | { readonly head: ChainHead; readonly pending: unknown }
    | undefined;
  return state === undefined || state.pending !== null ? undefined : state.head;
}
