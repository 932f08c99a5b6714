import pMap from "p-map";
import { z } from "zod";
import { CommandError, EXIT } from "../ending/exit.ts";
import type { BackendFiles } from "./backend-files.ts";

/** One run of the engine on a stack, as the state's backend recorded it when it ended. */
export interface Update {
  /** Counted from 1, among those that the backend has; a preview has a number, too. */
  readonly number: number;
  /** Of its record's name, which no other update ever has: the instant in nanoseconds, in base 36. */
  readonly id: string;
  /** Pulumi's word: `update`, `destroy`, `refresh`, `resource-import` ... */
  readonly kind: string;
  /** Pulumi's word: `succeeded`, `failed`, `in-progress`. */
  readonly result: string;
  readonly began: Date;
  readonly ended: Date;
  /** What the project's folder had checked out; null where it was none of git's. */
  readonly commit: string | null;
  /** True where files differed from that commit. */
  readonly isDirty: boolean;
  /** The message of who ran it; a rollback says to which update. */
  readonly message: string;
  /** True where it only looked, as `bucketworks drift` does: Pulumi records that, too, in a folder or bucket. */
  readonly isPreview: boolean;
  /** How many resources each operation took. */
  readonly changes: Readonly<Record<string, number>>;
  /** The state that it left, as a checkpoint's text; empty where the backend has none. */
  readonly state: () => Promise<string>;
}

const record = z.object({
  kind: z.string(),
  result: z.string(),
  /** Seconds since 1970. */
  startTime: z.number(),
  endTime: z.number(),
  message: z.string().default(""),
  environment: z.record(z.string(), z.string()).nullish(),
  resourceChanges: z.record(z.string(), z.number()).nullish(),
});

/** Records that are read at the same time. */
const AT_ONCE = 16;

/** `<stack>-<nanoseconds>.history.json` beside `<stack>-<nanoseconds>.checkpoint.json`, both perhaps packed. */
const NAME = /^.+-(\d+)\.history\.json(\.gz)?$/;

/**
 * All updates of a stack, the oldest first, no preview among them. A run that was killed has none: it never came to its end.
 * @throws CommandError where a record can't be read
 */
export async function updatesOf(files: BackendFiles, project: string, stack: string): Promise<Update[]> {
  const folder = `history/${project}/${stack}`;
  const there = new Set(await files.list(folder));
  const names = [...there].filter((name) => NAME.test(name)).sort();
  const all = await pMap(names, (_, index) => updateAt(files, folder, { there, names }, index), {
    concurrency: AT_ONCE,
  });
  return all.filter(({ isPreview }) => !isPreview);
}

/**
 * The last update that went well; undefined where none did, or none is recorded. Reads no more records than it has to.
 * @throws CommandError where a record can't be read
 */
export async function lastDeployed(files: BackendFiles, project: string, stack: string): Promise<Update | undefined> {
  const folder = `history/${project}/${stack}`;
  const there = new Set(await files.list(folder));
  const names = [...there].filter((name) => NAME.test(name)).sort();
  for (let index = names.length - 1; index >= 0; index -= 1) {
    const update = await updateAt(files, folder, { there, names }, index);
    if (deploys(update)) return update;
  }
  return undefined;
}

/**
 * Whether the state after a run has the model that was deployed: a failed one has what it wanted, and a refresh or an import has
 * what stood there before, of a failed update perhaps.
 */
export function deploys({ kind, result }: Pick<Update, "kind" | "result">): boolean {
  return result === "succeeded" && (kind === "update" || kind === "destroy");
}

async function updateAt(
  files: BackendFiles,
  folder: string,
  { there, names }: { readonly there: ReadonlySet<string>; readonly names: readonly string[] },
  index: number,
): Promise<Update> {
  const name = names[index] ?? "";
  const state = name.replace(".history.json", ".checkpoint.json");
  // Pulumi writes the record first: one that was killed between the two has left no state.
  const read = async () => (there.has(state) ? files.read(`${folder}/${state}`) : "");
  const id = BigInt(NAME.exec(name)?.[1] ?? 0).toString(36);
  return { number: index + 1, id, ...(await recordIn(files, `${folder}/${name}`)), state: read };
}

async function recordIn(files: BackendFiles, path: string): Promise<Omit<Update, "number" | "id" | "state">> {
  const read = record.safeParse(asJson(await files.read(path)));
  if (!read.success) {
    throw new CommandError(
      `${path} in the state's backend is damaged: it is no record of an update; move it and its .checkpoint.json out of there, and run it again`,
      EXIT.couldNotLook,
    );
  }
  const { kind, result, startTime, endTime, message, environment, resourceChanges } = read.data;
  return {
    kind,
    result,
    began: new Date(startTime * 1000),
    ended: new Date(endTime * 1000),
    commit: environment?.["git.head"] ?? null,
    isDirty: environment?.["git.dirty"] === "true",
    message,
    isPreview: environment?.["pulumi.flag.preview-only"] === "true",
    changes: resourceChanges ?? {},
  };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
