import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { backendFolder } from "../../config/stack/backend.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

/** What lies below `.pulumi` in a state's backend; names are paths from there. */
export interface BackendFiles {
  /** File names of a folder; none where there is no such folder. */
  readonly list: (folder: string) => Promise<string[]>;
  /** The text of a file, unpacked where its name ends in `.gz`. */
  readonly read: (path: string) => Promise<string>;
}

/**
 * Reads a backend of Pulumi's that is a folder or an S3 bucket, where nothing but its files has the states of former updates.
 * @param url value of PULUMI_BACKEND_URL
 * @throws CommandError for any other
 */
export function backendFiles(url: string): BackendFiles {
  const folder = backendFolder(url);
  if (folder !== undefined) return inFolder(join(folder, ".pulumi"));
  if (url.startsWith("s3://")) return inBucket(new URL(url));
  const shown = /^[a-z0-9+.-]*/i.exec(url)?.[0] ?? "";
  throw new CommandError(
    `PULUMI_BACKEND_URL names a backend of kind ${shown || "none"}, whose former states can't be read here (file and s3 can); pulumi stack history lists its updates with their commits: check out the one and run pulumi up`,
    EXIT.couldNotLook,
  );
}

function inFolder(root: string): BackendFiles {
  return {
    list: async (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []),
    read: async (path) => unpacked(path, readFileSync(join(root, path))),
  };
}

/** With the options that Pulumi takes from such a URL, and the credentials that it finds (variables, profile). */
function inBucket({ hostname, pathname, searchParams }: URL): BackendFiles {
  const prefix = [pathname.replace(/^\/+|\/+$/g, ""), ".pulumi"].filter((part) => part !== "").join("/");
  const client = async () => {
    const { S3 } = await import("@aws-sdk/client-s3");
    const [endpoint, region] = [searchParams.get("endpoint"), searchParams.get("region")];
    const plain = searchParams.get("disableSSL") === "true" ? "http" : "https";
    return new S3({
      ...(endpoint !== null && { endpoint: endpoint.includes("://") ? endpoint : `${plain}://${endpoint}` }),
      ...(region !== null && { region }),
      forcePathStyle: searchParams.get("s3ForcePathStyle") === "true",
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  };
  const asked = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: Error) => {
      throw new CommandError(
        `the state's backend s3://${hostname} can't be read: ${error.message || error.name}`,
        EXIT.couldNotLook,
      );
    });
  return {
    list: (folder) => asked(listed(client(), hostname, `${prefix}/${folder}/`)),
    read: (path) => asked(fetched(client(), hostname, `${prefix}/${path}`)),
  };
}

async function listed(
  client: Promise<import("@aws-sdk/client-s3").S3>,
  Bucket: string,
  Prefix: string,
): Promise<string[]> {
  const [s3, { paginateListObjectsV2 }] = await Promise.all([client, import("@aws-sdk/client-s3")]);
  const names: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix, Delimiter: "/" }))
    names.push(...Contents.map(({ Key = "" }) => Key.slice(Prefix.length)));
  s3.destroy();
  return names;
}

async function fetched(client: Promise<import("@aws-sdk/client-s3").S3>, Bucket: string, Key: string): Promise<string> {
  const s3 = await client;
  const { Body } = await s3.getObject({ Bucket, Key });
  const bytes = await Body?.transformToByteArray();
  s3.destroy();
  return unpacked(Key, Buffer.from(bytes ?? []));
}

function unpacked(path: string, bytes: Buffer): string {
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}
