import type { PostgresServer } from "../../../config/postgres-server/schema.ts";

/** What a PostgreSQL keeps as long as it has its volumes. */
export interface MadePostgres {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Null is the cluster's default. */
  readonly storageClass: string | null;
}

const KEYS: readonly (keyof MadePostgres)[] = ["kind", "name", "namespace", "storageClass"];

export function madeOf({ kind, name, namespace, storageClass }: PostgresServer): MadePostgres {
  return { kind, name, namespace, storageClass: storageClass ?? null };
}

/** Why the server that a stack has may not become the one it asks for; null where it may. */
export function postgresFault(was: Partial<MadePostgres>, now: MadePostgres, stack: string): string | null {
  const changed = KEYS.filter((key) => (was[key] ?? null) !== now[key]);
  if (changed.length === 0) return null;
  const shown = (of: Partial<MadePostgres>): string =>
    changed.map((key) => `${key} ${of[key] ?? "of the cluster's choice"}`).join(", ");
  const why = changed.every((key) => key === "storageClass")
    ? "a volume keeps the class it was made with"
    : "one with empty tables would take its place";
  const back = changed.map((key) => putBack(key, was[key] ?? null, stack)).join("; ");
  return `bucketworks:postgres asks for ${shown(now)}, and the stack's PostgreSQL was made with ${shown(was)}: ${why}; put it back: ${back} (for another server dump and restore the data: docs/postgres.md#another-server)`;
}

function putBack(key: string, value: string | null, stack: string): string {
  const path = `--path --stack ${stack} bucketworks:postgres.${key}`;
  return value === null ? `pulumi config rm ${path}` : `pulumi config set ${path} ${value}`;
}
