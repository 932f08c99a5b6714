import type { ResolvedModel } from "../../config/model.ts";
import { declaredAccounts, isDocument } from "../../live/declared-accounts.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { ReadError } from "../../live/read-error.ts";
import type { ReaderOptions } from "../../live/reader.ts";
import { accessMatrix, type NamedAccount } from "../../report/access-matrix.ts";
import { driftOf, withoutOthers } from "../../report/drift.ts";
import type { Verified } from "../../report/parts.ts";
import type { Report } from "../../report/schema.ts";
import { readForScan, scanReportOf } from "../../scan/scan.ts";
import { ignoreEntries, releasedBuckets } from "../scan/accepted.ts";
import { hasStackFile, readStackFile } from "../stack-file.ts";
import type { Target } from "../target/target.ts";
import type { StackAt } from "../verify/identities.ts";
import { triesOf } from "./tried-buckets.ts";

interface ServerSeen extends Pick<Report, "access" | "drift"> {
  readonly notLooked: Report["not_looked"];
}

export interface ServerOptions extends Pick<ReaderOptions, "onProgress"> {
  readonly stack: StackAt;
  readonly verified: Verified;
  /** True where some of the stage's platforms were named: what else is on the server may be in the spec of another one. */
  readonly somePlatforms: boolean;
}

/** Reads the whole server once, for who may do what and for drift; where it can't be read, both say why. */
export async function accessAndDrift({ model, server }: Target, options: ServerOptions): Promise<ServerSeen> {
  try {
    const live = await readForScan(model, server, options);
    const access = accessMatrix({
      ...{ model, live },
      accounts: accountsOf(model, live),
      tries: triesOf(model, options.verified),
      disagreed: new Set(
        (options.verified.identities?.findings ?? []).map(({ identity, bucket }) => `${identity} ${bucket}`),
      ),
    });
    const drift = driftSeen({ model, server }, live, options);
    return { access: access.access, drift: drift.drift, notLooked: [...access.notLooked, ...drift.notLooked] };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const { message: reason } = error;
    return { access: { reason }, drift: { reason }, notLooked: [] };
  }
}

function driftSeen(
  { model, server }: Target,
  live: LiveServer,
  { stack, somePlatforms }: ServerOptions,
): Pick<ServerSeen, "drift" | "notLooked"> {
  const file = hasStackFile(stack.root, stack.name) ? readStackFile(stack.root, stack.name) : undefined;
  const report = scanReportOf(model, server, live, {
    ignores: ignoreEntries(undefined),
    released: releasedBuckets(server),
    configuration: file?.configuration.expected,
    tiers: file?.tiers,
    remotes: file?.remotes,
  });
  const findings = somePlatforms ? withoutOthers(report.findings) : report.findings;
  const left = {
    what: "drift: what is in no spec",
    reason: "some platforms were named, and the specs of others aren't known",
  };
  const notLooked = report.notLooked.map(({ subject: { kind, name }, reason }) => ({
    what: `drift: ${kind}${name === null ? "" : ` ${name}`}`,
    reason,
  }));
  return { drift: driftOf({ findings }, stack.name), notLooked: [...notLooked, ...(somePlatforms ? [left] : [])] };
}

/** The server gives service accounts names of its own: they are told by user and document. */
function accountsOf(model: ResolvedModel, { accounts }: LiveServer): NamedAccount[] {
  const declared = declaredAccounts(model);
  return ("value" in accounts ? accounts.value : []).flatMap(({ accessKey, user, detail }): NamedAccount[] => {
    if (detail === null || !("value" in detail) || !detail.value.enabled) return [];
    const { policy } = detail.value;
    const known = declared.find(({ account, document }) => account.user === user && isDocument(policy, document));
    return [{ name: known?.account.name ?? accessKey, user, policy }];
  });
}
