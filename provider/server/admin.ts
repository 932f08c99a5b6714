import type { Connection } from "./connection.ts";
import { remember } from "./rights.ts";
import { type Answer, CallError, signedRequest } from "./signed.ts";

/** Sets the quota in bytes (MinIO calls it hard); undefined takes it off. */
export async function writeQuota(server: Connection, bucket: string, bytes: number | undefined): Promise<void> {
  const body = bytes === undefined ? { quota: 0 } : { quota: bytes, size: bytes, quotatype: "hard" };
  await adminCall(server, "PUT", "set-bucket-quota", { bucket }, JSON.stringify(body));
}

/** One call of MinIO's admin API whose answer is plain JSON. @throws CallError with MinIO's code */
export async function adminCall(...call: Parameters<typeof adminAnswer>): Promise<string> {
  return (await adminAnswer(...call)).text;
}

/** One call of MinIO's admin API. @throws CallError with MinIO's code */
export async function adminAnswer(
  server: Connection,
  method: string,
  call: string,
  query: Record<string, string>,
  body: string | Uint8Array = "",
): Promise<Answer> {
  const path = `/minio/admin/v3/${call}`;
  const answer = await signedRequest(server, { method, path, query, body });
  if (answer.status < 200 || answer.status >= 300) throw remember(failure(answer.text, answer.status), call);
  return answer;
}

/** MinIO answers admin faults as JSON, a proxy in front of it may answer anything. */
function failure(text: string, status: number): CallError {
  try {
    const { Code, Message } = JSON.parse(text) as { Code?: unknown; Message?: unknown };
    if (typeof Code === "string") return new CallError(Code, String(Message ?? Code), status);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new CallError(`Http${status}`, `answer ${status} to an admin call is not MinIO's`, status);
}
