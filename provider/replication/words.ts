import { plainText } from "../../config/text/plain.ts";
import type { Connection } from "../server/connection.ts";
import { answerLost, explain } from "../server/faults.ts";

/** A fault in the user's words; the engine shows the message as it is. */
export class ReplicationError extends Error {
  override readonly name: string = "ReplicationError";
}

/** The server asked the other one and says what that answered: a refusal, although its status is 503. */
const NO_CONNECTION = "XMinioAdminReplicationRemoteConnectionError";

/** True where the server answered that it won't: nothing was written. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && (error.name === NO_CONNECTION || !answerLost(error));
}

/** Why the server refuses targets or rules, with what the other server told it. Never a secret. */
export function replicationSentence(error: unknown, server: Connection): string {
  return plainText(sentence(error, server));
}

const KEY = "check bucketworks:remotes and bucketworks:remoteCredentials; docs/replication.md says what the key needs";

function sentence(error: unknown, server: Connection): string {
  if (!(error instanceof Error)) return String(error);
  switch (error.name) {
    case "TimeoutError":
      return `MinIO at ${server.url} gave no answer in time; does it reach the other server?`;
    case NO_CONNECTION:
      return `MinIO at ${server.url} can't use the other server: ${lastLine(error.message)}; is it running, does the server see it under that name, and is the key right? ${KEY}`;
    case "RemoteTargetNotVersionedError":
    case "XMinioAdminRemoteTargetNotVersionedError":
      return `that bucket has no versioning (${error.message}); give it versioning there first`;
    case "RemoteDestinationNotFoundError":
    case "RemoteTargetNotFoundError":
    case "XMinioAdminRemoteTargetNotFoundError":
      return `the other server has no such bucket, or shows it to nobody with this key (${error.message}); make it there with versioning, or ${KEY}`;
    case "ReplicationDestinationMissingLockError":
      return "this bucket has object lock and the other has none, which can't be added later; name a bucket that was made with it";
    case "XMinioAdminRemoteIdenticalToSource":
      return "it is the same bucket of the same server; name another remote or bucket";
    default:
      return explain(error, server);
  }
}

/** What the other server said, or why nothing was heard of it. The lines before it name the access key. */
function lastLine(message: string): string {
  return /\n\s*([^\n]+?)\)?\s*$/.exec(message)?.[1] ?? message;
}
