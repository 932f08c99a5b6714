import type { ResolvedModel } from "../config/model.ts";
import type { IdentityReport } from "../verify/identities/verify.ts";
import type { ServerAddress } from "../verify/wire.ts";
import { stackOutputs } from "./credentials.ts";
import { CommandError } from "./exit.ts";

/** The stack whose outputs hold the keys. */
export interface StackAt {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly name: string;
}

/** Tries every identity of the model with its key from the stack; where there are no keys, none could be tried. */
export async function lookAtIdentities(
  model: ResolvedModel,
  server: ServerAddress,
  { root, env, name }: StackAt,
): Promise<IdentityReport> {
  const declared = model.platforms.flatMap(({ name: platform, access }) =>
    [...access.users, ...access.serviceAccounts].map((each) => ({ identity: each.name, platform })),
  );
  if (declared.length === 0) return { identities: 0, tries: 0, findings: [], notTried: [] };
  try {
    const { credentials, imported } = await stackOutputs(root, env, name);
    const { verifyIdentities } = await import("../verify/identities/verify.ts");
    const report = await verifyIdentities(model, server, credentials);
    return { ...report, ...untriable(report, imported) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const notTried = declared.map((each) => ({ ...each, reason: error.message }));
    return { identities: declared.length, tries: 0, findings: [], notTried };
  }
}

/** An imported key can't be tried, which says nothing about it. */
function untriable(
  { findings, notTried }: IdentityReport,
  imported: readonly string[],
): Pick<IdentityReport, "findings" | "notTried"> {
  const reason = "it was imported, and the stack doesn't know its secret";
  const unknown = findings.filter(({ identity }) => imported.includes(identity));
  return {
    findings: findings.filter((finding) => !unknown.includes(finding)),
    notTried: [...notTried, ...unknown.map(({ identity, platform }) => ({ identity, platform, reason }))],
  };
}
