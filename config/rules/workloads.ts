import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { WorkloadSpec } from "../schema/workload.ts";
import { backupName, drillName } from "../values/backup-names.ts";
import { nearest } from "../values/nearest.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";
import { KUBERNETES_NAME, LONGEST_NAME, workloadValueFaults } from "./workload-values.ts";
import { variableFaults } from "./workload-variables.ts";

type Key = keyof WorkloadSpec;
/** What a workload without steps and each step have alike. */
type Program = Pick<WorkloadSpec, "service_account" | "database_role">;
const OF_KIND: Readonly<Record<WorkloadSpec["kind"], readonly Key[]>> = {
  job: ["steps", "gates", "deadline", "retries"],
  scheduled_job: ["steps", "schedule", "time_zone", "deadline", "retries"],
  service: ["port", "health", "replicas"],
};
const NEEDED: Readonly<Partial<Record<WorkloadSpec["kind"], Key>>> = { scheduled_job: "schedule", service: "port" };

/** Names, keys and texts of each workload as Kubernetes takes them. */
export const workloads: DocumentRule = (view) =>
  Object.entries(view.spec.workloads ?? {}).flatMap(([name, spec]) => {
    const path = ["workloads", name];
    return [
      ...nameFaults(name, path),
      ...kindFaults(view, spec, path),
      ...workloadValueFaults(spec, path),
      ...variableFaults(spec.variables, path, [spec, ...(spec.steps ?? [])]),
      ...accountFaults(view, spec, path),
      ...roleFaults(view, spec, path),
      ...stepFaults(view, spec, path),
    ];
  });

/** All workloads and ConfigMaps of a stack lie in one namespace. */
export const uniqueWorkloads: StackRule = (views) => {
  const issues: SpecIssue[] = [];
  const first = new Map<string, { view: View; path: Path; onKey: boolean }>();
  const see = (key: string, said: string, at: { view: View; path: Path; onKey: boolean }): void => {
    const before = first.get(key);
    if (before === undefined) first.set(key, at);
    else if (at.onKey || before.view !== at.view) {
      const message = `${said} stands at ${placeName(before.view, before.path, before.onKey)} already`;
      const fault: Fault = {
        code: "duplicate-name",
        path: at.path,
        onKey: at.onKey,
        message,
        fix: "rename one of the two",
      };
      issues.push(placeFault(fault, at.view.document, at.view.stage, at.view.root));
    }
  };
  for (const view of views) {
    const generated = (name: string, path: Path) => {
      see(`workload ${name}`, `workload ${shownText(name)}`, { view, path, onKey: true });
      see(`config ${name}`, `config ${shownText(name)}`, { view, path, onKey: true });
    };
    const { backup } = view.spec;
    if (backup !== undefined) generated(backupName(view.document.platform), ["backup"]);
    if (backup?.drill !== undefined) generated(drillName(view.document.platform), ["backup", "drill"]);
    for (const [name, { config }] of Object.entries(view.spec.workloads ?? {})) {
      see(`workload ${name}`, `workload ${shownText(name)}`, { view, path: ["workloads", name], onKey: true });
      if (config === undefined) continue;
      see(`config ${config}`, `config ${shownText(config)}`, {
        view,
        path: ["workloads", name, "config"],
        onKey: false,
      });
    }
  }
  return issues;
};

function nameFaults(name: string, path: Path): Fault[] {
  return isName(name) ? [] : [{ code: "workload-name", path, onKey: true, ...badName("workload", name) }];
}

function kindFaults(view: View, spec: WorkloadSpec, path: Path): Fault[] {
  const own = OF_KIND[spec.kind];
  const foreign = Object.values(OF_KIND)
    .flat()
    .filter((key, index, all) => !own.includes(key) && spec[key] !== undefined && all.indexOf(key) === index);
  const needed = NEEDED[spec.kind];
  const lacks = needed !== undefined && spec[needed] === undefined && view.isKnown([...path, needed]) ? [needed] : [];
  return [
    ...foreign.map((key): Fault => {
      const kinds = Object.entries(OF_KIND).flatMap(([kind, keys]) => (keys.includes(key) ? [kind] : []));
      const message = `${key} belongs to ${kinds.join(" and ")}, this is a ${spec.kind}`;
      return { code: "workload-key", path: [...path, key], message, fix: `remove ${key}, or change kind` };
    }),
    ...lacks.map((key): Fault => {
      const message = `a ${spec.kind} needs ${key}`;
      return { code: "missing-key", path, onKey: true, message, fix: `add ${key}` };
    }),
  ];
}

/** What each step says for itself. */
const OF_STEPS = ["command", "arguments", "service_account", "database_role"] as const;

function stepFaults(view: View, spec: WorkloadSpec, path: Path): Fault[] {
  const { steps } = spec;
  if (steps === undefined) return [];
  const idle = OF_STEPS.filter((key) => spec[key] !== undefined).map((key): Fault => {
    const message = `${key} is each step's own where a workload has steps`;
    return { code: "workload-key", path: [...path, key], message, fix: "move it into the steps that need it" };
  });
  const each = steps.flatMap((step, index) => {
    const at = [...path, "steps", index];
    const isSecond = steps.findIndex(({ name }) => name === step.name) < index;
    return [
      ...stepNameFaults(step.name, isSecond, [...at, "name"]),
      ...variableFaults(step.variables, at, [step]),
      ...accountFaults(view, step, at),
      ...roleFaults(view, step, at),
    ];
  });
  return [...idle, ...each];
}

function stepNameFaults(name: string, isSecond: boolean, path: Path): Fault[] {
  if (isSecond) {
    const message = `step ${shownText(name)} stands twice in this workload`;
    return [{ code: "duplicate-name", path, message, fix: "rename one of the two" }];
  }
  return isName(name) ? [] : [{ code: "workload-name", path, ...badName("step", name) }];
}

function isName(name: string): boolean {
  return KUBERNETES_NAME.test(name) && name.length <= LONGEST_NAME;
}

function badName(what: string, name: string): Pick<Fault, "message" | "fix"> {
  const message = `${what} ${shownText(name)} must hold lower-case letters, digits and dashes, and ${LONGEST_NAME} characters at most`;
  return { message, fix: "rename it" };
}

export function roleFaults(view: View, spec: Pick<Program, "database_role">, path: Path): Fault[] {
  const name = spec.database_role;
  const there = Object.keys(view.spec.database?.roles ?? {});
  if (name === undefined || there.includes(name) || !view.isKnown(["database", "roles", name])) return [];
  const message = `this file has no database role ${shownText(name)}`;
  const near = nearest(name, there);
  const fix = near === null ? "add it to database.roles, or fix the name" : `did you mean ${near}?`;
  return [{ code: "dangling-reference", path: [...path, "database_role"], message, fix }];
}

/** The service account that a program is to have stands in the same file. */
export function accountFaults(view: View, spec: Program, path: Path): Fault[] {
  const name = spec.service_account;
  const there = Object.keys(view.spec.access?.service_accounts ?? {});
  if (name === undefined || there.includes(name) || !view.isKnown(["access", "service_accounts", name])) return [];
  const message = `this file has no service account ${shownText(name)}`;
  const near = nearest(name, there);
  const fix = near === null ? "add it to access.service_accounts, or fix the name" : `did you mean ${near}?`;
  return [{ code: "dangling-reference", path: [...path, "service_account"], message, fix }];
}
