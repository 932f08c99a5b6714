import { Command, Option } from "commander";
import type { Finding } from "./doctor/finding.ts";
import { EXIT, type ExitCode } from "./ending/exit.ts";
import { addLookOptions } from "./target/look-options.ts";
import { printJson, tell } from "./terminal/print.ts";
import { Progress } from "./terminal/progress.ts";

const HELP = `
Looks for the cause of a fault, from this machine to the server and the state: toolchain, settings, proxies, name, port,
certificate, S3 port, clock, credentials, their rights, the server's release and its holes, disks, buckets, locks, a killed
run, stale credentials in the state. What rests on something that isn't right is skipped. It changes nothing; the
forged requests that it tries are those of verify. docs/runbook.md says more of each finding.

--bundle writes an archive for who helps: findings, versions, settings, the state's shape, the ends of logs. Secrets that
this checkout or the environment knows, and forms that secrets have, are masked in it. Look through it before you send it.

Inside a cluster: --server with MINIO_ACCESS_KEY and MINIO_SECRET_KEY, as with verify.

Examples:
  $ bucketworks doctor
  $ bucketworks doctor --stage production --identities
  $ bucketworks doctor --bucket 00-raw-usdcop-marketdata
  $ bucketworks doctor --bundle /tmp/for-support.zip

Exit codes: 0 nothing is wrong, 1 something is, 2 wrong use, 3 nothing is known to be wrong, and not all could be looked at`;

interface Options {
  readonly stage: string;
  readonly format: "text" | "json";
  readonly identities?: boolean;
  readonly bucket?: string;
  readonly server?: string;
  readonly caFile?: string;
  readonly bundle?: string;
  readonly quiet?: boolean;
}

/** `bucketworks doctor`: from a fault to its cause. */
export function doctorCommand(): Command {
  return addLookOptions(
    new Command("doctor").description("find out what is wrong, from this machine to the server and the state"),
  )
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--identities", "try the key of each user and service account, too")
    .option("--bucket <bucket>", "show the policy of a bucket, and who may what in it")
    .option("--bundle <file>", "write an archive (zip) for who helps; an existing file is not overwritten")
    .option("-q, --quiet", "only what is wrong or not known, and no progress")
    .addHelpText("after", HELP)
    .action(doctor);
}

async function doctor({ format, bundle, quiet = false, identities = false, ...options }: Options): Promise<void> {
  // The clients take a while to load: only this command pays for them.
  const [{ contextOf }, { runChecks }, { CHECKS }, { printFindings }] = await Promise.all([
    import("./doctor/context.ts"),
    import("./doctor/run-checks.ts"),
    import("./doctor/checks.ts"),
    import("./doctor/words.ts"),
  ]);
  const { refuseExisting, writeBundle } = await import("./doctor/bundle/write-bundle.ts");
  if (bundle !== undefined) refuseExisting(bundle);
  const at = contextOf({ ...options, identities, env: process.env });
  const progress = new Progress(quiet);
  const findings = await runChecks(CHECKS, at, (about) => progress.begin(`looking at ${about}`)).finally(() =>
    progress.fail(),
  );
  process.exitCode = exitCode(findings);
  if (format === "json") printJson({ schemaVersion: 1, stage: options.stage, findings });
  else printFindings(findings, quiet);
  if (bundle === undefined) return;
  await writeBundle(bundle, at, findings);
  if (!quiet) tell(`bundle: ${bundle}; look through it before you send it`);
}

function exitCode(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ state }) => state === "wrong")) return EXIT.findings;
  return findings.some(({ state }) => state === "unknown") ? EXIT.couldNotLook : EXIT.right;
}
