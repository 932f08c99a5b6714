import { Command, Option } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { print, printJson, table } from "../terminal/print.ts";
import { type ModelVersion, modelNamed, versionNamed, versionText } from "./model-version.ts";
import { Registry } from "./registry.ts";
import { platformOption, SERVER_HELP, type ServerOptions, trackingServer, uriOption } from "./tracking-server.ts";

const HELP = `
Sets two versions of a model side by side: data version, commit, parameters and metrics. A version is its number or an alias.
In JSON \`difference\` is the second less the first.
${SERVER_HELP}

Examples:
  $ bucketworks models compare identity-masker production 7 --platform mlops
  $ bucketworks models compare identity-masker 6 7 --format json

Exit codes: 0 shown, 2 wrong use (no such model or version), 3 no answer from MLflow, or a refusal`;

/** `bucketworks models compare MODEL A B`: what differs between two versions. */
export function compareCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("compare")
    .description("show what differs between two versions of a model")
    .argument("<model>")
    .argument("<first>", "version or alias")
    .argument("<second>", "version or alias")
    .addOption(platformOption())
    .addOption(uriOption())
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .addHelpText("after", HELP)
    .action(
      async (
        name: string,
        a: string,
        b: string,
        { format, ...options }: ServerOptions & { format: "text" | "json" },
      ) => {
        const registry = new Registry(trackingServer(options, checkout, process.env));
        const { versions } = await modelNamed(registry, name);
        const [first, second] = [versionNamed(versions, name, a), versionNamed(versions, name, b)];
        if (format === "json") printJson({ schemaVersion: 1, model: name, first, second, ...compared(first, second) });
        else print(comparison(first, second));
      },
    );
}

interface Compared {
  /** Only those that differ; null where one hasn't it. */
  readonly parameters: Readonly<Record<string, { readonly first: string | null; readonly second: string | null }>>;
  /** All; `difference` is null where one hasn't it. */
  readonly metrics: Readonly<
    Record<
      string,
      { readonly first: number | null; readonly second: number | null; readonly difference: number | null }
    >
  >;
  readonly sameData: boolean;
}

function compared(first: ModelVersion, second: ModelVersion): Compared {
  const names = (a: object, b: object) => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  const parameters = names(first.parameters, second.parameters)
    .map((name) => [name, { first: first.parameters[name] ?? null, second: second.parameters[name] ?? null }] as const)
    .filter(([, { first: before, second: after }]) => before !== after);
  const metrics = names(first.metrics, second.metrics).map((name) => {
    const [before, after] = [first.metrics[name] ?? null, second.metrics[name] ?? null];
    const difference = before === null || after === null ? null : Number((after - before).toPrecision(12));
    return [name, { first: before, second: after, difference }] as const;
  });
  return {
    parameters: Object.fromEntries(parameters),
    metrics: Object.fromEntries(metrics),
    sameData: first.dataVersion !== null && first.dataVersion === second.dataVersion,
  };
}

function comparison(first: ModelVersion, second: ModelVersion): string {
  const { parameters, metrics, sameData } = compared(first, second);
  const shown = (value: number | string | null): string => (value === null ? "-" : String(value));
  const rows = [
    ["", versionText(first), versionText(second), "DIFFERENCE"],
    ["aliases", first.aliases.join(", ") || "-", second.aliases.join(", ") || "-", ""],
    ["data version", shown(first.dataVersion), shown(second.dataVersion), sameData ? "" : "other data"],
    ["commit", shown(first.commit), shown(second.commit), ""],
    ...Object.entries(metrics).map(([name, each]) => [
      `metric ${name}`,
      shown(each.first),
      shown(each.second),
      each.difference === null ? "-" : signed(each.difference),
    ]),
    ...Object.entries(parameters).map(([name, each]) => [`param ${name}`, shown(each.first), shown(each.second), ""]),
  ];
  return `${first.model}\n${table(rows)}`;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
