import type { IdentityFinding } from "./verify-identities.ts";

/** One line a person understands: `ada: list raw-data is allowed, should be refused`. */
export function identityLine({ identity, operation, bucket, key, expected, actual }: IdentityFinding): string {
  if (operation === "act for a user") return `${identity}: ${actual}`;
  if (bucket === null && expected === "allowed") return `${identity}: can't ${operation}: ${actual}`;
  const place = key ? `${bucket}/${key}` : bucket;
  const deed = operation.endsWith("version") ? `${operation} of` : operation;
  return `${identity}: ${deed}${place === null ? "" : ` ${place}`} is ${actual}, should be ${expected}`;
}
