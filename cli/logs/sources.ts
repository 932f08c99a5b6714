import { type Dirent, existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Checkout } from "../checkout.ts";
import type { Source } from "./entry.ts";

/** A log of a checkout, and whose it is. */
export interface LogSource extends Source {
  readonly path: string;
}

/**
 * The logs of a checkout: of its servers, its services, its data programs and of what its commands changed.
 * @param platforms names: a service's name that begins with one is that platform's
 */
export function logSources(checkout: Checkout, platforms: readonly string[]): LogSource[] {
  const services = namesIn(checkout.services, (each) => each.isDirectory()).map((name) =>
    join(checkout.services, name, `${name}.log`),
  );
  const programs = namesIn(checkout.logs, (each) => each.isFile() && each.name.endsWith(".log")).map((name) =>
    join(checkout.logs, name),
  );
  return [checkout.minio.log, checkout.postgres.log, ...services, ...programs].map((path) => ({
    path,
    ...sourceOf(basename(path, ".log"), platforms),
  }));
}

function sourceOf(name: string, platforms: readonly string[]): Source {
  const platform = platforms.find((each) => name.startsWith(`${each}-`));
  return platform === undefined
    ? { service: name, platform: "" }
    : { service: name.slice(platform.length + 1), platform };
}

function namesIn(folder: string, isMeant: (each: Dirent) => boolean): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(isMeant)
    .map(({ name }) => name)
    .sort();
}
