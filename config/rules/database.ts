import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { databaseNameFault, historyTable, LONGEST_NAME, roleKeyFault, roleName } from "../values/database-names.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";

/** Names of the database and its roles as PostgreSQL keeps them, none that it has already. */
export const databaseNames: DocumentRule = ({ spec, document }) => {
  const { database } = spec;
  if (database === undefined) return [];
  const nameFault = databaseNameFault(database.name);
  const faults: Fault[] = Object.keys(database.roles).flatMap((key) => {
    const wrong = roleKeyFault(document.platform, key);
    if (wrong === null) return [];
    const message = `role ${shownText(key)} ${wrong}`;
    return [{ code: "database-name", path: ["database", "roles", key], onKey: true, message, fix: "rename the role" }];
  });
  if (nameFault === null) return faults;
  const message = `database ${shownText(database.name)} ${nameFault}`;
  const better = database.name.toLowerCase().replaceAll(/[^a-z0-9_]+/g, "_");
  const fix = databaseNameFault(better) === null ? `write ${shownText(better)}` : "choose another name";
  return [{ code: "database-name", path: ["database", "name"], message, fix }, ...faults];
};

/** A role is one on the server, whatever file it stands in: `a-b` and `c`, `a` and `b-c` make the same name. */
export const uniqueRoles: StackRule = (views) => {
  const first = new Map<string, { view: View; path: Path }>();
  const issues: SpecIssue[] = [];
  for (const view of views) {
    for (const key of Object.keys(view.spec.database?.roles ?? {})) {
      const name = roleName(view.document.platform, key);
      const path = ["database", "roles", key];
      const before = first.get(name);
      if (before === undefined) {
        first.set(name, { view, path });
        continue;
      }
      const message = `role ${name} of the database server stands at ${placeName(before.view, before.path, true)} already`;
      const fault: Fault = {
        code: "duplicate-name",
        path,
        onKey: true,
        message,
        fix: "give one of the two another key",
      };
      issues.push(placeFault(fault, view.document, view.stage, view.root));
    }
  }
  return issues;
};

/** Two platforms of one database need a table each for what was applied: PostgreSQL cuts its name off. */
export const uniqueHistories: StackRule = (views) => {
  const first = new Map<string, View>();
  const issues: SpecIssue[] = [];
  for (const view of views) {
    const { spec, document, stage, root } = view;
    if (spec.database === undefined) continue;
    const path = ["database", "name"];
    const table = historyTable(document.platform).slice(0, LONGEST_NAME);
    const place = `${spec.database.name} ${table}`;
    const before = first.get(place);
    if (before === undefined) {
      first.set(place, view);
      continue;
    }
    const message = `platform ${document.platform} would share its history of migrations, bucketworks.${table}, with ${before.document.platform} (${placeName(before, path)})`;
    const fix = "rename the newer of the two files, or give it another database";
    issues.push(placeFault({ code: "duplicate-name", path, message, fix }, document, stage, root));
  }
  return issues;
};
