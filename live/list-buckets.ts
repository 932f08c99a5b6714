import type { Reader } from "./reader.ts";
import { child, children, childText, parseXml } from "./xml.ts";

/** A bucket as the list has it. */
export interface ListedBucket {
  readonly name: string;
  /** When it was made: ISO 8601, UTC. */
  readonly createdAt: string;
}

/** All buckets that the credentials may know of, as the server sorts them. @throws ReadError */
export function listBuckets(reader: Reader): Promise<ListedBucket[]> {
  const asked = { what: "the list of buckets", right: "s3:ListAllMyBuckets" };
  return reader.read(reader.client.service(), asked, bucketsIn);
}

/** What the answer to a request for the list of buckets names; undefined where it is another document. */
export function bucketsIn(body: string): ListedBucket[] | undefined {
  const list = parseXml(body, "ListAllMyBucketsResult");
  if (list === undefined) return undefined;
  return children(child(list, "Buckets"), "Bucket").map((each) => ({
    name: childText(each, "Name") ?? "",
    createdAt: childText(each, "CreationDate") ?? "",
  }));
}
