import { z } from "zod";
import { type ConfigCommand, removeCommand, type SettingFault, setCommand } from "./fault.ts";
import type { SecretSetting } from "./schema.ts";
import type { Tiers } from "./tiers.ts";

const credentials = z.record(
  z.string(),
  z.strictObject({ accessKey: z.string().min(1), secretKey: z.string().min(1) }),
);

/** `bucketworks:tierCredentials`: a key for each tier, by its name. */
export type TierCredentials = Readonly<z.output<typeof credentials>>;

/** @param text JSON, decrypted @returns undefined where it isn't what it should be */
export function parseTierCredentials(text: string): TierCredentials | undefined {
  try {
    return credentials.safeParse(JSON.parse(text)).data;
  } catch {
    // The parser's words would show the value.
    return undefined;
  }
}

/** What is wrong with tiers and their keys together, as far as a reader of settings can see; no fault shows a key. */
export function tierFaults(tiers: Tiers, setting: SecretSetting | undefined): SettingFault[] {
  const names = Object.keys(tiers);
  if (setting === undefined) return names.map((name) => noKey(name));
  if (!setting.isEncrypted) {
    const message = "bucketworks:tierCredentials must be encrypted: it holds keys to other object stores";
    const fix = [
      "remove it: ",
      removeCommand("bucketworks:tierCredentials"),
      ", then set each key again: ",
      setKey("NAME", "secretKey"),
    ];
    return [{ key: "tierCredentials", message, fix }];
  }
  return setting.text === undefined ? [] : keyFaults(names, setting.text);
}

function keyFaults(names: readonly string[], text: string): SettingFault[] {
  const given = parseTierCredentials(text);
  if (given === undefined) {
    const message =
      "bucketworks:tierCredentials must be a map of names of tiers, each with the keys accessKey and secretKey and no other";
    const fix = [
      "remove it: ",
      removeCommand("bucketworks:tierCredentials"),
      ", then set each key again: ",
      setKey("NAME", "secretKey"),
    ];
    return [{ key: "tierCredentials", message, fix }];
  }
  const lost = Object.keys(given).filter((name) => !names.includes(name));
  return [
    ...names.filter((name) => !Object.hasOwn(given, name)).map((name) => noKey(name)),
    ...lost.map((name): SettingFault => {
      const place = `bucketworks:tierCredentials.${name}`;
      const there = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
      const message = `${place} is a key of no tier in bucketworks:tiers, ${there}`;
      return { key: "tiers", message, fix: ["remove it: ", removeCommand(`--path '${place}'`)] };
    }),
  ];
}

function noKey(name: string): SettingFault {
  const message = `tier ${name} has no key in bucketworks:tierCredentials`;
  const fix = [
    "set it, it is asked for and encrypted: ",
    setKey(name, "accessKey"),
    ", then ",
    setKey(name, "secretKey"),
  ];
  return { key: "tierCredentials", message, fix };
}

function setKey(name: string, key: string): ConfigCommand {
  return setCommand(`--path --secret 'bucketworks:tierCredentials.${name}.${key}'`);
}
