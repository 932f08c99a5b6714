import type { S3Client } from "@aws-sdk/client-s3";
import { defaults } from "../../../config/defaults.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { rootCredentials } from "../secrets.ts";
import { HOST } from "../service/local-service.ts";
import { readRun } from "../service/record.ts";

/** True when the server on this port says that it is up and takes requests. */
export async function isLive(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://${HOST}:${port}/minio/health/live`, { signal: AbortSignal.timeout(2000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/**
 * A client of the local server with root's credentials. The caller destroys it.
 * The SDK is loaded here, and not by every command that needs no server: it takes a third of a second.
 */
export async function rootClient(checkout: Checkout, port: number): Promise<S3Client> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { user, password } = rootCredentials(checkout);
  return new S3Client({
    endpoint: `http://${HOST}:${port}`,
    region: readRun(checkout.minio)?.settings.region ?? defaults.region,
    forcePathStyle: true,
    maxAttempts: 5,
    credentials: { accessKeyId: user, secretAccessKey: password },
  });
}

/**
 * Asks the server for its buckets as root: it is ours only when it takes our credentials.
 * @returns the buckets it holds by name, sorted, with the time each was made
 * @throws CommandError when it refuses the credentials or doesn't answer
 */
export async function liveBuckets(checkout: Checkout, port: number): Promise<ReadonlyMap<string, Date>> {
  const { ListBucketsCommand } = await import("@aws-sdk/client-s3");
  const client = await rootClient(checkout, port);
  try {
    const answer = await client.send(new ListBucketsCommand(), { abortSignal: AbortSignal.timeout(15_000) });
    const buckets = (answer.Buckets ?? []).map(
      (bucket) => [String(bucket.Name), bucket.CreationDate ?? new Date(0)] as const,
    );
    return new Map(buckets.sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch (error) {
    const { name, message } = error as Error;
    throw new CommandError(
      `http://${HOST}:${port}: the server doesn't answer root's request for its buckets: ${name}: ${message}`,
      EXIT.couldNotLook,
    );
  } finally {
    client.destroy();
  }
}
