import { relative } from "node:path";
import { counted, table } from "../print.ts";
import type { Checkout } from "./checkout.ts";
import { HOST, type Ports } from "./run-record.ts";

/** Buckets of the stack by platform, from its outputs. */
export function bucketsByPlatform(outputs: Readonly<Record<string, unknown>>): Map<string, string[]> {
  const buckets = (outputs.buckets ?? {}) as Readonly<Record<string, { readonly platform?: string }>>;
  const platforms = new Map<string, string[]>();
  for (const [name, { platform = "?" }] of Object.entries(buckets)) {
    platforms.set(platform, [...(platforms.get(platform) ?? []), name]);
  }
  return new Map([...platforms].sort(([a], [b]) => a.localeCompare(b)));
}

/** What a person needs after `up`: where it is, what is there, how to get in, what to do next. No secret is in it. */
export function summary(checkout: Checkout, ports: Ports, platforms: ReadonlyMap<string, readonly string[]>): string {
  const place = relative(checkout.root, checkout.minio.folder);
  const rows = [...platforms].map(([name, buckets]) => [name, counted(buckets.length, "bucket"), sample(buckets)]);
  return [
    "",
    `endpoint   http://${HOST}:${ports.api}`,
    `console    http://${HOST}:${ports.console}`,
    `log in as  root: user in ${place}/root-user, password in ${place}/root-password (for administration, not for programs)`,
    "",
    table([["platform", "buckets", ""], ...rows]),
    "",
    "look around     . toolchain/env.sh && mc ls dev",
    "a key to try    mc admin accesskey create dev/ --expiry-duration 24h   (acts as root; prints it once)",
    "change a spec   edit config/platforms/*.yaml, then pulumi preview, then make up",
    "stop            make down (data stays)",
  ].join("\n");
}

function sample(buckets: readonly string[]): string {
  const shown = [...buckets].sort().slice(0, 3).join(", ");
  return buckets.length > 3 ? `${shown}, ...` : shown;
}
