import { ADDED, addedKind, isSecret, withoutSecrets } from "../config/minio-server/configuration.ts";

/** The configuration that a server runs with, by `api` or `audit_webhook:siem`; without secrets. */
export type LiveConfiguration = ReadonlyMap<string, LiveConfigured>;

export interface LiveConfigured {
  /** False where it has no effect. */
  readonly on: boolean;
  readonly values: Readonly<Record<string, string>>;
  /** Names of the environment variables that decide in place of what is stored, by setting. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * MinIO's own text: a line for each of what is configured, `# ` before one that is off, and before it a line
 * `# MINIO_...=value` for each environment variable that decides.
 * @returns undefined for any other text
 */
export function configurationIn(text: string): LiveConfiguration | undefined {
  const found = new Map<string, LiveConfigured>();
  let environment: [string, string][] = [];
  for (const line of text.split("\n")) {
    const variable = /^# (MINIO_[^=]+)=(.*)$/.exec(line);
    const part = /^(# )?([a-z_]+)(:\S+)?(?: (.*))?$/.exec(line);
    if (variable) environment.push([variable[1] ?? "", variable[2] ?? ""]);
    else if (part) {
      const [, off, kind = "", target = "", settings = ""] = part;
      const stored = storedIn(settings);
      if (stored === undefined) return undefined;
      found.set(`${kind}${target}`, configured(kind, target, off === undefined, stored, environment));
      environment = [];
    } else if (line !== "") return undefined;
  }
  return found;
}

/** @returns undefined where one stands twice: a value that ends in a quote can look like the next setting */
function storedIn(settings: string): Readonly<Record<string, string>> | undefined {
  const pairs = [...settings.matchAll(/(\w+)=("(?:.*?)"(?=\s+\w+=|\s*$)|\S*)/g)];
  const stored = pairs.map(([, key = "", given = ""]) => [key, given.replace(/^"(.*)"$/s, "$1")] as const);
  const keys = stored.map(([key]) => key);
  // and where "enable" isn't the first, as MinIO writes it: one that is on is left out, and a value could say that it's off
  if (keys.indexOf("enable") > 0) return undefined;
  return new Set(keys).size === keys.length ? Object.fromEntries(stored) : undefined;
}

function configured(
  kind: string,
  target: string,
  isPlain: boolean,
  stored: Readonly<Record<string, string>>,
  environment: readonly (readonly [string, string])[],
): LiveConfigured {
  const deciding = environment.map(([name, given]) => {
    const key = name.slice(`MINIO_${kind}_`.length, target === "" ? undefined : -target.length).toLowerCase();
    return { key, name, given };
  });
  const values = { ...stored, ...Object.fromEntries(deciding.map(({ key, given }) => [key, given])) };
  const shown = Object.entries(values).filter(([key]) => !isSecret(key));
  return {
    on: isOn(kind, values, isPlain),
    values: Object.fromEntries(shown.map(([key, given]) => [key, withoutSecrets(given)])),
    variables: Object.fromEntries(deciding.map(({ key, name }) => [key, name])),
  };
}

/** The server leaves `enable=on` out, and marks as off what only the environment turns on. */
function isOn(kind: string, values: Readonly<Record<string, string>>, isPlain: boolean): boolean {
  const added = addedKind(kind);
  const decides = added === undefined ? undefined : ADDED[added];
  if (decides === undefined) return isPlain;
  const isOff = /^(off|false|f|0|disabled?)$/i.test(values.enable ?? "on");
  return !isOff && (decides === "enable" || Boolean(values[decides]));
}
