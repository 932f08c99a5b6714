import { z } from "zod";
import { type ConfigCommand, removeCommand, type SettingFault, setCommand } from "./fault.ts";
import type { NotificationTargets } from "./notification-targets.ts";
import type { SecretSetting } from "./schema.ts";

/** The server reads them from a file of lines. */
const line = z.string().regex(/^[^\p{Cc}]+$/u);
/** MinIO sends a token of three words, or of none, to nobody: its webhook is then asked without one. */
const token = line.regex(/^\S+(?: \S+)?$/u);
const secrets = z.record(z.string(), z.strictObject({ token: token.optional(), password: line.optional() }));

/** `bucketworks:notificationSecrets`: the token of a webhook, the password of PostgreSQL's role, by the target's name. */
export type NotificationSecrets = Readonly<z.output<typeof secrets>>;

/** @param text JSON, decrypted @returns undefined where it isn't what it should be */
export function parseNotificationSecrets(text: string): NotificationSecrets | undefined {
  try {
    return secrets.safeParse(JSON.parse(text)).data;
  } catch {
    // The parser's words would show the value.
    return undefined;
  }
}

/** What is wrong with targets and their secrets together, as far as a reader of settings can see; no fault shows one. */
export function notificationFaults(targets: NotificationTargets, setting: SecretSetting | undefined): SettingFault[] {
  if (setting === undefined) return [];
  if (!setting.isEncrypted) return [again("must be encrypted: it holds tokens and passwords")];
  if (setting.text === undefined) return [];
  const given = parseNotificationSecrets(setting.text);
  if (given === undefined)
    return [
      again(
        "must be a map of names of targets, each with the key token (one or two words) or password, one line of text",
      ),
    ];
  return Object.entries(given).flatMap(([name, keys]) => {
    const type = targets[name]?.type;
    const fits = type === "webhook" ? "token" : "password";
    return Object.keys(type === undefined ? { "": 0 } : keys)
      .filter((key) => key !== fits)
      .map((key) => strayed(targets, name, key));
  });
}

/** Targets without what they can't be reached with. @param setting with its text */
export function missingPasswords(targets: NotificationTargets, setting: SecretSetting | undefined): SettingFault[] {
  const given = parseNotificationSecrets(setting?.text ?? "{}") ?? {};
  return Object.keys(targets)
    .filter((name) => targets[name]?.type === "postgresql" && given[name]?.password === undefined)
    .map((name) => ({
      key: "notificationSecrets",
      message: `target ${name} of bucketworks:notificationTargets has no password in bucketworks:notificationSecrets`,
      fix: ["set it, it is asked for and encrypted: ", setSecret(name, "password")],
    }));
}

function strayed(targets: NotificationTargets, name: string, key: string): SettingFault {
  const place = `bucketworks:notificationSecrets.${name}${key === "" ? "" : `.${key}`}`;
  const names = Object.keys(targets);
  const there = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
  const message =
    key === ""
      ? `${place} is of no target in bucketworks:notificationTargets, ${there}`
      : `${place} is nothing that a target of type ${targets[name]?.type} has`;
  return { key: "notificationSecrets", message, fix: ["remove it: ", removeCommand(`--path '${place}'`)] };
}

function again(message: string): SettingFault {
  const fix = [
    "remove it: ",
    removeCommand("bucketworks:notificationSecrets"),
    ", then set each again: ",
    setSecret("NAME", "token"),
  ];
  return { key: "notificationSecrets", message: `bucketworks:notificationSecrets ${message}`, fix };
}

function setSecret(name: string, key: string): ConfigCommand {
  return setCommand(`--path --secret 'bucketworks:notificationSecrets.${name}.${key}'`);
}
