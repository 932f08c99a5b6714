import { z } from "zod";
import { formatPath } from "../document/source-tree.ts";
import { nearest } from "../values/nearest.ts";
import { removeCommand, type SettingFault, setCommand } from "./fault.ts";
import type { SecretSetting } from "./schema.ts";

const text = z.string().min(1);
/** A URL that Go's programs read, too: they take fewer than `URL`. */
const url = (schemes: RegExp, words: string) =>
  z.string().refine((given) => schemes.test(given) && isPlainUrl(given), words);
const isPlainUrl = (given: string) => URL.canParse(given) && !/[^!-~]|[\\{}^`|"<>]|%(?![0-9a-f]{2})/i.test(given);
const flag = z.preprocess((given) => (given === "true" ? true : given === "false" ? false : given), z.boolean());

const receiver = z
  .strictObject({
    email: z
      .string()
      .regex(/^[^@\s,]+@[^@\s,]+$/, "must be one e-mail address")
      .optional(),
    slack: url(/^https:\/\//, "must be the https URL of an incoming webhook").optional(),
    channel: text.optional(),
    webhook: url(/^https?:\/\//, "must be an http or https URL, its port a number").optional(),
    /** Absent is every severity. */
    severity: z.enum(["critical", "warning"], "must be critical or warning").optional(),
    /** Absent is every platform. */
    platforms: z
      .array(z.string().regex(/^[\w.-]+$/, "must be names of platforms"))
      .min(1)
      .readonly()
      .optional(),
  })
  .superRefine(({ email, slack, webhook, channel }, { addIssue }) => {
    const ways = [email, slack, webhook].filter((way) => way !== undefined).length;
    if (ways !== 1)
      addIssue({ code: "custom", message: `must have exactly one of email, slack, webhook, has ${ways}` });
    if (channel !== undefined && slack === undefined)
      addIssue({ code: "custom", path: ["channel"], message: "belongs to slack alone" });
  });

/** `bucketworks:alerts`: to whom Alertmanager sends what. */
const alerts = z
  .strictObject({
    /** The mail server of receivers with an e-mail address. */
    smtp: z
      .strictObject({
        server: z.string().regex(/^[^\s:/]+:\d+$/, "must be host:port"),
        from: text,
        user: text.optional(),
        password: text.optional(),
        tls: flag.default(true),
      })
      .optional(),
    receivers: z
      .record(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "must be lower-case letters, digits and dashes"), receiver)
      .default({}),
  })
  .superRefine(({ smtp, receivers }, { addIssue }) => {
    const mailed = Object.entries(receivers).find(([, { email }]) => email !== undefined)?.[0];
    if (mailed !== undefined && smtp === undefined)
      addIssue({ code: "custom", path: ["smtp"], message: `is missing, and receiver ${mailed} has an email address` });
  });

/** To whom alerts are sent; it holds secrets. */
export type Alerts = Readonly<z.output<typeof alerts>>;
export type Receiver = Alerts["receivers"][string];

/** @param text JSON, decrypted. No fault shows what it holds */
export function parseAlerts(text: string): { readonly alerts: Alerts | undefined; readonly faults: SettingFault[] } {
  const given = mapOf(text);
  if (given === undefined) return { alerts: undefined, faults: [noMap()] };
  const parsed = alerts.safeParse(given, { error: words });
  if (parsed.success) return { alerts: parsed.data, faults: [] };
  return { alerts: undefined, faults: parsed.error.issues.flatMap(faultsOf) };
}

function mapOf(text: string): object | undefined {
  try {
    const given: unknown = JSON.parse(text);
    return typeof given === "object" && given !== null && !Array.isArray(given) ? given : undefined;
  } catch {
    // The parser's words would show the value.
    return undefined;
  }
}

function noMap(): SettingFault {
  const set = setCommand("--path --secret 'bucketworks:alerts.receivers.NAME.webhook' URL");
  const message = "bucketworks:alerts must be a map with the key receivers, and is a single value";
  return { key: "alerts", message, fix: ["set it again: ", removeCommand("bucketworks:alerts"), ", then ", set] };
}

/** Every text by which anyone could write to a receiver: nothing that is shown may hold it. */
export function alertSecrets({ smtp, receivers }: Alerts): string[] {
  const ways = Object.values(receivers).flatMap(({ email, slack, webhook }) => [email, slack, webhook]);
  return [smtp?.password, ...ways].filter((each) => each !== undefined);
}

/** Receivers of platforms that don't exist: they would never be told. @param known names of all platforms */
export function strangePlatforms({ receivers }: Alerts, known: readonly string[]): SettingFault[] {
  return Object.entries(receivers).flatMap(([receiver, { platforms = [] }]) =>
    platforms.flatMap((name, index): SettingFault[] => {
      if (known.includes(name)) return [];
      const place = `bucketworks:${formatPath(["alerts", "receivers", receiver, "platforms", index])}`;
      const near = nearest(name, known);
      const message = `${place} ${JSON.stringify(name)} is no platform, there are ${known.join(", ")}`;
      const fix = [
        near === null ? "set it: " : `did you mean ${near}? `,
        setCommand(`--path '${place}' ${near ?? "NAME"}`),
      ];
      return [{ key: "alerts", message, fix }];
    }),
  );
}

/** What is wrong with the setting, as far as a reader of settings can see. */
export function alertsFaults(setting: SecretSetting | undefined): SettingFault[] {
  if (setting === undefined) return [];
  if (!setting.isEncrypted) {
    const message = "bucketworks:alerts must be encrypted: it holds addresses and URLs by which anyone could write";
    const set = setCommand("--path --secret 'bucketworks:alerts.receivers.NAME.webhook' URL");
    return [{ key: "alerts", message, fix: ["set it again: ", removeCommand("bucketworks:alerts"), ", then ", set] }];
  }
  return setting.text === undefined ? [] : parseAlerts(setting.text).faults;
}

const TYPES: Readonly<Record<string, string>> = { object: "a map", record: "a map", array: "a list", string: "text" };

function words(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type")
    return issue.input === undefined ? "is missing" : `must be ${TYPES[issue.expected] ?? issue.expected}`;
  return issue.code === "too_small" ? "must not be empty" : undefined;
}

function faultsOf(issue: z.core.$ZodIssue): SettingFault[] {
  const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
  return keys.map((key) => {
    const steps = [...issue.path, ...(key === undefined ? [] : [key])].map((step) =>
      typeof step === "number" ? step : String(step),
    );
    const place = `bucketworks:${formatPath(["alerts", ...steps])}`;
    const what = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? "is no name") : issue.message;
    const message = `${place} ${key === undefined ? what : "is an unknown key"}`;
    const fix =
      key === undefined && issue.code !== "invalid_key"
        ? ["set it: ", setCommand(`--path --secret '${place}' VALUE`)]
        : ["remove it: ", removeCommand(`--path '${place}'`)];
    return { key: "alerts", message, fix };
  });
}
