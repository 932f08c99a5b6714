import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, delimiter, join, relative } from "node:path";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { readText } from "../private-files.ts";
import { HOST, type LocalService, type Ports, type Settings } from "../service/local-service.ts";
import { worksIn } from "../service/own-processes.ts";
import type { Running } from "../service/running.ts";
import { isLive, liveBuckets } from "./health.ts";

/** Of the S3 API and the console. */
export type MinioPorts = Ports<"api" | "console">;

/** The MinIO of a checkout. */
export function minio(checkout: Checkout): LocalService<keyof MinioPorts> {
  const { root, minio } = checkout;
  return {
    name: "minio",
    title: "the local server",
    root,
    ports: {
      api: { purpose: "the S3 API", setting: "BUCKETWORKS_PORT", file: minio.endpoint, first: 9000, step: 100 },
      console: {
        purpose: "the console",
        setting: "BUCKETWORKS_CONSOLE_PORT",
        file: minio.console,
        first: 9001,
        step: 100,
      },
    },
    startedBy: "make up",
    log: minio.log,
    run: minio.run,
    endSignal: "SIGTERM",
    formerSupervisor: { program: "cli/local/supervise.ts", rest: / \d+ \d+(?: (?!\d+$)\S+)?/ },
    processes: (running) => running.filter((each) => servesMinio(each, checkout)),
    spawn: ({ ports, settings }, output) => {
      const missing = missingSecrets(checkout);
      if (missing.length > 0) return `without ${missing.join(", ")}: the server would come up with default credentials`;
      return spawn(findBinary(checkout, "minio"), serverArguments(checkout, ports), {
        env: serverEnvironment(checkout, process.env, settings),
        stdio: ["ignore", output, output],
      });
    },
    answers: async ({ api }) => (await isLive(api)) && (await liveBuckets(checkout, api)) !== undefined,
  };
}

/** Whether it is a MinIO on this checkout's data folder. */
export function servesMinio(running: Running, { root, minio }: Pick<Checkout, "root" | "minio">): boolean {
  const { args, line } = running;
  if (args === undefined) {
    return /^(?:\/.*\/)?minio server /.test(line) && line.endsWith(` --certs-dir ${minio.certs} ${minio.data}`);
  }
  if (basename(args[0] ?? "") !== "minio" || args[1] !== "server") return false;
  const data = args.at(-1) ?? "";
  const ours = data.endsWith(minio.data.slice(root.length)) ? worksIn(running, root) : undefined;
  return ours ?? (data === minio.data && running.sees(data));
}

/** Finds a binary of the toolchain: this checkout's own, or where the toolchain isn't set up the one on PATH. */
export function findBinary(checkout: Checkout, name: "minio" | "mc" | "pulumi"): string {
  const folders = [checkout.toolchain, ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CommandError(
    `${relative(checkout.root, join(checkout.toolchain, name))}: not there, and no ${name} on PATH either; run make toolchain`,
    EXIT.couldNotLook,
  );
}

/** Arguments of the server; they are visible to every user of the machine, so no secret is among them. */
function serverArguments(checkout: Checkout, ports: MinioPorts): string[] {
  return [
    "server",
    "--anonymous",
    ...["--address", `${HOST}:${ports.api}`],
    ...["--console-address", `${HOST}:${ports.console}`],
    ...["--certs-dir", checkout.minio.certs],
    checkout.minio.data,
  ];
}

/**
 * Environment of the server. Nothing is inherited but the path and the home folder: a `MINIO_` variable of the user who
 * runs the command would change credentials, KMS or metrics behind our back. Secrets are named by file.
 * @param settings `region` is the name of the server's, without it MinIO takes every name; all others are variables
 */
function serverEnvironment(
  checkout: Checkout,
  inherited: NodeJS.ProcessEnv,
  { region, ...variables }: Settings,
): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "TMPDIR", "TZ"].map((name) => [name, inherited[name]] as const);
  return {
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    MINIO_ROOT_USER_FILE: checkout.minio.rootUser,
    MINIO_ROOT_PASSWORD_FILE: checkout.minio.rootPassword,
    MINIO_KMS_SECRET_KEY_FILE: checkout.minio.kmsKey,
    MINIO_PROMETHEUS_AUTH_TYPE: "jwt",
    MINIO_UPDATE: "off",
    MINIO_CALLHOME_ENABLE: "off",
    MINIO_BROWSER: "on",
    MINIO_API_STALE_UPLOADS_EXPIRY: "24h",
    ...(region !== undefined && { MINIO_SITE_REGION: region }),
    ...variables,
  };
}

/**
 * The secret files that are missing. Asked before EVERY start: MinIO takes a missing file for "not set" and would
 * come up with its well-known default credentials, or without the key its data is encrypted with.
 */
function missingSecrets(checkout: Checkout): string[] {
  const { rootUser, rootPassword, kmsKey } = checkout.minio;
  return [rootUser, rootPassword, kmsKey].filter((path) => readText(path) === undefined);
}
