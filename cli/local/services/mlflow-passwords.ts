import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "../../checkout.ts";
import { makePrivateFolder, readText } from "../private-files.ts";
import { ensurePassword } from "./password.ts";

/** Folder of an MLflow's passwords, a file each, in the one of its instance. */
export const MLFLOW_LOGINS = "logins";
const ENDING = "-password";

/** The password of a login of an MLflow; one that nobody has yet is made, and stays. */
export function mlflowPassword(checkout: Checkout, instance: string, login: string): string {
  makePrivateFolder(join(checkout.services, instance, MLFLOW_LOGINS));
  ensurePassword(mlflowPasswordFile(checkout, instance, login));
  return keptMlflowPassword(checkout, instance, login) ?? "";
}

/** @returns undefined where this checkout has made none */
export function keptMlflowPassword(checkout: Checkout, instance: string, login: string): string | undefined {
  return readText(mlflowPasswordFile(checkout, instance, login));
}

/** A person who is taken away and comes back gets another one. */
export function forgetOtherLogins(folder: string, names: readonly string[]): void {
  const place = join(folder, MLFLOW_LOGINS);
  const kept = new Set(names.map((name) => name + ENDING));
  for (const file of existsSync(place) ? readdirSync(place) : []) if (!kept.has(file)) rmSync(join(place, file));
}

function mlflowPasswordFile({ services }: Checkout, instance: string, login: string): string {
  return join(services, instance, MLFLOW_LOGINS, login + ENDING);
}
