import type { ResolvedModel } from "../../config/model.ts";
import { ReadError } from "../../live/read-error.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import type { IdentityFinding, IdentityReport } from "../../verify/identities/verify-identities.ts";
import { CommandError } from "../ending/exit.ts";
import { type StackOutputs, stackOutputs } from "../pulumi/stack-outputs.ts";

/** The stack whose outputs hold the keys. */
export interface StackAt {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly name: string;
  /** What it says of itself, where that is being asked already; it may fail. */
  readonly outputs?: Promise<StackOutputs> | undefined;
}

/**
 * Tries every identity of the model with its key from the stack, and looks for service accounts of its users that the
 * stack doesn't know; where there are no keys, none could be tried.
 */
export async function lookAtIdentities(
  model: ResolvedModel,
  server: ServerAddress,
  { root, env, name, outputs }: StackAt,
): Promise<IdentityReport> {
  const declared = model.platforms.flatMap(({ name: platform, access }) =>
    [...access.users, ...access.serviceAccounts].map((each) => ({ identity: each.name, platform })),
  );
  if (declared.length === 0) return { identities: 0, tries: 0, findings: [], notTried: [] };
  try {
    const { credentials, imported, accessKeys } = await (outputs ?? stackOutputs(root, env, name));
    const { verifyIdentities } = await import("../../verify/identities/verify-identities.ts");
    const report = await verifyIdentities(model, server, credentials);
    const { findings, notTried } = untriable(report, imported);
    const strangers = await foreignAccounts(model, server, accessKeys);
    return {
      ...report,
      findings: [...findings, ...strangers.findings],
      notTried: [...notTried, ...strangers.notTried],
    };
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

/**
 * Service accounts that act for users of the model and whose key no output of the stack holds: left by a killed run or
 * made by hand. They can do what their user may, and stay when its secret is renewed.
 */
async function foreignAccounts(
  model: ResolvedModel,
  server: ServerAddress,
  accessKeys: ReadonlySet<string>,
): Promise<Pick<IdentityReport, "findings" | "notTried">> {
  const platformOf = new Map(
    model.platforms.flatMap(({ name, access }) => access.users.map((user) => [user.name, name] as const)),
  );
  const { accountsOf } = await import("../../live/read-accounts.ts");
  const { besideSpecs } = await import("../../live/beside-specs.ts");
  try {
    const isForeign = (accessKey: string): boolean => !accessKeys.has(accessKey);
    const accounts = await accountsOf(server, [...platformOf.keys()], { detailed: isForeign });
    const findings = accounts
      .filter((each) => isForeign(each.accessKey) && besideSpecs(model, each, new Date()) === undefined)
      .map(({ accessKey, user }): IdentityFinding => {
        const actual = `acts for ${user} and isn't the stack's; if nobody uses it, mc admin user svcacct rm ALIAS ${accessKey}`;
        const about = { identity: accessKey, platform: platformOf.get(user) ?? "" };
        return { ...about, operation: "act for a user", bucket: null, key: null, expected: "refused", actual };
      });
    return { findings, notTried: [] };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return { findings: [], notTried: [{ identity: "other service accounts", platform: "", reason: error.message }] };
  }
}
