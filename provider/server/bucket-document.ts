import { XMLParser } from "fast-xml-parser";
import type { Connection } from "./connection.ts";
import { remember } from "./rights.ts";
import { CallError, signedRequest } from "./signed.ts";

const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === "Rule" });

/** A document of a bucket as it came. @param query its sub-resource @throws CallError with S3's code, as the SDK would */
export async function readText(server: Connection, bucket: string, query: string): Promise<string> {
  const { status, text } = await signedRequest(server, { method: "GET", path: `/${bucket}`, query: { [query]: "" } });
  if (status === 200) return text;
  throw remember(failure(text, status), query);
}

/** The root element of a document of a bucket. @throws CallError with S3's code, as the SDK would */
export async function readDocument<T extends object>(
  server: Connection,
  bucket: string,
  query: string,
  element: string,
): Promise<Partial<T>> {
  const text = await readText(server, bucket, query);
  // An element without content is parsed as empty text.
  const root = (parser.parse(text) as Record<string, T | "" | undefined>)[element];
  if (root !== undefined) return root || {};
  throw remember(failure(text, 200), query);
}

/** Writes or deletes a document of a bucket. @throws CallError with S3's code, as the SDK would */
export async function writeDocument(
  server: Connection,
  { method, bucket, query, body }: { method: "PUT" | "DELETE"; bucket: string; query: string; body?: string },
): Promise<void> {
  const call = { method, path: `/${bucket}`, query: { [query]: "" }, ...(body !== undefined && { body }) };
  const { status, text } = await signedRequest(server, call);
  if (status >= 200 && status < 300) return;
  throw remember(failure(text, status), `${query} written`);
}

/** What an answer says that isn't what was asked for. */
export function failure(text: string, status: number): CallError {
  const { Error: told } = parser.parse(text) as Record<string, unknown>;
  const { Code = `Http${status}`, Message = `answer ${status} is not S3's` } = (told || {}) as Fault;
  return new CallError(Code, Message, status);
}

interface Fault {
  readonly Code?: string;
  readonly Message?: string;
}
