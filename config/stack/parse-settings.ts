import { alertsFaults } from "./alerts.ts";
import { removeCommand, type SettingFault, setCommand } from "./fault.ts";
import { bothImages } from "./images.ts";
import { BACKUP_TARGET_KEYS, credentialFaults, REMOTE_KEYS, TIER_KEYS } from "./named-credentials.ts";
import { notificationFaults } from "./notification-secrets.ts";
import { SECRET_KEYS, StackConfig, type StackSettings } from "./schema.ts";
import { shapeFaults, shapeWords } from "./shape-faults.ts";

/** One setting as its source has it: text of Pulumi's configuration, or a value of a stack's file. */
export interface RawSetting {
  /** Undefined where only the holder of the passphrase can read it. */
  readonly value: unknown;
  readonly isEncrypted: boolean;
}

export interface ParsedStackSettings {
  /** A key with a fault is as one that isn't set. */
  readonly settings: StackSettings;
  /** Every fault; where there is one, the settings are for finding more of them only. */
  readonly faults: readonly SettingFault[];
}

/**
 * Reads `bucketworks:*` of a stack, by key without the namespace. The program and the commands use it alike.
 * Whether a stack may be deployed is judged by `deploymentFaults`.
 */
export function parseStackSettings(raw: Readonly<Record<string, RawSetting>>): ParsedStackSettings {
  const encrypted = Object.keys(raw).filter((key) => raw[key]?.isEncrypted && key in StackConfig.shape);
  const faults = encrypted.filter((key) => !SECRET_KEYS.has(key)).map(encryptedFault);
  const values: Record<string, unknown> = {};
  // each key is there: an unsaid one has its default
  for (const key of new Set([...Object.keys(StackConfig.shape), ...Object.keys(raw)]))
    values[key] = givenValue(key, raw);
  for (const { key } of faults) values[key] = undefined;
  const parsed = StackConfig.safeParse(values, { error: shapeWords, reportInput: true });
  if (parsed.success) return withRules(parsed.data, values, faults);
  faults.push(...parsed.error.issues.flatMap(shapeFaults));
  const wrong = new Set(faults.map(({ key }) => key));
  const right = Object.keys(StackConfig.shape).map((key) => [key, wrong.has(key) ? undefined : values[key]]);
  return withRules(StackConfig.parse(Object.fromEntries(right)), values, faults);
}

function withRules(
  settings: StackSettings,
  values: Readonly<Record<string, unknown>>,
  faults: readonly SettingFault[],
): ParsedStackSettings {
  const more = [
    ...bothImages(settings, values.server),
    ...idlePostgres(settings),
    ...idleToken(settings),
    ...alertsFaults(settings.alerts),
    ...credentialFaults(TIER_KEYS, settings.tiers, settings.tierCredentials),
    ...credentialFaults(REMOTE_KEYS, settings.remotes, settings.remoteCredentials),
    ...credentialFaults(BACKUP_TARGET_KEYS, settings.backupTargets, settings.backupTargetCredentials),
    ...notificationFaults(settings.notificationTargets, settings.notificationSecrets),
  ];
  return { settings, faults: [...faults, ...more.filter(({ key }) => faults.every((fault) => fault.key !== key))] };
}

function givenValue(key: string, raw: Readonly<Record<string, RawSetting>>): unknown {
  const setting = raw[key];
  if (setting === undefined || !SECRET_KEYS.has(key)) return setting?.value;
  const { value, isEncrypted } = setting;
  const text = secretText(value);
  const isUnsaid = text === undefined && (!isEncrypted || value !== undefined);
  return isUnsaid ? undefined : { text, isEncrypted };
}

/** A map as JSON, as Pulumi hands it over; an empty one is none. */
function secretText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text === "{}" ? undefined : text;
}

function encryptedFault(key: string): SettingFault {
  const message = `bucketworks:${key} must be plain text, it is encrypted: commands read it without the passphrase`;
  return { key, message, fix: ["set it again: ", setCommand(`--plaintext bucketworks:${key} VALUE`)] };
}

/** Only a server on Kubernetes is given a secret by reference. */
function idleToken({ auditToken, target }: StackSettings): SettingFault[] {
  if (auditToken === undefined || target === "kubernetes") return [];
  const message = `bucketworks:auditToken is set, and only target kubernetes can hand it to a server: the target is ${target}`;
  return [{ key: "auditToken", message, fix: ["remove it: ", removeCommand("bucketworks:auditToken")] }];
}

function idlePostgres({ postgres, target }: StackSettings): SettingFault[] {
  if (postgres === undefined || target === "kubernetes") return [];
  const message = `bucketworks:postgres is set, and the stack deploys nothing: its target is ${target}`;
  const fix = ["remove it: ", removeCommand("bucketworks:postgres"), ", or "];
  return [{ key: "postgres", message, fix: [...fix, setCommand("bucketworks:target kubernetes")] }];
}
