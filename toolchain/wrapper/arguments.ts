import { parseArgs } from "node:util";

/**
 * The options that take a value, with their letters: those that stand before a command, those of the commands that name a
 * stack, and all that have a letter, for -ysdev. What stands behind one of them is no word and no option.
 */
export const WITH_VALUE: readonly string[] =
  `color config:c config-file copy-config-from cwd:C exclude:x memprofilerate message:m otel-traces out:o parallel:p
  profiling secrets-provider stack:s target:t teams tracing tracing-header verbose:v`.split(/\s+/);

const OPTIONS = Object.fromEntries(
  WITH_VALUE.map((each) => {
    const [name = "", short] = each.split(":");
    return [name, { type: "string" as const, ...(short && { short }) }];
  }),
);

export type Asked = ReturnType<typeof readArguments>;

/**
 * Reads what the wrapper needs of Pulumi's command line, as Pulumi does: a variable PULUMI_OPTION_* in the place of an
 * option that isn't given.
 * @returns `words` are the command and what it is about (`stack`, `rename`, `newer`), `folder` as it was given, `sets`
 *   whether -c sets something, `debug` whether its debug lines are wanted
 */
export function readArguments(args: readonly string[], env: NodeJS.ProcessEnv) {
  const words: string[] = [];
  const given: Record<string, string> = {};
  const { tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    // -s=dev
    if (token.kind === "option")
      given[token.name] = (token.value ?? "true").replace(token.rawName.startsWith("--") ? "" : /^=/, "");
  }
  const value = (name: string, variable: string) => given[name] || env[`PULUMI_OPTION_${variable}`] || undefined;
  return {
    words,
    stack: value("stack", "STACK"),
    folder: value("cwd", "CWD"),
    configFile: value("config-file", "CONFIG_FILE"),
    sets: given.config !== undefined,
    debug: /^(true|1)$/i.test(given.debug ?? given.d ?? env.PULUMI_OPTION_DEBUG ?? ""),
    noSelect: /^(true|1)$/i.test(value("no-select", "NO_SELECT") ?? ""),
  };
}
