import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { makePrivateFolder, readText } from "./private-files.ts";
import { HOST, type Ports } from "./run-record.ts";

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
export function serverArguments(checkout: Checkout, ports: Ports): string[] {
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
 * @param region name of the server's region; undefined is MinIO's default, which takes every name
 */
export function serverEnvironment(
  checkout: Checkout,
  inherited: NodeJS.ProcessEnv,
  region: string | undefined,
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
  };
}

/**
 * The secret files that are missing. Asked before EVERY start: MinIO takes a missing file for "not set" and would
 * come up with its well-known default credentials, or without the key its data is encrypted with.
 */
export function missingSecrets(checkout: Checkout): string[] {
  const { rootUser, rootPassword, kmsKey } = checkout.minio;
  return [rootUser, rootPassword, kmsKey].filter((path) => readText(path) === undefined);
}

/**
 * Makes the folders of the server, or makes sure that it can use them.
 * @throws CommandError when the data folder is a file, or isn't ours to read and write
 */
export function prepareFolders(checkout: Checkout): void {
  const { data, certs } = checkout.minio;
  const place = relative(checkout.root, data);
  if (existsSync(data) && !statSync(data).isDirectory()) {
    throw new CommandError(`${place}: must be a folder, is a file; move it away`, EXIT.couldNotLook);
  }
  try {
    makePrivateFolder(data);
    makePrivateFolder(certs);
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    const owner = existsSync(data) ? `, belongs to user id ${statSync(data).uid}` : "";
    throw new CommandError(
      `${place}: user id ${process.getuid?.()} can't read and write this folder${owner}; ` +
        `make it yours, for example: sudo chown -R "$(id -u)" ${relative(checkout.root, checkout.home)} && chmod 700 ${place}`,
      EXIT.couldNotLook,
    );
  }
}
