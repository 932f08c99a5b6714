import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { manifestName, objectKey } from "../../backup/manifest/names.ts";
import { ManifestWriter } from "../../backup/manifest/write.ts";
import { ROOT } from "../support/toolchain.ts";
import { measured } from "./measured.ts";

/**
 * A backup, and a look at it, of so many versions that a bucket doesn't have: a server that makes up its pages and remembers
 * manifests alone. What is measured is our side: time, memory and how many requests it makes.
 */
const VERSIONS = Number(process.argv[2] ?? 1_000_000);
/** Of a hundred, how many have another version in the second run. */
const CHANGED = 1;
const PAGE = 1000;
const DAY_MS = 24 * 3600 * 1000;
const INTO = "type=daily/";
const MODIFIED = "2026-11-29T01:02:03.004Z";
const MANIFESTS = `${INTO}manifests/shop-raw/`;

const folder = mkdtempSync(join(tmpdir(), "bucketworks-bench-pages-"));
const manifests = new Map<string, Record<string, string>>();
const file = join(folder, "shop.yaml");
const target = "{name: shop-backups, description: d, object_lock: {mode: compliance, days: 35}}";
writeFileSync(
  file,
  `bucket_groups: {all: {versioning: true, buckets: [{name: shop-raw, description: d}, ${target}]}}
backup: {bucket: shop-backups, prefix: ${INTO}, schedule: "17 2 * * *", keep: 35, buckets: [{name: shop-raw}]}
`,
);
let requests = 0;
/** Every hundredth version is another one with each change. */
let change = 0;

