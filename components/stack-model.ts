import * as pulumi from "@pulumi/pulumi";
import { accountPolicySizes } from "../builders/account-policy-size.ts";
import { knownTargets } from "../config/rules/notifications.ts";
import { declaredBackupTargets, declaredRemotes } from "../config/rules/remotes.ts";
import { loadModel, type ModelResult } from "../config/spec.ts";
import type { Settings } from "../config/stack/settings.ts";
import { readFileText } from "../config/system-fault.ts";

/** What a stack deploys: its specs, or the model of an earlier update where a rollback names its file. */
export async function stackModel(settings: Settings): Promise<ModelResult> {
  const { keptModel, platformsDir: dir, platforms, stage, env, endpoint, credentials } = settings;
  if (keptModel !== undefined) return modelIn(keptModel, stage);
  const use = { connection: endpoint === undefined, credentials: credentials === undefined };
  const ofStack = [
    ...knownTargets(settings),
    declaredRemotes(stage, settings.remotes, endpoint),
    declaredBackupTargets(stage, settings.backupTargets, endpoint),
  ];
  const rules = [accountPolicySizes, ...ofStack];
  return loadModel({ rules, dir, platforms, stage, env, use });
}

/** It was judged by the rules on specs when it was deployed. Its reader is loaded here: nothing else builds those schemas. */
async function modelIn(file: string, stage: string): Promise<ModelResult> {
  const { readModel } = await import("../config/model-text.ts");
  const model = readModel(readFileText(file));
  if ("fault" in model) throw new pulumi.RunError(`${file}: ${model.fault}`);
  if (model.stage !== stage) throw new pulumi.RunError(`${file} is of stage ${model.stage}, the stack of ${stage}`);
  return { ok: true, model, credentials: null };
}
