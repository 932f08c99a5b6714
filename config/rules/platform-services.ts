import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { isAsked, MLFLOW_ROLE, mlflowDatabase, modelApiReplicas } from "../resolve/services.ts";
import type { GrantSpec } from "../schema/access.ts";
import type { MlflowSpec, ModelApiSpec } from "../schema/platform-services.ts";
import type { ServicesSpec } from "../schema/services.ts";
import { shownText } from "../schema/values.ts";
import { databaseNameFault, roleKeyFault, roleName } from "../values/database-names.ts";
import { loginNameFault } from "../values/mlflow-logins.ts";
import { aliasFault, modelNameFault } from "../values/model-names.ts";
import { nearest } from "../values/nearest.ts";
import { quantityFault, quantityFix } from "../values/quantity.ts";
import { keyFault } from "./prefixes.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";
import { accountFaults } from "./workloads.ts";

type Role = GrantSpec["role"];
const READS: readonly Role[] = ["read", "read_write"];
const WRITES: readonly Role[] = ["write", "read_write"];
const BOTH: readonly Role[] = ["read_write"];

/** Services with a key of the platform: it exists and permits what they do. Their own values are what they can be. */
export const platformServices: DocumentRule = (view) => {
  const { mlflow, model_api: api, logs } = view.spec.services ?? {};
  const at = (...path: Path): Path => ["services", ...path];
  const faults: Fault[] = [];
  if (isAsked(mlflow)) {
    const { prefix = "" } = mlflow;
    const use = { account: mlflow.service_account, bucket: mlflow.bucket, prefix, roles: BOTH };
    faults.push(...bucketFaults(view, mlflow.bucket, at("mlflow", "bucket")), ...accessFaults(view, use, at("mlflow")));
    faults.push(...prefixFault(prefix), ...quantities(mlflow, at("mlflow")), ...databaseFaults(view));
    faults.push(...loginFaults(mlflow));
  }
  if (isAsked(api)) {
    const { min, max } = modelApiReplicas(api);
    faults.push(...quantities(api, at("model_api")), ...modelFaults(api));
    if (max < min) {
      const message = `max_replicas ${max} is less than min_replicas ${min}`;
      faults.push({ code: "service-value", path: at("model_api"), message, fix: "raise one or lower the other" });
    }
    if (isAsked(mlflow)) {
      const use = { account: api.service_account, bucket: mlflow.bucket, prefix: mlflow.prefix ?? "", roles: READS };
      faults.push(...accessFaults(view, use, at("model_api")));
    } else if (view.isKnown(at("mlflow"))) {
      const message = "model_api serves a model of this platform's mlflow, which the file doesn't ask for";
      const fix = "add mlflow to services, or remove model_api";
      faults.push({ code: "service-needs", path: at("model_api"), onKey: true, message, fix });
    }
  }
  if (isAsked(logs) && logs.audit !== undefined) {
    const { bucket, service_account: account } = logs.audit;
    faults.push(...bucketFaults(view, bucket, at("logs", "audit", "bucket")), ...lockFaults(view, bucket));
    faults.push(...accessFaults(view, { account, bucket, prefix: "", roles: WRITES }, at("logs", "audit")));
  }
  return faults;
};

function loginFaults({ auth, logins }: MlflowSpec): Fault[] {
  const path = ["services", "mlflow", "logins"];
  if (logins === undefined) return [];
  if (auth === false) {
    const message = "names who logs in, where auth: false lets everybody in";
    return [{ code: "service-needs", path, onKey: true, message, fix: "remove auth: false, or the logins" }];
  }
  return Object.keys(logins).flatMap((name): Fault[] => {
    const wrong = loginNameFault(name);
    if (wrong === null) return [];
    const message = `${shownText(name)} ${wrong.message}`;
    return [{ code: "service-value", path: [...path, name], onKey: true, message, fix: wrong.fix }];
  });
}

