import type { LiveClient } from "../live/client.ts";
import { answerFault } from "../live/faults.ts";
import { ReadError } from "../live/read-error.ts";
import type { Answer, Query, Request } from "../live/request.ts";
import { children, childText, parseXml } from "../live/xml.ts";

/** Who tries on which key, and who looks and cleans up; the key is the try's own, no object has it. */
interface Try {
  readonly asker: LiveClient;
  readonly cleaner: LiveClient;
  readonly bucketName: string;
  readonly objectName: string;
}

/** What each arrival of a request makes, and how a list of the server names it. */
interface Kind {
  readonly name: string;
  readonly rights: { readonly list: string; readonly remove: string };
  readonly list: Query;
  readonly root: string;
  readonly element: string;
  readonly id: "UploadId" | "VersionId";
  readonly parameter: "uploadId" | "versionId";
}

const UPLOAD: Kind = {
  name: "an unfinished upload",
  rights: { list: "s3:ListBucketMultipartUploads", remove: "s3:AbortMultipartUpload" },
  list: { uploads: "" },
  root: "ListMultipartUploadsResult",
  element: "Upload",
  id: "UploadId",
  parameter: "uploadId",
};
const MARKER: Kind = {
  name: "a delete marker",
  rights: { list: "s3:ListBucketVersions", remove: "s3:DeleteObjectVersion" },
  list: { versions: "" },
  root: "ListVersionsResult",
  element: "DeleteMarker",
  id: "VersionId",
  parameter: "versionId",
};

/**
 * Begins a multipart upload and aborts it.
 * @returns the answer to the beginning
 * @throws ReadError where no answer comes, or something may be left
 */
export function beginUpload(place: Try): Promise<Answer> {
  return madeAndRemoved(place, UPLOAD, { method: "POST", query: { uploads: "" } }, ({ body }) =>
    childText(parseXml(body, "InitiateMultipartUploadResult"), "UploadId"),
  );
}

/**
 * Deletes the key, and the delete marker that this makes in a versioned bucket.
 * @returns the answer to the first
 * @throws ReadError where no answer comes, or something may be left
 */
export function deleteKey(place: Try): Promise<Answer> {
  return madeAndRemoved(place, MARKER, { method: "DELETE" }, ({ version }) => version);
}

async function madeAndRemoved(
  place: Try,
  kind: Kind,
  request: Request,
  idOf: (answer: Answer) => string | undefined,
): Promise<Answer> {
  const { asker, bucketName, objectName } = place;
  const made = await asker.send({ bucketName, objectName, ...request }).catch(async (error: unknown) => {
    // it may have arrived, and how often isn't known
    await removing(place, kind, () => listed(place, kind));
    throw error;
  });
  const id = idOf(made);
  if (made.repeated) await removing(place, kind, () => listed(place, kind));
  else if (id) await removing(place, kind, async () => [id]);
  return made;
}

async function removing(place: Try, kind: Kind, find: () => Promise<readonly string[]>): Promise<void> {
  const { cleaner, bucketName, objectName } = place;
  try {
    for (const id of await find()) {
      const answer = await cleaner.send({ method: "DELETE", bucketName, objectName, query: { [kind.parameter]: id } });
      if (answer.status < 300 || answer.status === 404) continue;
      throw answerFault(answer, cleaner.server, { what: kind.name, right: kind.rights.remove, deed: "remove" });
    }
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const left = `${kind.name} may be left at ${bucketName}/${objectName}; remove it`;
    throw new ReadError(`${left} (${error.message})`, error.everywhere, error);
  }
}

async function listed({ cleaner, bucketName, objectName }: Try, kind: Kind): Promise<string[]> {
  const answer = await cleaner.send({ bucketName, query: { ...kind.list, prefix: objectName } });
  const list = parseXml(answer.body, kind.root);
  if (answer.status !== 200 || list === undefined) {
    throw answerFault(answer, cleaner.server, { what: kind.name, right: kind.rights.list, deed: "look for" });
  }
  return children(list, kind.element).flatMap((one) =>
    childText(one, "Key") === objectName ? (childText(one, kind.id) ?? []) : [],
  );
}
