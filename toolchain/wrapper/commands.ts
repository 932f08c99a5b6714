/** How the wrapper attends to a command of Pulumi's. */
export interface Care {
  /**
   * Where its settings are, while the stack is this checkout's own: `merged` reads both layers, `own` writes this
   * checkout's, `beside` runs in the folder of that file because it takes no --config-file, `made` is that for a new
   * stack; `none` reads none, and `renamed` takes along what lies here under the old name.
   */
  readonly settings: "merged" | "own" | "beside" | "made" | "renamed" | "none";
  /** `keep` a copy of the state before a run that writes it, `look` before one that reads, `try` before a repair. */
  readonly state?: "keep" | "look" | "try";
  /** Whether its steps are kept in a journal, from which the state is made once (toolchain/journal/). */
  readonly journal?: true;
  /** Whether it speaks with the server, which may stand inside a cluster. */
  readonly server?: true;
  /** Whether its third word is the stack. */
  readonly names?: true;
}

const UPDATE: Care = { settings: "merged", state: "keep", journal: true, server: true };
const PREVIEW: Care = { settings: "merged", state: "look", server: true };

const ALL: readonly [names: string, Care][] = [
  ["up, update, refresh, destroy, down, dn", UPDATE],
  ["preview, pre", PREVIEW],
  ["import, watch", { settings: "merged", state: "keep" }],
  ["logs, config, config get", { settings: "merged" }],
  ["config set, config set-all, config refresh, config rm, config remove, config delete", { settings: "own" }],
  ["config rm-all, config remove-all, config delete-all", { settings: "own" }],
  ["stack init, stack new, stack create, stack setup", { settings: "made", names: true }],
  ["stack rm, stack remove, stack delete", { settings: "beside", names: true }],
  ["stack change-secrets-provider, stack history, stack hist", { settings: "beside" }],
  ["stack rename", { settings: "renamed", state: "keep" }],
  ["stack import, state", { settings: "none", state: "try" }],
];
const COMMANDS = new Map(ALL.flatMap(([names, care]) => names.split(", ").map((name) => [name, care] as const)));

/** Undefined for a command that shall read and edit the tracked file, or that needs no settings. */
export function careOf([command = "", ...parts]: readonly string[]): Care | undefined {
  return COMMANDS.get(["config", "stack"].includes(command) ? [command, ...parts.slice(0, 1)].join(" ") : command);
}
