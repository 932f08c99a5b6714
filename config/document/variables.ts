import type { Fault } from "../issues.ts";
import { credentialFix, isSecret, kindOf, shown } from "../schema/values.ts";
import type { Entry, MapNode, Node, Path, ScalarNode } from "./source-tree.ts";

/** Environment variables, given by the caller. */
export type Env = Readonly<Record<string, string | undefined>>;

const VARIABLE = /\$\{([^}]*)\}?/g;
const FORM = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Replaces `${VAR}` and `${VAR:-default}` in the scalars of `minio_config`, in the base document and in overlays.
 * As in a shell, an empty variable takes the default. Elsewhere `${` is a fault: a spec is the same text everywhere.
 */
export function expandVariables(root: Node, env: Env): { root: Node; faults: readonly Fault[] } {
  const faults: Fault[] = [];
  return { root: expandNode(root, env, faults), faults };
}

function expandNode(node: Node, env: Env, faults: Fault[]): Node {
  if (node.kind === "map") return expandMap(node, env, faults);
  if (node.kind === "list") return { ...node, items: node.items.map((item) => expandNode(item, env, faults)) };
  if (node.kind !== "scalar" || typeof node.value !== "string" || !node.value.includes("${")) return node;
  if (isWordOfServer(node.place.path)) return node;
  if (mayHoldVariables(node.place.path)) return expandScalar(node, node.value, env, faults);
  faults.push({
    code: "variable-not-here",
    path: node.place.path,
    message: `variables work in minio_config only, got ${shownValue(node)}`,
    fix: isSecret(node.place.path) ? credentialFix : variableFix(node.value),
  });
  return { kind: "faulty", place: node.place };
}

function shownValue(node: ScalarNode): string {
  return isSecret(node.place.path) ? kindOf(node) : shown(node);
}

/** `${aws:username}` is the server's own: a grant can't depend on who asks. */
function variableFix(text: string): string {
  if (/\$\{(?:aws|jwt|ldap|s3):/.test(text)) return "write a policy for each identity; grants know no policy variables";
  return "write the value, or give it per stage in environments";
}

function expandMap(node: MapNode, env: Env, faults: Fault[]): MapNode {
  const entries = new Map<string, Entry>();
  for (const [name, entry] of node.entries) {
    if (name.includes("${")) {
      const message = "variables work in the values of minio_config only";
      faults.push({ code: "variable-not-here", path: entry.key.path, onKey: true, message, fix: "write the key out" });
      continue;
    }
    entries.set(name, { ...entry, node: expandNode(entry.node, env, faults) });
  }
  return { ...node, entries };
}

function expandScalar(node: ScalarNode, text: string, env: Env, faults: Fault[]): Node {
  const variables: string[] = [];
  let broken = false;
  const value = text.replaceAll(VARIABLE, (whole, inside: string) => {
    const form = whole.endsWith("}") ? FORM.exec(inside) : null;
    const name = form?.[1];
    const fallback = form?.[2];
    if (name === undefined || fallback?.includes("${")) {
      broken = true;
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the form a spec is written in
      const fix = "write ${VAR} or ${VAR:-default}, a default without }";
      faults.push({ code: "variable-syntax", path: node.place.path, message: "a variable here is malformed", fix });
      return "";
    }
    variables.push(name);
    const given = Object.hasOwn(env, name) ? env[name] : undefined;
    if (fallback !== undefined) return given === undefined || given === "" ? fallback : given;
    if (given !== undefined) return given;
    broken = true;
    const message = `variable ${name} is not set and has no default`;
    faults.push({
      code: "variable-not-set",
      path: node.place.path,
      message,
      fix: `set ${name}, or write \${${name}:-default}`,
    });
    return "";
  });
  if (broken) return { kind: "faulty", place: node.place };
  // `secure: ${MINIO_SECURE:-false}` is the one value that is not text
  const isSwitch = node.place.path.at(-1) === "secure" && (value === "true" || value === "false");
  return { ...node, value: isSwitch ? value === "true" : value, variables };
}

function mayHoldVariables(path: Path): boolean {
  return path[0] === "minio_config" || (path[0] === "environments" && path[2] === "minio_config");
}

/** What `unmanaged` quotes of a server: `${aws:username}` of a policy, for example. */
function isWordOfServer(path: Path): boolean {
  return path[0] === "unmanaged" || (path[0] === "environments" && path[2] === "unmanaged");
}
