import { isDeepStrictEqual } from "node:util";
import { accessPolicy } from "../builders/access-policy.ts";
import { publicReadPolicy } from "../builders/public-read.ts";
import type { ResolvedModel } from "../config/model.ts";
import { canonicalPolicy } from "../live/canonical.ts";
import { declaredAccounts } from "../live/declared-accounts.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";
import type { WholeServer } from "./draft.ts";

/** Whose policy an update writes anew, because it permits the same in another text: `policy reader`. */
export function rewritten(model: ResolvedModel, server: WholeServer): string[] {
  const isOther = (ours: PolicyDocument | undefined, theirs: PolicyDocument | undefined): boolean =>
    ours !== undefined && theirs !== undefined && !isDeepStrictEqual(canonicalPolicy(ours), canonicalPolicy(theirs));
  const documentOf = (key: string): PolicyDocument | undefined => {
    const detail = server.accounts.find(({ accessKey }) => accessKey === key)?.detail;
    return detail && "value" in detail ? (detail.value.policy ?? undefined) : undefined;
  };
  const accounts = declaredAccounts(model).filter(({ account: { name }, document }) =>
    isOther(document, documentOf(name)),
  );
  const policies = model.platforms.flatMap(({ buckets, access }) => [
    ...buckets
      .filter(({ name, publicRead }) =>
        isOther(publicReadPolicy(name, publicRead), server.buckets.get(name)?.settings.policy),
      )
      .map(({ name }) => `bucket ${name}`),
    ...access.policies
      .filter(({ name, grants }) => isOther(accessPolicy(grants), server.policies.get(name)))
      .map(({ name }) => `policy ${name}`),
  ]);
  return [...policies, ...accounts.map(({ account }) => `service account ${account.name}`)];
}
