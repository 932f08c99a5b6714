import { resolve } from "node:path";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { askPulumi } from "../pulumi/run-pulumi.ts";
import { readStackFile } from "../stack-file.ts";

const KEY = "bucketworks:hopsworksKey";
/** As Hopsworks' own client calls them, and the connector. */
const NAMES = ["HOST", "PORT", "PROJECT", "CONNECTOR", "API_KEY", "TRUST_STORE_PATH"].map(
  (name) => `HOPSWORKS_${name}`,
);

/**
 * The Hopsworks that the shell names, else that of the stack, as the program reads it.
 * @throws CommandError naming the setting that is missing
 */
export async function hopsworksVariables({ root }: Checkout, stack: string): Promise<Record<string, string>> {
  const { env } = process;
  if (env.HOPSWORKS_HOST) {
    return Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  }
  const { file, hopsworks } = readStackFile(root, stack);
  if (hopsworks === undefined) {
    const message = `feature: ${file} doesn't say where Hopsworks is: set host, project and connector of bucketworks:hopsworks (docs/features.md#hopsworks), or name one by ${NAMES.slice(0, 5).join(", ")}`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const args = ["config", "--show-secrets", "--json", "--stack", stack, "--non-interactive"];
  const config = JSON.parse(await askPulumi(root, env, args)) as Record<string, { value?: string } | undefined>;
  const key = config[KEY]?.value;
  if (!key) {
    const message = `feature: ${file} has no key for Hopsworks; set it, it is asked for and encrypted: pulumi config set --stack ${stack} --secret ${KEY}`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const { host, port, project, connector, caFile } = hopsworks;
  return {
    HOPSWORKS_HOST: host,
    HOPSWORKS_PORT: String(port),
    HOPSWORKS_PROJECT: project,
    HOPSWORKS_CONNECTOR: connector,
    HOPSWORKS_API_KEY: key,
    ...(caFile !== undefined && { HOPSWORKS_TRUST_STORE_PATH: resolve(root, caFile) }),
  };
}
