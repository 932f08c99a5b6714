import { plainText } from "../../config/text/plain.ts";
import type { Connection } from "../server/connection.ts";
import { explain } from "../server/faults.ts";
import { placeText, type TierInputs } from "./types.ts";

/** A fault in the user's words; the engine shows the message as it is. */
export class TierError extends Error {
  override readonly name = "TierError";
}

/** What the server tried in the other store, by its own words. */
const TRIED: Readonly<Record<string, string>> = { PUT: "write", GET: "read", DELETE: "delete" };

/** Why the server refuses a tier or its key, with what it was told by the other store. Never a secret. */
export function tierSentence(error: unknown, server: Connection, tier: TierInputs): string {
  return plainText(sentence(error, server, tier));
}

function sentence(error: unknown, server: Connection, tier: TierInputs): string {
  if (!(error instanceof Error)) return String(error);
  const { name } = tier;
  const place = placeText(tier);
  const keys = `bucketworks:tierCredentials.${name}`;
  switch (error.name) {
    case "TimeoutError":
      return `MinIO at ${server.url} gave no answer in time; does it reach ${tier.endpoint}?`;
    case "XMinioBackendDown":
      return `MinIO at ${server.url} can't reach ${tier.endpoint}: ${innermost(error.message)}; is that store running, and does bucketworks:tiers.${name}.endpoint say where it is as the server sees it?`;
    case "XMinioAdminTierInsufficientPermissions": {
      const [, tried = "", why = error.message] = /^failed to perform ([A-Z]+): (.*)$/s.exec(error.message) ?? [];
      return `MinIO at ${server.url} could not ${TRIED[tried] ?? "work"} in ${place}: ${why}; check ${keys} and bucketworks:tiers.${name}: the key has to write, read and delete in a bucket that exists`;
    }
    case "XMinioAdminTierInvalidCredentials":
    case "XMinioAdminTierBucketNotFound":
      return `MinIO at ${server.url} is refused by ${tier.endpoint}: ${error.message}; check ${keys} and bucketworks:tiers.${name}.bucket`;
    case "XMinioAdminTierBackendInUse":
      return `${place} holds objects already, which may be another server's; name an empty bucket or another prefix, or, where they are what this server moved there before, set bucketworks:tiers.${name}.adopt to true`;
    case "XMinioAdminTierBackendNotEmpty":
      return `${place} holds objects, which this server may have moved there: without the tier nobody could read them. Bring them back or let them expire, or keep the tier: set bucketworks:tiers.${name} again, with onDelete retain, and run up before taking it out`;
    case "XMinioAdminTierInvalidConfig":
      return `MinIO at ${server.url} can't use these settings (${error.message}); check bucketworks:tiers.${name}`;
    default:
      return explain(error, server);
  }
}

/** Of "Remote backend is unreachable (Get ...: dial tcp ...: connection refused)" what is in the brackets. */
function innermost(message: string): string {
  return /\((.*)\)\s*$/s.exec(message)?.[1] ?? message;
}