function modelFaults({ model, alias }: ModelApiSpec): Fault[] {
  const named = (key: string, value: string, wrong: ReturnType<typeof aliasFault>): Fault[] => {
    if (wrong === null) return [];
    const message = `${key} ${shownText(value)} ${wrong.message}`;
    return [{ code: "service-value", path: ["services", "model_api", key], message, fix: wrong.fix }];
  };
  const ofAlias = alias === undefined ? [] : named("alias", alias, aliasFault(alias));
  return [...named("model", model, modelNameFault(model)), ...ofAlias];
}

function prefixFault(prefix: string): Fault[] {
  if (prefix === "") return [];
  const path = ["services", "mlflow", "prefix"];
  const wrong = keyFault(prefix);
  if (wrong !== null)
    return [{ code: "prefix", path, message: `${shownText(prefix)} ${wrong.message}`, fix: wrong.fix }];
  if (prefix.endsWith("/")) return [];
  const message = `${shownText(prefix)} has no / at its end`;
  return [{ code: "prefix", path, message, fix: `write ${shownText(`${prefix}/`)}` }];
}

function quantities(spec: { readonly cpu?: string | undefined; readonly memory?: string | undefined }, path: Path) {
  return (["cpu", "memory"] as const).flatMap((kind): Fault[] => {
    const value = spec[kind];
    const wrong = value === undefined ? null : quantityFault(kind, value);
    if (wrong === null || value === undefined) return [];
    const message = `${kind} ${shownText(value)} ${wrong}`;
    return [{ code: "service-value", path: [...path, kind], message, fix: quantityFix(kind, value) }];
  });
}

export function bucketFaults(view: View, name: string, path: Path): Fault[] {
  const there = view.buckets.map(({ bucket }) => bucket.name);
  if (there.includes(name) || !view.hasAllBuckets) return [];
  const near = nearest(name, there);
  const fix = near === null ? "add it to bucket_groups, or fix the name" : `did you mean ${near}?`;
  return [{ code: "dangling-reference", path, message: `this file has no bucket ${shownText(name)}`, fix }];
}

/** Without object lock every user who may delete versions can take lines out of the trail. */
function lockFaults(view: View, name: string): Fault[] {
  const found = view.buckets.find(({ bucket }) => bucket.name === name);
  if (found === undefined || found.bucket.object_lock !== undefined) return [];
  if (!view.isKnown([...found.path, "object_lock"])) return [];
  const message = `bucket ${shownText(name)} has no object lock, so what is in the audit trail can be deleted`;
  const fix = "name a bucket with object_lock, which only a new bucket can have";
  return [{ code: "service-needs", path: ["services", "logs", "audit", "bucket"], message, fix }];
}

export interface Use {
  readonly account: string;
  readonly bucket: string;
  /** Below which it works; empty is the whole bucket. */
  readonly prefix: string;
  /** One of them will do. */
  readonly roles: readonly Role[];
}

/** The account exists, and one of its policies grants what the service does. */
export function accessFaults(view: View, { account, bucket, prefix, roles }: Use, path: Path): Fault[] {
  const dangling = accountFaults(view, { service_account: account }, path);
  const found = view.spec.access?.service_accounts?.[account];
  if (dangling.length > 0 || found === undefined || !view.isKnown(["access", "policies"])) return dangling;
  const policies = found.policies.map((key) => view.spec.access?.policies?.[key]);
  // One that isn't there, or has a fault of its own, is told already; so is a bucket.
  if (policies.includes(undefined) || !view.buckets.some((each) => each.bucket.name === bucket)) return [];
  const grants = policies.flatMap((policy) => policy?.grants ?? []);
  const covers = ({ prefixes = [] }: GrantSpec): boolean =>
    prefixes.length === 0 || (prefix !== "" && prefixes.some((each) => prefix.startsWith(each)));
  if (grants.some((grant) => roles.includes(grant.role) && grant.bucket === bucket && covers(grant))) return [];
  const place = prefix === "" ? bucket : `${bucket}/${prefix}`;
  const message = `service account ${account} has no grant of role ${roles.join(" or ")} on ${place}, which it works with`;
  const fix = `grant {role: ${roles[0]}, bucket: ${bucket}} to one of its policies, or name another account`;
  return [{ code: "service-access", path: [...path, "service_account"], message, fix }];
}

