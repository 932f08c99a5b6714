import {
  type Added,
  addedKind,
  type DeclaredConfiguration,
  GENERAL,
  type General,
} from "../../config/minio-server/configuration.ts";
import { shellWord } from "../../config/text/shell.ts";
import type { LiveConfiguration, LiveConfigured } from "../../live/configuration.ts";
import type { Finding } from "../finding.ts";
import { DEFAULTS, isSame, TELLING } from "./configuration-meaning.ts";
import { changedRisk, risk } from "./configuration-risk.ts";
import { finding } from "./findings.ts";

const KIND = "server configuration" as const;
const DECLARE = "or declare it in bucketworks:server.config (docs/drift.md)";

/** What the server's own configuration has otherwise than declared; what nobody declared is MinIO's default. */
export function configurationFindings(declared: DeclaredConfiguration, live: LiveConfiguration): Finding[] {
  const general = (Object.keys(GENERAL) as General[]).flatMap((name) =>
    generalFindings(name, { ...GENERAL[name], ...declared[name] }, live.get(name)),
  );
  const others = Object.keys(declared).filter((name) => !Object.hasOwn(GENERAL, name) && addedKind(name) === undefined);
  const tuned = others.flatMap((name) => tunedFindings(name, declared[name] ?? {}, live.get(name)));
  const names = new Set([...live.keys(), ...Object.keys(declared)]);
  const added = [...names].sort().flatMap((name) => {
    const kind = addedKind(name);
    return kind === undefined ? [] : addedFindings(kind, name, declared[name], live.get(name));
  });
  return [...general, ...tuned, ...added];
}

function generalFindings(
  name: General,
  expected: Readonly<Record<string, string>>,
  held: LiveConfigured | undefined,
): Finding[] {
  // a server leaves out what it can't have, storage classes on one drive for example
  if (held === undefined) return [];
  // and `enable=on`
  const values: Readonly<Record<string, string>> =
    name === "compression" ? { enable: "on", ...held.values } : held.values;
  return Object.entries(expected).flatMap(([key, wanted]) => {
    const actual = values[key] ?? (GENERAL[name] as Readonly<Record<string, string>>)[key] ?? "";
    return isSame(key, wanted, actual) ? [] : [changed(name, key, wanted, actual, held)];
  });
}

/** Of what only tunes a server, the settings that the stack itself sets. */
function tunedFindings(
  name: string,
  expected: Readonly<Record<string, string>>,
  held: LiveConfigured | undefined,
): Finding[] {
  if (held === undefined) return [];
  return Object.entries(expected).flatMap(([key, wanted]) => {
    const actual = held.values[key] ?? "";
    return isSame(key, wanted, actual) ? [] : [changed(name, key, wanted, actual, held)];
  });
}

function addedFindings(
  kind: Added,
  name: string,
  expected: Readonly<Record<string, string>> | undefined,
  held: LiveConfigured | undefined,
): Finding[] {
  if (held?.on) return expected === undefined ? [unmanaged(kind, name, held)] : differing(name, expected, held);
  return expected === undefined || expected.enable === "off" ? [] : [missing(kind, name, expected)];
}

function unmanaged(kind: Added, name: string, held: LiveConfigured): Finding {
  const set = Object.entries(held.values).filter(([key, value]) => isTold(key, value));
  const actual = Object.fromEntries(set);
  const shown = set.map(([key, value]) => `${key} ${value}`).join(", ");
  const variables = kind === "identity_tls" ? ["MINIO_IDENTITY_TLS_ENABLE"] : Object.values(held.variables);
  // what a variable decides, no command can change
  const away =
    variables.length === 0
      ? command(name, `reset ALIAS ${shellWord(name)}`)
      : `where the server is started, take away ${variables.join(", ")} and start it again`;
  const { severity, effect } = risk(kind);
  const message = `is on${shown && ` (${shown})`}: ${effect}; ${away}, ${DECLARE}`;
  return finding("unmanaged", { kind: KIND, name }, { severity, platform: null, actual, message });
}

function missing(kind: Added, name: string, expected: Readonly<Record<string, string>>): Finding {
  const settings = Object.entries(expected).map(([key, value]) => shellWord(`${key}=${value}`));
  const set = command(name, ["set ALIAS", shellWord(name), ...settings].join(" "));
  const message = `is declared in bucketworks:server.config, and is off or not there; ${set}, with its secrets, or take it out of the stack's settings`;
  // nobody asks any more whether somebody may
  const severity = kind.startsWith("policy") ? "high" : "medium";
  return finding("missing", { kind: KIND, name }, { severity, platform: null, expected: "on", actual: "off", message });
}

/** What is declared is compared; of the rest, what says where it leads and whom it lets in: it has to be declared. */
function differing(name: string, expected: Readonly<Record<string, string>>, held: LiveConfigured): Finding[] {
  const wanted = { ...expected };
  for (const [key, value] of Object.entries(held.values)) {
    if (isTold(key, value)) wanted[key] ??= DEFAULTS[key] ?? "";
  }
  return Object.entries(wanted).flatMap(([key, value]) => {
    const actual = key === "enable" ? "on" : (held.values[key] ?? "");
    return isSame(key, value, actual) ? [] : [changed(name, key, value, actual, held)];
  });
}

function changed(name: string, key: string, expected: string, actual: string, held: LiveConfigured): Finding {
  const variable = held.variables[key];
  const assigned = (to: string) => shellWord(`${to}=${expected}`);
  const back =
    variable === undefined
      ? command(name, `set ALIAS ${shellWord(name)} ${assigned(key)}`)
      : `where the server is started, set ${assigned(variable)} and start it again`;
  const message = `${key}: expected ${JSON.stringify(expected)}, is ${JSON.stringify(actual)}; ${back}, ${DECLARE}`;
  const severity = changedRisk(name, key, expected, actual);
  return finding("changed", { kind: KIND, name }, { severity, platform: null, path: key, expected, actual, message });
}

function isTold(key: string, value: string): boolean {
  return TELLING.test(key) && value !== (DEFAULTS[key] ?? "");
}

function command(name: string, words: string): string {
  return `mc admin config ${words}${AT_ONCE.test(name) ? "" : ", then mc admin service restart ALIAS"}`;
}

/** What the server takes on without a restart. */
const AT_ONCE = /^(api|scanner|compression|storage_class|callhome|(logger|audit)_.*)$/;
