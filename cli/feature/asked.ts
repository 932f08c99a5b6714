import { Option } from "commander";
import type { Features } from "../../config/model.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { modelOf, stageOption } from "../target/specs.ts";

/** Options of every command on features. */
export interface AskedOptions {
  readonly platform?: string;
  readonly stage: string;
  readonly stack?: string;
  readonly format: "text" | "json";
}

/** A feature store, and whose it is. */
export interface Asked {
  readonly platform: string;
  readonly features: Features;
  /** Of the specs that say so. */
  readonly stage: string;
  /** Where another one than the stage's is meant. */
  readonly stack?: string | undefined;
}

export const askedOptions = (): Option[] => [
  new Option("-p, --platform <name>", "the platform, where two have a feature store"),
  new Option("--stage <stage>", "stage of the specs").default(DEV_STAGE).argParser(stageOption),
  new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"),
];

/** For the help of each command. */
export const SERVER_HELP = `
It works on the servers that make up started, with the key and the database role that the platform's file names; or on those that
MINIO_ENDPOINT, MINIO_ACCESS_KEY, MINIO_SECRET_KEY, MINIO_SECURE and AWS_CA_BUNDLE, and PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE,
PGSSLMODE and PGSSLROOTCERT name. A platform whose store is hopsworks is asked for at the stack's (bucketworks:hopsworks), or at the one that
HOPSWORKS_HOST, HOPSWORKS_PORT, HOPSWORKS_PROJECT, HOPSWORKS_CONNECTOR, HOPSWORKS_API_KEY and HOPSWORKS_TRUST_STORE_PATH name.`;

/** @throws CommandError where no platform has one, or several have and none is named */
export function storeAsked({ root }: Checkout, { platform, stage, stack }: AskedOptions): Asked {
  const { platforms } = modelOf({ files: [], stage, stack, root });
  if (platform !== undefined && !platforms.some(({ name }) => name === platform)) {
    const names = platforms.map(({ name }) => name).join(", ");
    throw new CommandError(`feature: no platform ${platform}; there are ${names || "none"}`, EXIT.wrongUse);
  }
  const found = platforms.flatMap(({ name, features }) =>
    features === null || (platform !== undefined && platform !== name)
      ? []
      : [{ platform: name, features, stage, stack }],
  );
  const [first, ...others] = found;
  if (first === undefined) {
    const whose = platform === undefined ? "no platform's file" : `the file of ${platform}`;
    const says = platform === undefined ? "has" : "has no";
    throw new CommandError(
      `feature: ${whose} ${says} features; docs/features.md says how to ask for them`,
      EXIT.wrongUse,
    );
  }
  if (others.length > 0) {
    const names = found.map((each) => each.platform).join(", ");
    throw new CommandError(`feature: ${names} have features; name one with --platform`, EXIT.wrongUse);
  }
  return first;
}
