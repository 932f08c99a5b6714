import * as pulumi from "@pulumi/pulumi";
import type { StackOutputs } from "./components/outputs.ts";
import { deployStack } from "./components/stack.ts";
import { stackModel } from "./components/stack-model.ts";
import { formatIssue } from "./config/spec.ts";
import { readSettings } from "./config/stack/settings.ts";
import { systemFault } from "./config/system-fault.ts";

// Pulumi's runner maps each stack trace to sources, and every resource has some. Node runs these sources as they are, so
// that is a tenth of a preview for nothing.
Reflect.deleteProperty(Error, "prepareStackTrace");

async function deploy(): Promise<StackOutputs> {
  const settings = readSettings();
  const loaded = await stackModel(settings);
  if (!loaded.ok) throw new pulumi.RunError(loaded.issues.map(formatIssue).join("\n"));
  return deployStack(settings, loaded.model, loaded.credentials);
}

export default await deploy().catch((error: unknown) => {
  const sentence = systemFault(error);
  throw sentence === undefined ? error : new pulumi.RunError(sentence);
});