const server = createServer((request, response) => {
  requests += 1;
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(0, "127.0.0.1", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { MINIO_ACCESS_KEY: "someone", MINIO_SECRET_KEY: "something" };
  const ours = async (name: string, ...args: string[]): Promise<void> => {
    requests = 0;
    const words = [join(ROOT, "bin/bucketworks"), "backup", ...args, file, "--server", url];
    const took = await measured(process.pid, { env, words });
    const cells = [took.seconds.toFixed(1), took.cpuSeconds.toFixed(1), took.peak.toFixed(0), requests];
    console.log(`| ${[name, ...cells].join(" | ")} |`);
  };
  try {
    await firstManifest();
    console.log(`${VERSIONS} versions, made up; a manifest has ${[...manifests.values()][0]?.size} bytes\n`);
    console.log("| | seconds | CPU | peak MiB | requests |\n|---|--:|--:|--:|--:|");
    await ours("nothing changed, tags are asked for", "run");
    await ours("nothing changed", "run");
    change = 1;
    await ours(`${CHANGED} % new`, "run");
    if (process.argv[3] === "verify") await ours("verify", "verify");
    await ours("verify, a sample of 1000", "verify", "--sample", "1000");
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  }
});

const key = (index: number): string =>
  `date=${String(Math.floor(index / 1000)).padStart(6, "0")}/part-${String(index).padStart(9, "0")}.parquet`;
const version = (index: number): string => {
  const isNew = change > 0 && index % (100 / CHANGED) === 0;
  return `${isNew ? "1" : "0"}b1c2d3e-0000-4000-8000-${String(index).padStart(12, "0")}`;
};
const etag = (index: number): string => String(index).padStart(32, "0");

/** As a run of a week ago would have stored it. */
async function firstManifest(): Promise<void> {
  const instant = new Date(Math.floor((Date.now() - 7 * DAY_MS) / 1000) * 1000);
  const until = new Date(Date.now() + 40 * DAY_MS).toISOString();
  const name = manifestName(instant);
  const header = { platform: "shop", bucket: "shop-raw", prefixes: [], instant: instant.toISOString(), before: null };
  const writer = new ManifestWriter({ schema: 1, ...header }, createWriteStream(join(folder, name)));
  for (let index = 0; index < VERSIONS; index += 1) {
    const of = { key: key(index), version: version(index), modified: MODIFIED, size: 1024, etag: etag(index) };
    const stored = { key: objectKey(INTO, { bucket: "shop-raw", ...of }), version: of.version, until };
    const metadata = { "content-type": "binary/octet-stream" };
    await writer.add({ ...of, latest: true, metadata, stored }, true);
  }
  const { trailer, sha256, bytes } = await writer.end();
  const { versions, markers, added, addedBytes } = trailer;
  const counts = { versions, markers, bytes: trailer.bytes, added, "added-bytes": addedBytes };
  const about = Object.entries({ sha256, ...counts }).map(([field, value]) => [`x-amz-meta-${field}`, String(value)]);
  manifests.set(name, { ...Object.fromEntries(about), size: String(bytes) });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://server");
  const path = decodeURIComponent(pathname).replace(/\/$/, "");
  const xml = (body: string): void => {
    response.setHeader("content-type", "application/xml");
    response.end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
  };
  const name = path.startsWith(`/shop-backups/${MANIFESTS}`) ? (path.split("/").at(-1) ?? "") : undefined;
  if (name !== undefined) return manifest(name, request, response);
  if (request.method === "PUT") {
    request.resume();
    response.setHeader("x-amz-version-id", "0b1c2d3e-0000-4000-8000-000000000000");
    return xml(`<CopyObjectResult><ETag>"e"</ETag><LastModified>${MODIFIED}</LastModified></CopyObjectResult>`);
  }
  if (request.method === "HEAD") return object(path, query.get("versionId") ?? "", response);
  if (path === "/shop-raw") return xml(page(query.get("key-marker") ?? "", query.has("metadata")));
  if (query.has("versioning"))
    return xml("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
  if (query.has("object-lock")) {
    const rule = "<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>35</Days></DefaultRetention></Rule>";
    const enabled = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
    return xml(`<ObjectLockConfiguration>${enabled}${rule}</ObjectLockConfiguration>`);
  }
  return xml(manifestList(query.has("versions")));
}

async function manifest(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(folder, name);
  if (request.method === "PUT") {
    await pipeline(request, createWriteStream(path));
    const about = Object.entries(request.headers).filter(([field]) => field.startsWith("x-amz-meta-"));
    manifests.set(name, {
      ...(Object.fromEntries(about) as Record<string, string>),
      size: String(statSync(path).size),
    });
    response.setHeader("x-amz-version-id", "v1");
    response.end();
    return;
  }
  const { size, ...about } = manifests.get(name) ?? {};
  response.writeHead(200, { ...about, "content-length": size });
  if (request.method === "HEAD") response.end();
  else createReadStream(path).pipe(response);
}

function object(path: string, id: string, response: ServerResponse): void {
  const isThere = path.startsWith("/shop-raw") || id !== "";
  if (!isThere) response.statusCode = 404;
  else {
    response.setHeader("content-length", path === "/shop-raw" ? 0 : 1024);
    response.setHeader("last-modified", "Sun, 29 Nov 2026 01:02:03 GMT");
    response.setHeader("content-type", "binary/octet-stream");
    response.setHeader("etag", '"e"');
  }
  response.end();
}

/** As MinIO writes a page of versions. @param tags whether they are told, with the metadata */
function page(after: string, tags: boolean): string {
  const told = tags
    ? "<UserMetadata><content-type>binary/octet-stream</content-type></UserMetadata><Internal><K>1</K><M>0</M></Internal>"
    : "";
  const from = after === "" ? 0 : Number(/part-(\d+)/.exec(after)?.[1]) + 1;
  const to = Math.min(from + PAGE, VERSIONS);
  const entries: string[] = [];
  for (let index = from; index < to; index += 1) {
    entries.push(
      `<Version><Key>${encodeURIComponent(key(index)).replaceAll("%2F", "/")}</Key><LastModified>${MODIFIED}</LastModified><ETag>&#34;${etag(index)}&#34;</ETag><Size>1024</Size><Owner><ID>02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4</ID><DisplayName>minio</DisplayName></Owner><StorageClass>STANDARD</StorageClass>${told}<IsLatest>true</IsLatest><VersionId>${version(index)}</VersionId></Version>`,
    );
  }
  const next =
    to < VERSIONS
      ? `<NextKeyMarker>${encodeURIComponent(key(to - 1))}</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>`
      : "";
  return `<ListVersionsResult><Name>shop-raw</Name><IsTruncated>${to < VERSIONS}</IsTruncated>${next}${entries.join("")}</ListVersionsResult>`;
}

function manifestList(isOfVersions: boolean): string {
  const all = [...manifests].map(([name, { size }]) => {
    const of = `<Key>${MANIFESTS}${name}</Key><LastModified>${MODIFIED}</LastModified><Size>${size}</Size>`;
    return isOfVersions
      ? `<Version>${of}<IsLatest>true</IsLatest><VersionId>v1</VersionId></Version>`
      : `<Contents>${of}</Contents>`;
  });
  const element = isOfVersions ? "ListVersionsResult" : "ListBucketResult";
  return `<${element}><IsTruncated>false</IsTruncated><KeyCount>${all.length}</KeyCount>${all.join("")}</${element}>`;
}
