import type { Reader } from "./reader.ts";
import { child, children, childText, parseXml } from "./xml.ts";

/** A bucket as the list has it. */
export interface ListedBucket {
  readonly name: string;
  /** When it was made: ISO 8601, UTC. */
  readonly createdAt: string;
}

/** All buckets that the credentials may know of, as the server sorts them. @throws ReadError */
export async function listBuckets(reader: Reader): Promise<ListedBucket[]> {
  const list = await reader.read(
    reader.client.service(),
    { what: "the list of buckets", right: "s3:ListAllMyBuckets" },
    (body) => parseXml(body, "ListAllMyBucketsResult"),
  );
  return children(child(list, "Buckets"), "Bucket").map((each) => ({
    name: childText(each, "Name") ?? "",
    createdAt: childText(each, "CreationDate") ?? "",
  }));
}
