import { z } from "zod";
import { type ConfigCommand, removeCommand, type SettingFault, setCommand } from "./fault.ts";
import type { SecretSetting, StackKey } from "./schema.ts";

const credentials = z.record(
  z.string(),
  z.strictObject({ accessKey: z.string().min(1), secretKey: z.string().min(1) }),
);

/** `bucketworks:tierCredentials`, `remoteCredentials`, `backupTargetCredentials`: a key for each of those, by its name. */
export type NamedCredentials = Readonly<z.output<typeof credentials>>;

/** A setting of keys, and the setting that names what they are for. */
export interface KeysSetting {
  readonly keys: StackKey;
  readonly of: StackKey;
  /** One of those, for people. */
  readonly one: string;
  /** What the keys lead to, for people. */
  readonly to: string;
}

export const TIER_KEYS: KeysSetting = { keys: "tierCredentials", of: "tiers", one: "tier", to: "other object stores" };

export const REMOTE_KEYS: KeysSetting = {
  keys: "remoteCredentials",
  of: "remotes",
  one: "remote",
  to: "other servers",
};

export const BACKUP_TARGET_KEYS: KeysSetting = {
  keys: "backupTargetCredentials",
  of: "backupTargets",
  one: "backup target",
  to: "other servers",
};

/** @param text JSON, decrypted @returns undefined where it isn't what it should be */
export function parseNamedCredentials(text: string): NamedCredentials | undefined {
  try {
    return credentials.safeParse(JSON.parse(text)).data;
  } catch {
    // The parser's words would show the value.
    return undefined;
  }
}

/** What is wrong with names and their keys together, as far as a reader of settings can see; no fault shows a key. */
export function credentialFaults(
  { keys, of, one, to }: KeysSetting,
  given: Readonly<Record<string, unknown>>,
  setting: SecretSetting | undefined,
): SettingFault[] {
  const names = Object.keys(given);
  const again = [
    "remove it: ",
    removeCommand(`bucketworks:${keys}`),
    ", then set each key again: ",
    setKey(keys, "NAME", "secretKey"),
  ];
  const noKey = (name: string): SettingFault => ({
    key: keys,
    message: `${one} ${name} has no key in bucketworks:${keys}`,
    fix: [
      "set it, it is asked for and encrypted: ",
      setKey(keys, name, "accessKey"),
      ", then ",
      setKey(keys, name, "secretKey"),
    ],
  });
  if (setting === undefined) return names.map(noKey);
  if (!setting.isEncrypted)
    return [{ key: keys, message: `bucketworks:${keys} must be encrypted: it holds keys to ${to}`, fix: again }];
  if (setting.text === undefined) return [];
  const found = parseNamedCredentials(setting.text);
  if (found === undefined) {
    const message = `bucketworks:${keys} must be a map of names of ${one}s, each with the keys accessKey and secretKey and no other`;
    return [{ key: keys, message, fix: again }];
  }
  const lost = Object.keys(found).filter((name) => !names.includes(name));
  return [
    ...names.filter((name) => !Object.hasOwn(found, name)).map(noKey),
    ...lost.map((name): SettingFault => {
      const place = `bucketworks:${keys}.${name}`;
      const there = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
      const message = `${place} is a key of no ${one} in bucketworks:${of}, ${there}`;
      return { key: of, message, fix: ["remove it: ", removeCommand(`--path '${place}'`)] };
    }),
  ];
}

function setKey(keys: StackKey, name: string, key: string): ConfigCommand {
  return setCommand(`--path --secret 'bucketworks:${keys}.${name}.${key}'`);
}
