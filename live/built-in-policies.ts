import type { PolicyDocument } from "../provider/bucket-types.ts";
import { sameRights } from "./covering.ts";

const s3 = (...actions: string[]) => ({ Effect: "Allow", Action: actions, Resource: ["arn:aws:s3:::*"] });
const admin = { Effect: "Allow", Action: ["admin:*"] };
const kms = { Effect: "Allow", Action: ["kms:*"] };
const DIAGNOSTICS = [
  "admin:BandwidthMonitor",
  "admin:ConsoleLog",
  "admin:OBDInfo",
  "admin:Profiling",
  "admin:Prometheus",
  "admin:ServerInfo",
  "admin:ServerTrace",
  "admin:TopLocksInfo",
];

/**
 * The policies MinIO comes with; `consoleAdmin` also as it was before it had `kms:*`.
 * @see https://github.com/minio/pkg/blob/main/policy/constants.go
 */
const BUILT_IN: Readonly<Record<string, readonly (readonly Record<string, unknown>[])[]>> = {
  consoleAdmin: [
    [admin, kms, s3("s3:*")],
    [admin, s3("s3:*")],
  ],
  diagnostics: [[s3(...DIAGNOSTICS)]],
  readonly: [[s3("s3:GetBucketLocation", "s3:GetObject")]],
  readwrite: [[s3("s3:*")]],
  writeonly: [[s3("s3:PutObject")]],
};

export const BUILT_IN_NAMES: readonly string[] = Object.keys(BUILT_IN);

export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(BUILT_IN, name);
}

/** The document that MinIO gives the policy: the form with the same rights, else the newest. */
export function builtIn(name: string, actual: PolicyDocument): PolicyDocument {
  const forms = (BUILT_IN[name] ?? []).map((Statement) => ({ Version: "2012-10-17", Statement: [...Statement] }));
  const same = forms.find((form) => sameRights(form, actual));
  return same ?? forms[0] ?? actual;
}
