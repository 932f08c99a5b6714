import * as pulumi from "@pulumi/pulumi";
import { deployStack } from "./components/stack.ts";
import { readSettings } from "./config/settings.ts";
import { formatIssue, loadModel } from "./config/spec.ts";

// Pulumi's runner maps each stack trace to sources, and every resource has some. Node runs these sources as they are, so
// that is a tenth of a preview for nothing.
Reflect.deleteProperty(Error, "prepareStackTrace");

const settings = readSettings();

const loaded = loadModel({
  dir: "config/platforms",
  platforms: settings.platforms,
  stage: settings.stage,
  env: settings.env,
  use: { connection: settings.endpoint === undefined, credentials: settings.credentials === undefined },
});
if (!loaded.ok) throw new pulumi.RunError(loaded.issues.map(formatIssue).join("\n"));

export default await deployStack(settings, loaded.model, loaded.credentials);
