import { renameSync, writeFileSync } from "node:fs";
import { KEY_MADE } from "../../builders/monitoring/alerts/keys.ts";
import type { AccountKey } from "./look.ts";

type Made = Pick<AccountKey, "name" | "platform" | "resource">;

/** When each key was made, as node_exporter reads text files; one of which nobody knows it isn't there. Pure. */
export function keyMetrics(accounts: readonly Made[], stack: string): string {
  const lines = accounts.flatMap(({ name, platform, resource }) => {
    if (resource?.made === undefined) return [];
    const labels = Object.entries({ platform, account: name, stack }).map(
      ([key, value]) => `${key}="${quoted(value)}"`,
    );
    return [`${KEY_MADE}{${labels.join(",")}} ${resource.made.getTime() / 1000}\n`];
  });
  return [`# HELP ${KEY_MADE} When the key of a service account was made.\n# TYPE ${KEY_MADE} gauge\n`, ...lines].join(
    "",
  );
}

/** Written beside its place first: node_exporter never reads half of it. It holds no secret, and others read it. */
export function writeKeyMetrics(file: string, accounts: readonly Made[], stack: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, keyMetrics(accounts, stack), { mode: 0o644 });
  renameSync(draft, file);
}

function quoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
