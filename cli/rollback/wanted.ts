import type { ResolvedModel } from "../../config/model.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { type Kept, keptIn } from "../history/kept.ts";
import { deploys, type Update } from "../history/updates.ts";

/** The update to go back to, and what the stack is now. */
export interface Wanted {
  readonly update: Update;
  readonly model: ResolvedModel;
  readonly images: Kept["images"];
  /** What the last update that went well left; of a destroyed stack one without platforms. */
  readonly now: ResolvedModel;
}

/**
 * Finds what an update of a stack deployed.
 * @param name its number or its id
 * @throws CommandError where there is none of that name, it didn't go well, or its state keeps no model that can be read
 */
export async function wantedUpdate(updates: readonly Update[], stack: string, name: string): Promise<Wanted> {
  const update = updates.find((each) => each.id === name || String(each.number) === name);
  const last = updates.at(-1);
  if (last === undefined) throw refused(`stack ${stack} has no update yet`);
  if (update === undefined) {
    throw refused(`stack ${stack} has no update ${name}, they are 1 to ${last.number}; bucketworks history lists them`);
  }
  if (update.result !== "succeeded") {
    throw refused(
      `update ${name} of stack ${stack} ${update.result}, so nobody knows what it left; take one that succeeded`,
    );
  }
  if (!deploys(update)) {
    throw refused(
      `update ${name} of stack ${stack} was a ${update.kind}, which deploys nothing; take the update before it`,
    );
  }
  const kept = keptIn(await update.state());
  const model = kept.model();
  if ("fault" in model) {
    const fault = kept.isEmpty
      ? `${model.fault}: to remove all there is bucketworks destroy, or pulumi destroy`
      : model.fault;
    throw refused(`update ${name} of stack ${stack} can't be gone back to: ${fault}${checkOut(update)}`);
  }
  return { update, model, images: kept.images, now: await modelNow(updates, model) };
}

async function modelNow(updates: readonly Update[], like: ResolvedModel): Promise<ResolvedModel> {
  for (const update of updates.toReversed()) {
    if (!deploys(update)) continue;
    const kept = keptIn(await update.state());
    const model = kept.model();
    if (!("fault" in model)) return model;
    if (kept.isEmpty) break;
  }
  return { ...like, platforms: [] };
}

/** The other way back, where git knows that moment whole. */
function checkOut({ commit, isDirty }: Update): string {
  return commit === null || isDirty ? "" : `; its commit has the specs: git checkout ${commit}, then pulumi up`;
}

function refused(reason: string): CommandError {
  return new CommandError(`rollback: ${reason}; nothing was changed`, EXIT.wrongUse);
}
