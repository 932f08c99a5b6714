import { createHash, randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const WRITERS = 4;
const BYTES = 64 * 1024;
/** Of one request, and of the wait for so many acknowledgements, in milliseconds. */
const LIMITS = { request: 10_000, acknowledged: 90_000 };

/** Several writers that put objects until they are stopped, and remember what the server acknowledged. */
export function writeLoad(at: { port: number; user: string; password: string; bucket: string }) {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${at.port}`,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: at.user, secretAccessKey: at.password },
  });
  const sums = new Map<string, string>();
  let goesOn = true;
  const sumOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

  async function write(writer: number): Promise<void> {
    for (let index = 0; goesOn; index++) {
      const [Key, Body] = [`load/${writer}/${index}`, randomBytes(BYTES)];
      const command = new PutObjectCommand({ Bucket: at.bucket, Key, Body });
      const answer = client.send(command, { abortSignal: AbortSignal.timeout(LIMITS.request) });
      // What fails wasn't acknowledged: nothing was promised.
      const done = await answer.then(
        () => true,
        () => false,
      );
      if (done) sums.set(Key, sumOf(Body));
      else await setTimeout(100);
    }
  }
  const writers = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));

  return {
    /** Waits until so many more writes were acknowledged. */
    async acknowledged(more: number): Promise<void> {
      const [wanted, end] = [sums.size + more, Date.now() + LIMITS.acknowledged];
      while (sums.size < wanted) {
        if (Date.now() > end) throw new Error(`${wanted - sums.size} of ${more} writes weren't acknowledged in time`);
        await setTimeout(50);
      }
    },
    async stop(): Promise<void> {
      goesOn = false;
      await writers;
    },
    /** Keys of acknowledged writes that can't be read back as they were written. */
    async lost(): Promise<string[]> {
      const keys = [...sums.keys()];
      const read = await Promise.all(
        keys.map(async (Key) => {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: at.bucket, Key }));
          return sumOf((await Body?.transformToByteArray()) ?? new Uint8Array()) === sums.get(Key);
        }),
      );
      return keys.filter((_, index) => !read[index]);
    },
  };
}
