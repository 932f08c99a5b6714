import { CommandError, EXIT } from "../ending/exit.ts";
import { askPulumi } from "./run-pulumi.ts";

/** Key of one user or service account. */
export interface Credential {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What a stack says about itself, decrypted. */
export interface StackOutputs {
  /** URL of the S3 API. */
  readonly endpoint: string;
  /** By user or service account. */
  readonly credentials: Readonly<Record<string, Credential>>;
  /** Users and service accounts that were imported: the server keeps their secrets to itself. */
  readonly imported: readonly string[];
  /** Access keys of all of them, also of the imported, and of those that are being replaced. */
  readonly accessKeys: ReadonlySet<string>;
}

/**
 * Reads the outputs of a stack, with its secrets in plaintext: for a command that hands one over, or tries one.
 * @throws CommandError when the stack can't be read or was never deployed
 */
export async function stackOutputs(root: string, env: NodeJS.ProcessEnv, stack: string): Promise<StackOutputs> {
  const answer = await askPulumi(root, env, ["stack", "output", "--json", "--show-secrets", "--stack", stack]);
  const {
    endpoint,
    credentials,
    previousKeys = {},
  } = JSON.parse(answer) as {
    endpoint?: string;
    previousKeys?: Record<string, string>;
    credentials?: Record<string, Credential & { secretKey: string | null }>;
  };
  if (endpoint === undefined || credentials === undefined) {
    throw new CommandError(`stack ${stack} has no keys yet; deploy it first: make up, or pulumi up`, EXIT.couldNotLook);
  }
  const [known, imported] = [true, false].map((has) =>
    Object.entries(credentials).filter(([, { secretKey }]) => (typeof secretKey === "string") === has),
  );
  return {
    endpoint,
    credentials: Object.fromEntries(known ?? []),
    imported: (imported ?? []).map(([name]) => name),
    accessKeys: new Set([
      ...Object.values(credentials).map(({ accessKey }) => accessKey),
      ...Object.values(previousKeys),
    ]),
  };
}
