import { CouldNotLook } from "../could-not-look.ts";
import { answerFault, codeOf, networkFault } from "../faults.ts";
import type { Answer, Request, ServerAddress, Wire } from "../wire.ts";
import { childText, parseXml } from "../xml.ts";

/** What the key at hand sees, may do and clears up where requests are forged. */
export class Ground {
  readonly #wire: Wire;
  readonly #server: ServerAddress;

  constructor(wire: Wire, server: ServerAddress) {
    this.#wire = wire;
    this.#server = server;
  }

  /** The one version that was made, so that a bucket with versioning holds no marker afterwards. */
  async remove(bucketName: string, objectName: string, { version = "null" }: Answer): Promise<boolean> {
    const query = { versionId: version };
    return (await this.#asked({ method: "DELETE", bucketName, objectName, query })).status < 300;
  }

  /** Buckets that are there and have no object lock; one that can't be read isn't. */
  async openBuckets(names: readonly string[]): Promise<string[]> {
    const isOpen = async (bucketName: string): Promise<boolean> =>
      codeOf(await this.#asked({ bucketName, query: { "object-lock": "" } })) ===
      "ObjectLockConfigurationNotFoundError";
    const open: string[] = [];
    for (const name of names) if (await isOpen(name)) open.push(name);
    return open;
  }

  /** Whether the key at hand may put an object: it begins an upload and aborts it. */
  async mayPut(bucketName: string, objectName: string): Promise<boolean> {
    const answer = await this.#asked({ method: "POST", bucketName, objectName, query: { uploads: "" } });
    const upload = childText(parseXml(answer.body, "InitiateMultipartUploadResult"), "UploadId");
    if (upload === undefined) return false;
    const query = { uploadId: upload };
    const aborted = await this.#asked({ method: "DELETE", bucketName, objectName, query });
    if (aborted.status >= 300) throw answerFault(aborted, this.#server, `an upload it began in ${bucketName}`);
    return true;
  }

  /** Whether it may read an object, by the answer for one that isn't there. */
  async mayGet(bucketName: string, objectName: string): Promise<boolean> {
    return codeOf(await this.#asked({ bucketName, objectName })) === "NoSuchKey";
  }

  async #asked(request: Request): Promise<Answer> {
    try {
      return await this.#wire.send(request);
    } catch (error) {
      throw error instanceof CouldNotLook ? error : networkFault(error, this.#server);
    }
  }
}
