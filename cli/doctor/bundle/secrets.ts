import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { endingOf } from "../../ending/error-to-exit.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { readText } from "../../local/private-files.ts";
import { knownSecrets } from "../../logs/known-secrets.ts";
import { askPulumi } from "../../pulumi/run-pulumi.ts";
import { stackOutputs } from "../../pulumi/stack-outputs.ts";
import type { Context } from "../context.ts";

/** Shorter texts stand in lines for other reasons. */
const SHORTEST = 6;
/** A part of an address that is no word. */
const LONG_PART = 12;
/** Variables that hold a secret by their name; one that ends so names a file. */
const SECRET_NAME = /pass|secret|token|credential|(^|_)key$|access_key|kms/i;
const NAMES_FILE = /_(FILE|DIR|PATH)$/i;

const OF_FILES = "files of the checkout";

export interface Secrets {
  readonly texts: readonly string[];
  /** What couldn't be asked for its secrets, and why: they aren't known then. */
  readonly unknown: readonly string[];
}

/** Every secret that can be known here: of files, of the environment, of the stack's settings and of identities. */
export async function secretsOf(at: Context): Promise<Secrets> {
  const { checkout, env, root, stage, found } = at;
  const own = found.kind === "whole" ? [found.server.secretKey] : [];
  // Also beside another server: settings and logs of the checkout are in the bundle.
  const needPulumi = () => {
    if (!existsSync(join(checkout.toolchain, "pulumi")))
      throw new CommandError("Pulumi isn't there to ask", EXIT.couldNotLook);
  };
  const parts: readonly (readonly [string, () => Promise<string[]>])[] = [
    [OF_FILES, async () => [...knownSecrets(checkout)(), ...composeSecrets(checkout.compose)]],
    [
      "settings of the stack",
      async () => settingSecrets(await askPulumi(root, env, ["config", "--show-secrets", "--json", "--stack", stage])),
    ],
    [
      "keys of identities",
      async () => Object.values((await stackOutputs(root, env, stage)).credentials).map(({ secretKey }) => secretKey),
    ],
  ];
  const unknown: string[] = [];
  const asked: string[] = [];
  for (const [what, ask] of parts) {
    try {
      if (what !== OF_FILES) needPulumi();
      asked.push(...(await ask()));
    } catch (error) {
      unknown.push(`${what}: ${endingOf(error).text.split("\n")[0]}`);
    }
  }
  const all = [...own, ...environmentSecrets(env), ...asked].flatMap(spellings);
  const texts = [...new Set(all.filter((text) => text.length >= SHORTEST))].sort((a, b) => b.length - a.length);
  return { texts, unknown };
}

/** Values of variables that are secret by their name, and passwords in URLs, whatever the variable. Pure. */
export function environmentSecrets(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    const whole = SECRET_NAME.test(name) && !NAMES_FILE.test(name) ? [value] : [];
    return [...whole, ...urlSecrets(value)];
  });
}

/** Passwords and tokens of URLs in a text. */
function urlSecrets(text: string): string[] {
  const found = text.matchAll(/\b[a-z][\w+.-]*:\/\/[^\s"'<>]+/gi);
  return [...found].flatMap(([url]) => {
    if (!URL.canParse(url)) return [];
    const { password, username, searchParams } = new URL(url);
    const named = [...searchParams]
      .filter(([name]) => SECRET_NAME.test(name) || /sig/i.test(name))
      .map(([, value]) => value);
    // As it was written, too: a parsed URL has some characters in another form.
    const [, before = ""] = /:\/\/([^/?#]*)@/.exec(url) ?? [];
    const written = password === "" ? before : before.slice(before.indexOf(":") + 1);
    return [...new Set([password || username, written, decoded(written), ...named])];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What Pulumi says is secret, at any depth. */
function settingSecrets(answer: string): string[] {
  const settings = JSON.parse(answer) as Record<string, { value?: string; objectValue?: unknown; secret?: boolean }>;
  return Object.values(settings).flatMap(({ value, objectValue, secret }) =>
    secret ? textsIn(objectValue ?? value) : [],
  );
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Files of compose.yaml's secrets: one each. */
function composeSecrets(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((each) => each.isFile());
  return files
    .map((each) => (readText(join(each.parentPath, each.name)) ?? "").trim())
    .filter((text) => !text.includes("\n"));
}

/** As it is, as a URL has it, and of an address that opens something by itself each part that is long enough to. */
function spellings(secret: string): string[] {
  const parts = URL.canParse(secret)
    ? new URL(secret).pathname.split("/").filter((part) => part.length >= LONG_PART)
    : [];
  return [secret, encodeURIComponent(secret), ...parts];
}