function databaseFaults({ spec, document }: View): Fault[] {
  const path = ["services", "mlflow"];
  const mlflow = spec.services?.mlflow;
  if (!isAsked(mlflow)) return [];
  const role = roleName(document.platform, MLFLOW_ROLE);
  const same = Object.keys(spec.database?.roles ?? {}).find((key) => roleName(document.platform, key) === role);
  if (same !== undefined) {
    const message = `role ${role} of the database server is that of MLflow, which this file asks for`;
    return [
      { code: "service-database", path: ["database", "roles", same], onKey: true, message, fix: "rename the role" },
    ];
  }
  const wrongRole = roleKeyFault(document.platform, MLFLOW_ROLE);
  if (wrongRole !== null) {
    const message = `its role on the database server ${wrongRole}`;
    return [{ code: "service-database", path, onKey: true, message, fix: "rename the file, which names the platform" }];
  }
  const name = mlflowDatabase(document.platform, mlflow);
  const wrong = databaseNameFault(name);
  if (wrong === null) return [];
  const at = mlflow.database === undefined ? path : [...path, "database"];
  const message = `database ${shownText(name)} ${wrong}`;
  return [{ code: "service-database", path: at, message, fix: "name another database" }];
}

/** On the database server MLflow's role is that of a platform with the name of its instance. */
function namesakeFaults(view: View, views: readonly View[]): SpecIssue[] {
  const name = `${view.document.platform}-mlflow`;
  if (!views.some(({ document }) => document.platform === name)) return [];
  const message = `MLflow of this platform is called ${name}, as another platform is`;
  const fault: Fault = {
    ...{ code: "service-database", path: ["services", "mlflow"], onKey: true, message },
    fix: `rename ${name}'s file, which names the platform`,
  };
  return [placeFault(fault, view.document, view.stage, view.root)];
}

interface Claim {
  readonly view: View;
  readonly path: Path;
  readonly ofMlflow: boolean;
}

/** MLflow makes and changes the tables of its database by itself: nobody else is in it. */
export const mlflowDatabases: StackRule = (views) => {
  const claims = new Map<string, Claim>();
  const issues: SpecIssue[] = [];
  const ofPlatforms = views.flatMap((view): [string, Claim][] => {
    const name = view.spec.database?.name;
    return name === undefined ? [] : [[name, { view, path: ["database", "name"], ofMlflow: false }]];
  });
  const ofMlflow = views.flatMap((view): [string, Claim][] => {
    const mlflow: ServicesSpec["mlflow"] = view.spec.services?.mlflow;
    if (!isAsked(mlflow)) return [];
    const path = ["services", "mlflow", ...(mlflow.database === undefined ? [] : ["database"])];
    return [[mlflowDatabase(view.document.platform, mlflow), { view, path, ofMlflow: true }]];
  });
  for (const [name, claim] of [...ofPlatforms, ...ofMlflow]) {
    const before = claims.get(name);
    if (before === undefined || !claim.ofMlflow) {
      claims.set(name, claim);
      continue;
    }
    const { view, path } = claim;
    const message = `database ${name} of MLflow is in use by ${before.view.document.platform} (${placeName(before.view, before.path)})`;
    const fault: Fault = { code: "service-database", path, message, fix: "give it a database of its own" };
    issues.push(placeFault(fault, view.document, view.stage, view.root));
  }
  return [...issues, ...ofMlflow.flatMap(([, { view }]) => namesakeFaults(view, views))];
};
