import { readFileSync } from "node:fs";
import { ListBucketsCommand, ListObjectVersionsCommand, S3 } from "@aws-sdk/client-s3";
import { connect } from "../../provider/server/connection.ts";
import { readSettings } from "../../provider/server/read.ts";
import type { TestCheckout } from "./checkout.ts";
import type { TestServer } from "./minio.ts";

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
}

/**
 * Resources of the stack as `pulumi stack export` gives them, without times and serial numbers. Secrets are decrypted:
 * each save of the state encrypts them anew.
 */
export async function stateOf(checkout: TestCheckout, stack = "dev"): Promise<StateResource[]> {
  const exported = await checkout.must("pulumi", "stack", "export", "--show-secrets", "--stack", stack);
  const { deployment } = JSON.parse(exported);
  const resources = (deployment.resources ?? []).map(({ urn, type, id, inputs, outputs }: StateResource) => ({
    urn,
    type,
    id,
    inputs,
    outputs,
  }));
  return resources.sort((a: StateResource, b: StateResource) => (a.urn < b.urn ? -1 : 1));
}

/** Names of the buckets in the state, sorted. */
export function bucketsIn(state: readonly StateResource[]): string[] {
  return state.flatMap(({ type, id }) => (type === "bucketworks:index:Bucket" && id ? [id] : [])).sort();
}

/** Everything on the server that a mistake could lose: buckets, their settings, every version of every object. */
export async function dumpOf(server: TestServer): Promise<Record<string, unknown>> {
  const tls = server.tls === undefined ? { secure: false } : { secure: true, caFile: server.tls.caFile };
  const config = { endpoint: server.endpoint, region: "us-east-1", ...tls };
  const connection = connect(
    { ...config, accessKey: server.user, secretKey: server.password },
    new AbortController().signal,
  );
  const { Buckets = [] } = await connection.s3.send(new ListBucketsCommand());
  const entries = Buckets.map(async ({ Name = "" }) => {
    const { Versions = [], DeleteMarkers = [] } = await connection.s3.send(
      new ListObjectVersionsCommand({ Bucket: Name }),
    );
    const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `${Key}@${VersionId}`);
    return [Name, { settings: await readSettings(connection, Name), objects }] as const;
  });
  const dump = Object.fromEntries(await Promise.all(entries));
  connection.s3.destroy();
  return dump;
}

/** A client of the server with root's credentials. */
export function rootClient(server: TestServer): S3 {
  return new S3({
    endpoint: server.url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: server.user, secretAccessKey: server.password },
    ...(server.tls && { requestHandler: { httpsAgent: { ca: readFileSync(server.tls.caFile) } } }),
  });
}
