import { CommandError, EXIT } from "../ending/exit.ts";
import type { BackendFiles } from "../history/backend-files.ts";
import { importState } from "./import-state.ts";
import type { Deployment } from "./recovery-plan.ts";

/** The stack whose state is edited, and how it is reached. */
export interface EditedStack {
  readonly project: string;
  readonly stack: string;
  /** Runs a pulumi command and answers what it prints. */
  readonly pulumi: (args: readonly string[]) => Promise<string>;
  /** What lies in its backend; undefined where that isn't a folder or a bucket, and only Pulumi can be asked. */
  readonly files: BackendFiles | undefined;
}

/**
 * Puts an edited state in the place of the one there is. Pulumi exports without a lock and imports with one: so what lies in the
 * backend is compared just before the import, and a run that holds the stack then, or has written it since, is left its state.
 * What remains open is the second in which Pulumi starts the import: a run would have to begin and end in it.
 * @throws CommandError where another run is at the stack, or was; nothing has changed then
 */
export async function editState(edited: EditedStack, edit: (deployment: Deployment) => Deployment): Promise<void> {
  const { stack, pulumi } = edited;
  const before = await writtenState(edited);
  const exported = JSON.parse(await pulumi(["stack", "export", "--stack", stack])) as { deployment?: Deployment };
  const deployment = edit(exported.deployment ?? {});
  if ((await isHeld(edited)) || (await writtenState(edited)) !== before) {
    throw new CommandError(
      `the state of stack ${stack} was not written: another run is at the stack, or has just been; nothing was changed: run it again when that one has ended`,
      EXIT.couldNotLook,
    );
  }
  await importState({ ...exported, deployment }, (file) =>
    pulumi(["stack", "import", "--stack", stack, "--file", file]),
  );
}

/** The text of the state as the backend has it. */
async function writtenState({ project, stack, pulumi, files }: EditedStack): Promise<string> {
  const folder = `stacks/${project}`;
  const names = files === undefined ? [] : await files.list(folder);
  const name = [`${stack}.json`, `${stack}.json.gz`].find((each) => names.includes(each));
  if (files === undefined || name === undefined) return pulumi(["stack", "export", "--stack", stack]);
  return files.read(`${folder}/${name}`);
}

async function isHeld({ project, stack, files }: EditedStack): Promise<boolean> {
  const locks = (await files?.list(`locks/organization/${project}/${stack}`)) ?? [];
  return locks.length > 0;
}
