import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { backupAccount, backupName, drillAccount, drillName } from "../values/backup-names.ts";
import type { StackRule } from "./rule.ts";
import { placeFault, standsAlready, type View } from "./stage-view.ts";

type Kind = "policy" | "group" | "user" | "service account";
const SECTIONS: readonly (readonly [Kind, "groups" | "users" | "service_accounts"])[] = [
  ["group", "groups"],
  ["user", "users"],
  ["service account", "service_accounts"],
];

/** A name on the server, and where it is written. */
export interface ServerName {
  readonly kind: Kind;
  readonly name: string;
  readonly path: Path;
  readonly onKey: boolean;
}

/** Every name of a document that the server will know. */
export function serverNames({ spec, document, isKnown }: View): ServerName[] {
  const names: ServerName[] = [];
  for (const [key, { name }] of Object.entries(spec.access?.policies ?? {})) {
    const path = ["access", "policies", key];
    const own = [...path, "name"];
    if (name !== undefined) names.push({ kind: "policy", name, path: own, onKey: false });
    else if (isKnown(own)) names.push({ kind: "policy", name: `${document.platform}-${key}`, path, onKey: true });
  }
  for (const [kind, section] of SECTIONS) {
    for (const name of Object.keys(spec.access?.[section] ?? {})) {
      names.push({ kind, name, path: ["access", section, name], onKey: true });
    }
  }
  const generated = (name: string, account: string, path: Path) => {
    const at = { path, onKey: true };
    names.push({ kind: "policy", name, ...at }, { kind: "user", name, ...at });
    names.push({ kind: "service account", name: account, ...at });
  };
  const { platform } = document;
  if (spec.backup !== undefined) generated(backupName(platform), backupAccount(platform), ["backup"]);
  if (spec.backup?.drill !== undefined) generated(drillName(platform), drillAccount(platform), ["backup", "drill"]);
  return names;
}

/** A name is one policy, group or identity on the server, whatever file it stands in. */
export const uniqueNames: StackRule = (views) => {
  const first = new Map<string, { view: View; at: ServerName }>();
  const issues: SpecIssue[] = [];
  for (const view of views) {
    for (const at of serverNames(view)) {
      const space = at.kind === "service account" ? "user" : at.kind;
      const key = `${space} ${at.name}`;
      const before = first.get(key);
      if (before === undefined) {
        first.set(key, { view, at });
        continue;
      }
      const already = standsAlready({ view: before.view, ...before.at }, { view, ...at });
      const shared =
        space === "user" ? " (users and service accounts share their names: outputs hold their keys by it)" : "";
      const message = `${at.kind} ${shownText(at.name)} ${already}${before.at.kind === at.kind ? "" : `, as a ${before.at.kind}`}${shared}`;
      const fault: Fault = { code: "duplicate-name", path: at.path, onKey: at.onKey, message, fix: uniqueFix(at) };
      issues.push(placeFault(fault, view.document, view.stage, view.root));
    }
  }
  return issues;
};

function uniqueFix({ kind, onKey }: ServerName): string {
  return kind === "policy" && onKey ? "give one of the two another key or name" : "rename one of the two";
}
