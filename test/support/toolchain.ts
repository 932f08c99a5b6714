import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout that is tested. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Path of a program of the toolchain. @throws when `make toolchain` hasn't run */
export function tool(name: "node" | "pulumi" | "minio" | "mc"): string {
  const path = `${ROOT}.bucketworks/toolchain/bin/${name}`;
  if (!existsSync(path)) throw new Error(`${path} is missing: run make toolchain`);
  return path;
}
