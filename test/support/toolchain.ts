import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout that is tested. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Path of Prometheus's checker of rules. @throws when `make rule-checker` hasn't run */
export function ruleChecker(): string {
  const path = `${ROOT}.bucketworks/toolchain/promtool/promtool`;
  if (!existsSync(path)) throw new Error(`${path} is missing: run make rule-checker`);
  return path;
}

/** Path of what reads compose.yaml as Docker Compose does. @throws when `make compose-config` hasn't run */
export function composeConfig(): string {
  const path = `${ROOT}.bucketworks/toolchain/compose-config/compose-config`;
  if (!existsSync(path)) throw new Error(`${path} is missing: run make compose-config`);
  return path;
}

/** Path of a program of the toolchain. @throws when `make toolchain` hasn't run */
export function tool(name: "node" | "pulumi" | "minio" | "mc" | "uv"): string {
  const path = `${ROOT}.bucketworks/toolchain/bin/${name}`;
  if (!existsSync(path)) throw new Error(`${path} is missing: run make toolchain`);
  return path;
}
