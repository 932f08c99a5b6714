import type { Added } from "../../config/minio-server/configuration.ts";
import { KNOBS } from "../../config/minio-server/knobs.ts";
import type { Severity } from "../finding.ts";
import { origins } from "./configuration-meaning.ts";

/** What tunes a server and changes no right, and where nothing is lost. */
const TUNING: ReadonlySet<string> = new Set(Object.values(KNOBS).map(({ at }) => at.join(".")));

interface Risk {
  readonly severity: Severity;
  /** What it does where it is on. */
  readonly effect: string;
}

/** By the first word of their names. */
const RISKS: Readonly<Record<string, Risk>> = {
  policy: { severity: "critical", effect: "it decides who may do what, whatever the policies say" },
  identity: { severity: "high", effect: "it lets in who is in no spec" },
  etcd: { severity: "high", effect: "identities lie there, not on the server" },
  audit: { severity: "high", effect: "it is told of every request" },
  logger: { severity: "high", effect: "it is told what the server logs" },
  notify: { severity: "medium", effect: "buckets may tell it of objects" },
  lambda: { severity: "medium", effect: "objects may go through it on their way to a client" },
  callhome: { severity: "medium", effect: "the server reports about itself to its maker" },
};

/** Of something that is on and that nobody declared. */
export function risk(kind: Added): Risk {
  return RISKS[kind.split("_", 1)[0] ?? ""] as Risk;
}

/** Of a setting that isn't as declared. */
export function changedRisk(name: string, key: string, expected: string, actual: string): Severity {
  switch (`${name}.${key}`) {
    case "api.cors_allow_origin":
      return isWider(expected, actual) ? "high" : "medium";
    case "api.root_access":
      return actual === "on" ? "high" : "medium";
    case "scanner.speed":
    case "compression.enable":
      return "low";
  }
  if (TUNING.has(`${name}.${key}`)) return "low";
  if (name === "storage_class") return "high";
  return RISKS[name.split("_", 1)[0] ?? ""]?.severity ?? "medium";
}

function isWider(expected: string, actual: string): boolean {
  const allowed = new Set(origins(expected));
  return !allowed.has("*") && origins(actual).some((origin) => !allowed.has(origin));
}
