import { resolve } from "node:path";
import { BACKUP_TARGET } from "../../builders/backup-target-variables.ts";
import { defaults } from "../../config/defaults.ts";
import type { Backup } from "../../config/model.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import { parseNamedCredentials } from "../../config/stack/named-credentials.ts";
import { isOrigin } from "../../config/values/origin.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { askPulumi } from "../pulumi/run-pulumi.ts";
import { readStackFile } from "../stack-file.ts";

/** A server that backups are on, and the key by which it is asked, with what messages say of it. */
export interface BackupServer {
  readonly server: ServerAddress;
  readonly key: string;
  readonly cure?: string;
  readonly renewal?: string;
}

const CURE = "docs/backup-target-policy.json has all that its key needs";

/**
 * The other server that a platform's backups go to: the stack's, with --server that of the environment.
 * @returns undefined where they are on the server of the buckets
 * @throws CommandError naming what is missing or wrong
 */
export async function otherServer(
  { to }: Pick<Backup, "to">,
  { stage, server }: { readonly stage: string; readonly server?: string | undefined },
): Promise<BackupServer | undefined> {
  if (to === null) return undefined;
  const found = server === undefined ? await ofStack(to, stage) : ofEnvironment(to, process.env);
  if (found.server.secure || stage === DEV_STAGE) return found;
  const message = `backup target ${to} is an http URL: keys and objects would travel in plaintext, refused outside dev`;
  throw new CommandError(message, EXIT.wrongUse);
}

async function ofStack(name: string, stage: string): Promise<BackupServer> {
  const root = ownRoot();
  const { file, backupTargets } = readStackFile(root, stage);
  const target = Object.hasOwn(backupTargets, name) ? backupTargets[name] : undefined;
  if (target === undefined) {
    const message = `backups go to ${name}, which ${file} doesn't have in bucketworks:backupTargets; declare it (docs/backup.md)`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const args = ["config", "--show-secrets", "--json", "--stack", stage, "--non-interactive"];
  const config = JSON.parse(await askPulumi(root, process.env, args)) as Record<string, { value?: string } | undefined>;
  const setting = `bucketworks:backupTargetCredentials.${name}`;
  const credential = parseNamedCredentials(config["bucketworks:backupTargetCredentials"]?.value ?? "{}")?.[name];
  if (credential === undefined) {
    const message = `${file} has no key for backup target ${name}; set it, it is asked for and encrypted: pulumi config set --path --secret '${setting}.accessKey', then '${setting}.secretKey'`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const { endpoint, region = defaults.region, caFile } = target;
  return {
    key: `the key of backup target ${name} (stack ${stage})`,
    ...{ cure: CURE, renewal: `set ${setting} anew` },
    server: {
      ...{ ...addressOf(endpoint), ...credential, region, credentialsFrom: setting },
      settings: `bucketworks:backupTargets.${name}.`,
      ...(caFile !== undefined && { caFile: resolve(root, caFile) }),
    },
  };
}

function ofEnvironment(name: string, env: NodeJS.ProcessEnv): BackupServer {
  const needed = (variable: string): string => {
    const value = env[variable];
    if (value) return value;
    const why = `${variable} isn't set: with --server no stack says where backup target ${name} is; export it`;
    throw new CommandError(why, EXIT.wrongUse);
  };
  const url = needed(BACKUP_TARGET.url);
  if (!isOrigin(url)) throw new CommandError(`${BACKUP_TARGET.url} must be https://HOST:PORT`, EXIT.wrongUse);
  const credential = { accessKey: needed(BACKUP_TARGET.accessKey), secretKey: needed(BACKUP_TARGET.secretKey) };
  const from = `${BACKUP_TARGET.accessKey} and ${BACKUP_TARGET.secretKey}`;
  const [region, caFile] = [env[BACKUP_TARGET.region] || defaults.region, env[BACKUP_TARGET.caFile]];
  return {
    ...{ key: `the key in ${from}`, cure: CURE, renewal: "export the right one" },
    server: {
      ...{ ...addressOf(url), ...credential, region, credentialsFrom: from },
      wayIn: `is ${BACKUP_TARGET.url} right?`,
      ...(caFile && { caFile }),
    },
  };
}

function addressOf(url: string): { endpoint: string; secure: boolean } {
  const { host, protocol } = new URL(url);
  return { endpoint: host, secure: protocol === "https:" };
}
