import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../state/keep.ts";

/** What the CLI said of an update before it began it, apitype.UpdateProgramRequest. */
export interface Asked {
  readonly config?: Readonly<Record<string, { string?: string; secret?: boolean; object?: boolean }>>;
  readonly metadata?: { message?: string; environment?: Readonly<Record<string, string>> };
}

/** An update that has ended. Times are seconds since 1970. */
export interface Ended {
  readonly kind: string;
  readonly asked: Asked;
  readonly began: number;
  readonly ended: number;
  readonly succeeded: boolean;
  readonly changes: Readonly<Record<string, number>> | undefined;
}

/**
 * Writes what Pulumi's file backend writes after an update (diy/state.go): a line of its history with a copy of the state,
 * and a copy among its backups.
 * @param folder `.pulumi` of the backend
 */
export function addToHistory(folder: string, project: string, stack: string, update: Ended, now: Date): void {
  const state = join(folder, "stacks", project, `${stack}.json`);
  const history = join(folder, "history", project, stack);
  const backups = join(folder, "backups", project, stack);
  for (const each of [history, backups]) mkdirSync(each, { recursive: true, mode: 0o700 });
  const nanoseconds = `${BigInt(now.getTime()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)}`;
  writeWhole(join(history, `${stack}-${nanoseconds}.history.json`), JSON.stringify(updateInfo(update)));
  copyFileSync(state, join(history, `${stack}-${nanoseconds}.checkpoint.json`));
  copyFileSync(state, join(backups, `${stack}.${nanoseconds}.json`));
}

/** As backend.UpdateInfo. */
function updateInfo({ kind, asked, began, ended, succeeded, changes }: Ended) {
  const { message = "", environment = {} } = asked.metadata ?? {};
  const config = Object.fromEntries(Object.entries(asked.config ?? {}).map(([key, value]) => [key, settingOf(value)]));
  return {
    kind,
    startTime: began,
    message,
    environment,
    config,
    version: 0,
    result: succeeded ? "succeeded" : "failed",
    endTime: ended,
    ...(changes && { resourceChanges: changes }),
  };
}

/** As a settings file has it: text, `{secure: ...}`, or an object, whose secrets say so themselves. */
function settingOf({ string = "", secret, object }: { string?: string; secret?: boolean; object?: boolean }): unknown {
  if (object) return JSON.parse(string);
  return secret ? { secure: string } : string;
}
