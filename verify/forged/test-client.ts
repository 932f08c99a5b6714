import type { LiveClient } from "../../live/client.ts";
import { codeOf } from "../../live/faults.ts";
import { ReadError } from "../../live/read-error.ts";
import type { Answer } from "../../live/request.ts";
import { children, childText, parseXml } from "../../live/xml.ts";
import { beginUpload } from "../try-and-remove.ts";

/** What the key at hand sees, may do and clears up where requests are forged. */
export class TestClient {
  readonly #client: LiveClient;

  constructor(client: LiveClient) {
    this.#client = client;
  }

  /**
   * Removes a key that is the trial's own, with every version of it, so that a bucket with versioning holds no marker
   * afterwards. The list of versions says which, as a forged request's answer may not.
   * @returns whether the key is gone, asked by HEAD; false where that can't be known
   */
  async remove(bucketName: string, objectName: string, { version = "null" }: Answer): Promise<boolean> {
    try {
      const there = await this.#versions(bucketName, objectName);
      for (const versionId of there ?? [version]) {
        await this.#client.send({ method: "DELETE", bucketName, objectName, query: { versionId } });
      }
      if (there === undefined && (await this.#head(bucketName, objectName)) < 300) {
        const deleted = await this.#client.send({ method: "DELETE", bucketName, objectName });
        // A marker: what it hides is there still.
        if (deleted.version !== undefined) return false;
      }
      const status = await this.#head(bucketName, objectName);
      if (there === undefined) return status === 404;
      return status >= 400 && (await this.#versions(bucketName, objectName))?.length === 0;
    } catch (error) {
      if (error instanceof ReadError) return false;
      throw error;
    }
  }

  async #head(bucketName: string, objectName: string): Promise<number> {
    return (await this.#client.send({ method: "HEAD", bucketName, objectName })).status;
  }

  /** Versions and markers of one key; undefined where they can't be listed. */
  async #versions(bucketName: string, objectName: string): Promise<string[] | undefined> {
    const answer = await this.#client.send({ bucketName, query: { versions: "", prefix: objectName } });
    const list = parseXml(answer.body, "ListVersionsResult");
    if (answer.status !== 200 || list === undefined) return undefined;
    const all = [...children(list, "Version"), ...children(list, "DeleteMarker")];
    return all.flatMap((one) => (childText(one, "Key") === objectName ? [childText(one, "VersionId") ?? "null"] : []));
  }

  /** Buckets that are there and have no object lock; one that can't be read isn't. */
  async openBuckets(names: readonly string[]): Promise<string[]> {
    const isOpen = async (bucketName: string): Promise<boolean> =>
      codeOf(await this.#client.send({ bucketName, query: { "object-lock": "" } })) ===
      "ObjectLockConfigurationNotFoundError";
    const open: string[] = [];
    for (const name of names) if (await isOpen(name)) open.push(name);
    return open;
  }

  /** Whether the key at hand may put an object: it begins an upload and aborts it. */
  async mayPut(bucketName: string, objectName: string): Promise<boolean> {
    const client = this.#client;
    const { body } = await beginUpload({ asker: client, cleaner: client, bucketName, objectName });
    return childText(parseXml(body, "InitiateMultipartUploadResult"), "UploadId") !== undefined;
  }

  /** Whether it may read an object, by the answer for one that isn't there. */
  async mayGet(bucketName: string, objectName: string): Promise<boolean> {
    return codeOf(await this.#client.send({ bucketName, objectName })) === "NoSuchKey";
  }
}
