import { Command, Option } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { type ModelVersion, modelVersion } from "./model-version.ts";
import { Registry } from "./registry.ts";
import { platformOption, SERVER_HELP, type ServerOptions, trackingServer, uriOption } from "./tracking-server.ts";

const HELP = `
Shows every version of every registered model, with its aliases and what its tags say (docs/mlflow.md).
${SERVER_HELP}

Examples:
  $ bucketworks models list --platform mlops
  $ bucketworks models list --tracking-uri https://mlflow.example.org --format json

Exit codes: 0 shown, 2 wrong use, 3 no answer from MLflow, or a refusal`;

/** `bucketworks models list`: registered models and their versions. */
export function listCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("list")
    .description("show registered models and their versions")
    .addOption(platformOption())
    .addOption(uriOption())
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .addHelpText("after", HELP)
    .action(async ({ format, ...options }: ServerOptions & { format: "text" | "json" }) => {
      const registry = new Registry(trackingServer(options, checkout, process.env));
      const versions: ModelVersion[] = [];
      for (const model of await registry.models()) {
        versions.push(...(await registry.versions(model.name)).map((each) => modelVersion(each, model)));
      }
      if (format === "json") return printJson({ schemaVersion: 1, versions });
      if (versions.length === 0) return print("no model is registered");
      const rows = versions.map((each) => [
        each.model,
        each.version,
        each.aliases.join(", ") || "-",
        each.semanticVersion ?? "-",
        each.dataVersion ?? "-",
        quality(each),
      ]);
      print(table([["MODEL", "VERSION", "ALIASES", "SEMANTIC VERSION", "DATA VERSION", "QUALITY"], ...rows]));
    });
}

function quality({ metrics }: ModelVersion): string {
  const all = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toFixed(4))}`);
  return all.join(", ") || "-";
}
