import type { BackupPlace } from "../../builders/postgres/barman.ts";
import type { DatabaseBackup } from "../../config/model.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { keyOf, type StackKeys, stackKeys } from "../key/stack-keys.ts";
import { BARMAN_ENVIRONMENT, keepBackupKey } from "../local/postgres/archive.ts";
import { makePrivateFolder, readText } from "../local/private-files.ts";
import { getSources } from "../local/services/sources.ts";
import { localEnvironment } from "../local/stack/environment.ts";
import { STACK } from "../local/stack/name.ts";
import type { BackupSettings } from "./settings.ts";

type Given = Pick<BackupSettings, "checkout" | "backup">;
interface HandOver {
  readonly checkout: Given["checkout"];
  readonly backup: Pick<DatabaseBackup, "serviceAccount">;
  /** Those of the stack, where they are known; else the stack is asked. */
  readonly keys?: StackKeys | undefined;
}

/** Has Barman installed. @throws CommandError with the reason why it can't be had */
export async function ensureBarman({ checkout }: Pick<Given, "checkout">, say: (line: string) => void): Promise<void> {
  const { lacking } = await getSources(checkout, [{ environment: BARMAN_ENVIRONMENT }], say);
  if (lacking.length > 0) throw new CommandError(lacking.join("\n"), EXIT.couldNotLook);
}

/** Hands the key for backups over, out of the stack's state. @returns whether it was another before */
export async function handOverKey({ checkout, backup, keys }: HandOver): Promise<boolean> {
  const env = localEnvironment(checkout, undefined, process.env);
  return keepBackupKey(checkout, keyOf(keys ?? (await stackKeys(checkout.root, env, STACK)), backup.serviceAccount));
}

/** All that Barman needs beside the server: its programs, its folder, its key. */
export async function prepareBarman(given: Given, place: BackupPlace, say: (line: string) => void): Promise<void> {
  await ensureBarman(given, say);
  makePrivateFolder(place.scratch);
  if (readText(place.credentials) === undefined) await handOverKey(given);
}
