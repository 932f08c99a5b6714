import type { PolicyDocument } from "../provider/bucket-types.ts";

/** An allowing statement of a policy document; what is absent there is an empty list. */
export interface Allowance {
  readonly actions: readonly string[];
  /** Everything but these. */
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  /** Everything but these. */
  readonly notResources: readonly string[];
}

export function allowances({ Statement }: PolicyDocument): Allowance[] {
  return Statement.filter(({ Effect }) => Effect === "Allow").map((statement) => ({
    actions: list(statement.Action),
    notActions: list(statement.NotAction),
    resources: list(statement.Resource),
    notResources: list(statement.NotResource),
  }));
}

/** `arn:aws:s3:::bucket/prefix*` -> `bucket/prefix*`; any other text stays as it is. */
export function placeOf(resource: string): string {
  return resource.replace(/^arn:aws:s3:::/, "");
}

function list(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
