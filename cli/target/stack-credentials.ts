import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../config/document/variables.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { checkoutAt } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/**
 * Has Pulumi decrypt `bucketworks:rootUser` and `rootPassword` of a stack, with the passphrase or key that the shell
 * names, else with the checkout's own.
 * @returns undefined where the stack has none, or no toolchain is there to ask
 * @throws CommandError when they can't be decrypted
 */
export function stackCredentials(
  root: string,
  stack: string,
  env: Env,
): Pick<ServerAddress, "accessKey" | "secretKey" | "credentialsFrom"> | undefined {
  if (!existsSync(join(checkoutAt(root).toolchain, "pulumi"))) return undefined;
  const script = `${env.PULUMI_BACKEND_URL ? "" : ". ./toolchain/env.sh && "}exec "$@"`;
  const pulumi = join(checkoutAt(root).toolchain, "pulumi");
  const args = ["config", "--show-secrets", "--json", "--stack", stack, "--non-interactive"];
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", pulumi, ...args], {
    cwd: root,
    env: env as NodeJS.ProcessEnv,
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new CommandError(`credentials of stack ${stack} can't be read: ${stderr.trim()}`, EXIT.couldNotLook);
  }
  const config = JSON.parse(stdout) as Record<string, { value?: string } | undefined>;
  const accessKey = config["bucketworks:rootUser"]?.value;
  const secretKey = config["bucketworks:rootPassword"]?.value;
  if (!accessKey || !secretKey) return undefined;
  return { accessKey, secretKey, credentialsFrom: `stack ${stack}` };
}
