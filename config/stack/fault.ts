/** A command that changes a stack's settings. Shown, it names the stack: else it would change the selected one. */
export interface ConfigCommand {
  readonly verb: "set" | "rm";
  /** What follows the verb. */
  readonly args: string;
}

/** Words and commands, in the order in which they are read. */
export type Fix = readonly (string | ConfigCommand)[];

/** One fault of a stack's settings. */
export interface SettingFault {
  /** The key without `bucketworks:`. */
  readonly key: string;
  /** Place, what is wrong, the value and what is allowed. */
  readonly message: string;
  readonly fix: Fix;
}

export function setCommand(args: string): ConfigCommand {
  return { verb: "set", args };
}

export function removeCommand(args: string): ConfigCommand {
  return { verb: "rm", args };
}

export function formatCommand({ verb, args }: ConfigCommand, stack: string): string {
  return `pulumi config ${verb} --stack ${stack} ${args}`;
}

/** The fault in one line, its commands for this stack. */
export function formatSettingFault({ message, fix }: Omit<SettingFault, "key">, stack: string): string {
  const parts = fix.map((part) => (typeof part === "string" ? part : formatCommand(part, stack)));
  return `${message}; ${parts.join("")}`;
}
