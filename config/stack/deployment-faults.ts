import { hasTls } from "../postgres-server/schema.ts";
import { DEFAULT_ACCESS_KEYS, DEFAULT_SECRET_KEYS, DEV_STAGE } from "../rules/stage.ts";
import { type Fix, type SettingFault, setCommand } from "./fault.ts";
import { registryFaults } from "./images.ts";
import { isKmsKey, kmsKeyIn, NEW_KMS_KEY } from "./kms-key.ts";
import { missingPasswords } from "./notification-secrets.ts";
import { randomKeyFault } from "./random-key.ts";
import type { SecretSetting, StackKey, StackSettings } from "./schema.ts";
import { type ServerSource, stackAddress } from "./server-choice.ts";

/**
 * Every reason not to deploy a stack of this stage. Takes settings whose secrets can be read; no fault shows one.
 * @param source where the stack's endpoint comes from
 */
export function deploymentFaults(settings: StackSettings, stage: string, source: ServerSource): SettingFault[] {
  return [
    ...(source === "stack" ? serverFaults(settings, stage) : []),
    ...registryFaults(settings),
    ...hopsworksFaults(settings),
    ...(stage === DEV_STAGE
      ? []
      : [
          ...plainStores("tiers", settings.tiers),
          ...plainStores("remotes", settings.remotes),
          ...plainStores("backupTargets", settings.backupTargets),
          ...plainTargets(settings),
        ]),
    ...(settings.target === "kubernetes" ? clusterFaults(settings, stage) : []),
  ];
}

/** Its key is for commands alone, and stays in the stack's file. */
function hopsworksFaults({ hopsworksKey: key, hopsworks }: StackSettings): SettingFault[] {
  if (key === undefined) return [];
  const set = setCommand("--secret bucketworks:hopsworksKey");
  if (!key.isEncrypted) {
    const message = "bucketworks:hopsworksKey stands in plaintext in the stack's file";
    return [fault("hopsworksKey", message, "make another one and set it encrypted: ", set)];
  }
  if (hopsworks !== undefined) return [];
  const message = "bucketworks:hopsworksKey is set, and no server that it is for";
  return [fault("hopsworksKey", message, "name it: ", setCommand("--path bucketworks:hopsworks.host HOST"))];
}

function fault(key: StackKey, message: string, ...fix: Fix): SettingFault {
  return { key, message, fix };
}

/** Of the server that the stack names and of the identity that deploys there. */
function serverFaults(settings: StackSettings, stage: string): SettingFault[] {
  const { rootUser, rootPassword, target } = settings;
  const { endpoint, secure } = stackAddress(settings);
  const [setUser, setPassword] = [
    setCommand("--secret bucketworks:rootUser"),
    setCommand("--secret bucketworks:rootPassword"),
  ];
  const faults: SettingFault[] = [];
  if (endpoint === undefined) {
    const why = stage === DEV_STAGE ? "" : `; stage ${stage} never uses the local server or minio_config`;
    const set = setCommand("bucketworks:endpoint HOST:PORT");
    faults.push(fault("endpoint", `the stack names no MinIO endpoint${why}`, "set it: ", set));
  }
  if (rootUser === undefined) {
    const message = "the stack has no user to deploy with";
    faults.push(fault("rootUser", message, "set the user, it is asked for and encrypted: ", setUser));
  } else if (!rootUser.isEncrypted) {
    const message =
      "bucketworks:rootUser is written in plaintext: vulnerable servers accept requests that carry a user name alone (docs/servers.md)";
    const more = " - and where others have read it, another user's";
    faults.push(fault("rootUser", message, "set it encrypted: ", setUser, more));
  }
  if (rootPassword === undefined) {
    const message = "the stack has no password to deploy with";
    faults.push(fault("rootPassword", message, "set it, it is asked for and encrypted: ", setPassword));
  } else if (!rootPassword.isEncrypted) {
    const message = "bucketworks:rootPassword is written in plaintext";
    faults.push(fault("rootPassword", message, "choose a new one and set it encrypted: ", setPassword));
  }
  if (stage === DEV_STAGE) return faults;
  if (!secure && target === "external") {
    const message = "bucketworks:secure is false: credentials and data would travel in plaintext, refused outside dev";
    faults.push(
      fault("secure", message, "give the server a certificate and say ", setCommand("bucketworks:secure true")),
    );
  }
  if (DEFAULT_ACCESS_KEYS.includes(rootUser?.text ?? "") || DEFAULT_SECRET_KEYS.includes(rootPassword?.text ?? "")) {
    const message = "rootUser or rootPassword of the stack is a well-known default, refused outside dev";
    faults.push(fault("rootUser", message, "give the server others, then ", setUser, " and ", setPassword));
  }
  return faults;
}

/** Of MinIO and PostgreSQL that the stack deploys. */
function clusterFaults(settings: StackSettings, stage: string): SettingFault[] {
  const { server, kmsKey, postgres, databaseKey, servicesKey, auditToken } = settings;
  const faults = [
    ...kmsKeyFaults(kmsKey, kmsKeyIn(server)),
    ...unfitKey("servicesKey", servicesKey),
    ...auditFaults(server, auditToken, stage),
    ...missingPasswords(settings.notificationTargets, settings.notificationSecrets),
  ];
  if (stage !== DEV_STAGE && server.tls.from === "none")
    faults.push(noTls("server", "credentials and data would travel in plaintext"));
  if (postgres === undefined) return faults;
  if (stage !== DEV_STAGE && !hasTls(postgres)) faults.push(noTls("postgres", "data would travel in plaintext"));
  return [...faults, ...databaseKeyFaults(databaseKey)];
}

