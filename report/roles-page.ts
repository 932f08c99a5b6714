import { databasePlan } from "../builders/postgres/database-plan.ts";
import type { Platform, ResolvedModel } from "../config/model.ts";
import { markdownCell } from "../config/text/markdown.ts";
import type { AccessEntry } from "./access-matrix.ts";

const HEAD = `# Who may do what

Written by \`make docs\` from the platform files, for the stage dev: who may do what in each bucket, database and service. Tests
compare the buckets with what a server says of all its users, groups, policies and service accounts, after each key was tried, and the
databases with what PostgreSQL says of its roles.

**Users** are people and programs with a key of their own; a **service account** is a key that acts for its user, and may do what both may. *All*
prefixes is the whole bucket. \`bucketworks report\` shows the same of any server. Rights on single tables are in
[postgres-reference.md](postgres-reference.md), roles in the spec in [spec.md](spec.md).
`;

/** The page of rights: per platform a table of buckets, of databases and of services. */
export function rolesPage(model: ResolvedModel, entries: readonly AccessEntry[]): string {
  const parts = model.platforms.map((platform) =>
    [
      `## ${platform.name}`,
      `### Buckets of ${platform.name}`,
      bucketTable(platform, entries),
      ...section(`### Databases of ${platform.name}`, databaseTable(platform, model)),
      ...section(`### Services of ${platform.name}`, serviceTable(platform)),
    ].join("\n\n"),
  );
  return `${[HEAD.trim(), ...parts].join("\n\n")}\n`;
}

function section(title: string, rows: string): string[] {
  return rows === "" ? [] : [title, rows];
}

/** Buckets in which somebody may do the same stand in one row. */
function bucketTable({ name, buckets, workloads, services }: Platform, entries: readonly AccessEntry[]): string {
  const own = new Set(buckets.map((bucket) => bucket.name));
  const together = new Map<string, { entry: AccessEntry; buckets: string[] }>();
  for (const entry of entries.filter(({ bucket }) => own.has(bucket))) {
    const key = JSON.stringify([entry.identity, entry.kind, entry.prefixes, entry.actions]);
    const row = together.get(key) ?? { entry, buckets: [] };
    together.set(key, { entry, buckets: [...row.buckets, entry.bucket] });
  }
  const users = usersOf({ name, workloads, services });
  const rows = [...together.values()].map(({ entry: { identity, kind, prefixes, actions }, buckets: where }) => [
    markdownCell(identity),
    kind.replaceAll("_", " "),
    where.sort().map(markdownCell).join(", "),
    prefixes.length === 0 ? "all" : prefixes.map(markdownCell).join(", "),
    actions.join(", "),
    (users.get(`key ${identity}`) ?? []).join(", "),
  ]);
  return table(["identity", "kind", "buckets", "prefixes", "may", "used by"], rows.sort(byText));
}

function databaseTable(platform: Platform, model: ResolvedModel): string {
  const users = usersOf(platform);
  const names = [platform.name, `${platform.name}-mlflow`];
  const rows = databasePlan(model).databases.flatMap(({ name: database, platforms }) =>
    platforms
      .filter(({ name }) => names.includes(name))
      .flatMap(({ roles }) =>
        roles.map(({ name, description }) => [
          markdownCell(name),
          markdownCell(database),
          markdownCell(description),
          (users.get(`role ${name}`) ?? []).join(", "),
        ]),
      ),
  );
  return rows.length === 0 ? "" : table(["role", "database", "does", "used by"], rows.sort(byText));
}

/** Who comes in to services of the platform's own, and what they may. */
function serviceTable({ name, services: { mlflow, modelApi } }: Platform): string {
  const rows = [
    ...(mlflow === null ? [] : mlflowRows(`${name}-mlflow`, mlflow)),
    ...(modelApi === null
      ? []
      : [
          ["reader", "see which version is served"],
          ["predictor", "the same, and ask for predictions, send events and feedback"],
          ["admin", "the same, and have it look for another version"],
        ].map(([role = "", may = ""]) => [
          markdownCell(`${name}-model-api`),
          `token with the role ${markdownCell(role)}`,
          may,
        ])),
  ];
  return rows.length === 0 ? "" : table(["service", "who", "may"], rows);
}

function mlflowRows(instance: string, { auth, logins }: NonNullable<Platform["services"]["mlflow"]>): string[][] {
  if (!auth) return [[markdownCell(instance), "whoever reaches it", "everything; it asks for no login"]];
  const named = Object.entries(logins).map(([login, role]) => [markdownCell(instance), markdownCell(login), role]);
  return [[markdownCell(instance), markdownCell("admin"), "everything"], ...named];
}

/** Programs by the key or the role that they are given. */
function usersOf({
  name,
  workloads,
  services: { mlflow, modelApi, logs },
}: Pick<Platform, "name" | "workloads" | "services">) {
  const users = new Map<string, string[]>();
  const add = (what: string, of: string | null | undefined, program: string): void => {
    if (of) users.set(`${what} ${of}`, [...(users.get(`${what} ${of}`) ?? []), markdownCell(program)]);
  };
  for (const workload of workloads)
    for (const { serviceAccount, databaseRole } of workload.steps) {
      add("key", serviceAccount, workload.name);
      add("role", databaseRole, workload.name);
    }
  add("key", mlflow?.serviceAccount, `${name}-mlflow`);
  add("role", mlflow?.role, `${name}-mlflow`);
  add("key", modelApi?.serviceAccount, `${name}-model-api`);
  add("key", logs?.audit?.serviceAccount, "logs");
  return new Map([...users].map(([key, programs]) => [key, [...new Set(programs)]]));
}

function byText(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [a.join(" "), b.join(" ")];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
