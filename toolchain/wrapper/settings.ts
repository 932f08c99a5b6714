import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readFileText } from "../../config/system-fault.ts";
import { writePrivate } from "../private-file.ts";
import { projectName } from "../state/state-files.ts";

/** Where the settings of a stack lie: what git has, what is set here alone, and both together for a run. */
export type SettingsFiles = ReturnType<typeof settingsFiles>;

export function settingsFiles(root: string, stack: string) {
  const stacks = join(root, ".bucketworks", "stacks");
  const [folder, name] = [join(stacks, "own"), `Pulumi.${stack}.yaml`];
  // the salt is the one that this checkout made for the stack
  const salt = join(stacks, `${stack}.salt`);
  return { root, stack, tracked: join(root, name), folder, own: join(folder, name), salt, merged: join(stacks, name) };
}

/** Whether a stack is shared, by what its tracked file says about secrets, or was never made here: Pulumi's alone. */
export function isPulumisAlone({ tracked, own, salt }: SettingsFiles, isNew: boolean): boolean {
  if (/^(encryptionsalt|secretsprovider|encryptedkey):/m.test(textOf(tracked) ?? "")) return true;
  return !isNew && !existsSync(salt) && !existsSync(own);
}

/** Makes the folder where a command may write the own settings: a project of the same name, with the salt. */
export function makeOwnFolder({ root, folder, own, salt }: SettingsFiles): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writePrivate(join(folder, "Pulumi.yaml"), `name: ${projectName(root)}\nruntime: nodejs\n`);
  if (!existsSync(own) && existsSync(salt)) writePrivate(own, saltLine(salt));
}

/** Merges both layers and the salt into the file that a run is given. */
export async function mergeSettings({ root, stack, tracked, own, salt, merged }: SettingsFiles): Promise<void> {
  // Reading YAML takes as long as all else here, and its package isn't there before `make packages`.
  const both = async () => (await import("../stack-settings.ts")).stackSettings(root, stack);
  const text = (existsSync(own) ? await both() : textOf(tracked)) ?? "";
  const isUnsalted = existsSync(salt) && !/^encryptionsalt:/m.test(text);
  writePrivate(merged, isUnsalted ? `${text}\n${saltLine(salt)}` : text);
}

/** Whether a run with these settings finds its MinIO inside a cluster alone, by a forwarded port. */
export function isInsideCluster(file: string): boolean {
  const text = textOf(file) ?? "";
  return /^ *bucketworks:target: *.?kubernetes/m.test(text) && !/^ *bucketworks:endpoint:(?! *(''|"") *$)/m.test(text);
}

function saltLine(file: string): string {
  return `encryptionsalt: ${textOf(file)?.trimEnd()}\n`;
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileText(path) : undefined;
}