/** Of other object stores, by their names. */
function plainStores(
  key: "tiers" | "remotes" | "backupTargets",
  stores: Readonly<Record<string, { readonly endpoint: string }>>,
): SettingFault[] {
  const plain = Object.keys(stores).filter((name) => stores[name]?.endpoint.startsWith("http:"));
  return plain.map((name) => {
    const place = `bucketworks:${key}.${name}.endpoint`;
    const message = `${place} is an http URL: keys and objects would travel in plaintext, refused outside dev`;
    return fault(
      key,
      message,
      "give the other store a certificate, then ",
      setCommand(`--path '${place}' https://HOST:PORT`),
    );
  });
}

function plainTargets({ notificationTargets }: StackSettings): SettingFault[] {
  return Object.entries(notificationTargets).flatMap(([name, target]) => {
    const key = target.type === "webhook" ? "endpoint" : "tls";
    const isPlain = target.type === "webhook" ? target.endpoint.startsWith("http:") : target.tls === "disable";
    if (!isPlain) return [];
    const place = `bucketworks:notificationTargets.${name}.${key}`;
    const what = target.type === "webhook" ? "is an http URL" : "is disable";
    const message = `${place} ${what}: secrets and names of objects would travel in plaintext, refused outside dev`;
    const set = setCommand(`--path '${place}' ${target.type === "webhook" ? "https://HOST/PATH" : "verify-full"}`);
    return [fault("notificationTargets", message, "give the receiver a certificate, then ", set)];
  });
}

function noTls(key: "server" | "postgres", danger: string): SettingFault {
  const [from, secret] = [`--path bucketworks:${key}.tls.from secret`, `--path bucketworks:${key}.tls.secret NAME`];
  const message = `bucketworks:${key}.tls is none: ${danger}, refused outside dev`;
  return fault(key, message, "give the server a certificate: ", setCommand(from), ", then ", setCommand(secret));
}

function kmsKeyFaults(key: SecretSetting | undefined, reading: string): SettingFault[] {
  const set = setCommand("--secret bucketworks:kmsKey");
  if (key?.text === undefined) {
    const back = `where an earlier server left volumes put its key back, their objects can be read with no other (while it runs: ${reading}), with `;
    return [
      fault(
        "kmsKey",
        "the stack has no key for the server's encryption",
        back,
        set,
        "; else make one: ",
        ...NEW_KMS_KEY,
      ),
    ];
  }
  if (!isKmsKey(key.text)) {
    const message = "bucketworks:kmsKey must be NAME:KEY, a name and base64 of exactly 32 random bytes";
    return [fault("kmsKey", message, "for a server that has never run make one: ", ...NEW_KMS_KEY)];
  }
  if (key.isEncrypted) return [];
  const message = "bucketworks:kmsKey stands in plaintext in the stack's file";
  const keep = `; else keep it, and encrypt it: ${reading} | `;
  return [fault("kmsKey", message, "for a server that has never run make another: ", ...NEW_KMS_KEY, keep, set)];
}

function auditFaults(
  { audit }: StackSettings["server"],
  token: SecretSetting | undefined,
  stage: string,
): SettingFault[] {
  if (token === undefined) return [];
  const set = setCommand("--secret bucketworks:auditToken");
  if (!token.isEncrypted)
    return [
      fault("auditToken", "bucketworks:auditToken stands in plaintext in the stack's file", "choose another: ", set),
    ];
  if (audit === undefined) {
    const message = "bucketworks:auditToken is set, and the server tells no webhook";
    return [fault("auditToken", message, "name it: ", setCommand("--path bucketworks:server.audit.url URL"))];
  }
  if (stage === DEV_STAGE || audit.url.startsWith("https:")) return [];
  const message =
    "bucketworks:server.audit.url is an http URL: the token would travel in plaintext, refused outside dev";
  return [fault("server", message, "set it: ", setCommand("--path bucketworks:server.audit.url https://HOST/PATH"))];
}

function databaseKeyFaults(key: SecretSetting | undefined): SettingFault[] {
  if (key?.text !== undefined) return unfitKey("databaseKey", key);
  return [
    fault(
      "databaseKey",
      "the stack has no key for the passwords of its databases",
      "set it: ",
      ...making("databaseKey"),
    ),
  ];
}

type PasswordsKey = "databaseKey" | "servicesKey";

/** What is wrong with a key that is there. */
function unfitKey(name: PasswordsKey, key: SecretSetting | undefined): SettingFault[] {
  if (key?.text === undefined) return [];
  const another = (message: string) => [
    fault(name, `bucketworks:${name} ${message}`, "make another: ", ...making(name)),
  ];
  if (!key.isEncrypted) return another("stands in plaintext in the stack's file");
  return randomKeyFault(key.text) === null ? [] : another("must be base64 of 32 random bytes or more");
}

function making(name: PasswordsKey): Fix {
  return ["head -c 32 /dev/urandom | base64 | ", setCommand(`--secret bucketworks:${name}`)];
}
