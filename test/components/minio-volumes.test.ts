import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import { refuseOtherVolumes } from "../../components/kubernetes/minio-volumes.ts";
import { MinioServerConfig, type MinioServerInput } from "../../config/minio-server/schema.ts";

const KEY = `house:${Buffer.alloc(32, 1).toString("base64")}`;
const OTHER_KEY = `house:${Buffer.alloc(32, 2).toString("base64")}`;

/** What the state keeps; undefined in a stack without a server. */
let kept: unknown;
let made: pulumi.runtime.MockResourceArgs[];

beforeEach(async () => {
  kept = undefined;
  made = [];
  const newResource = (each: pulumi.runtime.MockResourceArgs) => {
    made.push(each);
    kept ??= each.inputs.input;
    return { id: each.name, state: { ...each.inputs, output: kept } };
  };
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "bucketworks", "trial");
});

async function update(given: MinioServerInput = {}, kmsKey = KEY): Promise<void> {
  await refuseOtherVolumes({ server: MinioServerConfig.parse(given), kmsKey: pulumi.secret(kmsKey) });
}

/** An update of a stack that was made with 4 servers of 1 drive in namespace mlops. */
async function changed(given: MinioServerInput, kmsKey = KEY): Promise<void> {
  await update();
  return update(given, kmsKey);
}

const set = (key: string, value: unknown): string =>
  `pulumi config set --path --stack trial bucketworks:server.${key} ${value}`;

describe("what the volumes of a server were made for", () => {
  test("is kept from the first update on, without the key", async () => {
    await update({ storageClass: "fast" });
    expect(made).toMatchObject([{ type: "pulumi:index:Stash", name: "minio made for" }]);
    expect(kept).toEqual({
      name: "minio",
      namespace: "mlops",
      servers: 4,
      drives: 1,
      driveSize: "10Gi",
      storageClass: "fast",
      kmsKey: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test("bears another password, image, memory and Service", async () => {
    await changed({ image: "registry.example/minio:2", memory: "2Gi", service: "store" });
  });

  test("stays: another KMS key is refused with the command that puts the old one back, and neither is shown", async () => {
    const attempt = changed({ namespace: "elsewhere" }, OTHER_KEY);
    await expect(attempt).rejects.toThrow(
      /^bucketworks:kmsKey isn't the key with which minio in namespace mlops encrypts: .*; put the old one back: kubectl -n mlops get secret minio-root -o jsonpath='\{\.data\.kms-key\}' \| base64 -d \| pulumi config set --secret --stack trial bucketworks:kmsKey$/m,
    );
    await expect(attempt).rejects.not.toThrow(/AQEB|AgIC/);
  });

  test("stays: the same key under another name is another key", async () => {
    await expect(changed({}, KEY.replace("house", "home"))).rejects.toThrow(/^bucketworks:kmsKey /);
  });

  test.each([
    [{ servers: 8 }, "servers 8, drives 1", set("servers", 4)],
    [{ drives: 4 }, "servers 4, drives 4", set("drives", 1)],
    [{ servers: 1, drives: 4 }, "servers 1, drives 4", `${set("servers", 4)} && ${set("drives", 1)}`],
  ])("stays: %j is refused with the numbers to put back", async (given, words, back) => {
    const attempt = changed(given);
    await expect(attempt).rejects.toThrow(pulumi.RunError);
    await expect(attempt).rejects.toThrow(`asks for ${words}, and minio in namespace mlops was made with servers 4, `);
    await expect(attempt).rejects.toThrow(`put the old numbers back: ${back} (`);
  });

  test.each([
    [{ namespace: "other" }, "minio in namespace other", set("namespace", "mlops")],
    [{ name: "store" }, "store in namespace mlops", set("name", "minio")],
  ])("stays: %j would begin with empty volumes, and is refused", async (given, words, back) => {
    const attempt = changed(given);
    await expect(attempt).rejects.toThrow(
      `bucketworks:server asks for ${words}, and the stack's buckets and volumes are those of minio in namespace mlops: `,
    );
    await expect(attempt).rejects.toThrow(`put the old place back: ${back} (`);
  });

  test("stays: another size or class of volumes stops all servers and changes none, and is refused", async () => {
    const size = changed({ driveSize: "20Gi" });
    await expect(size).rejects.toThrow(
      "driveSize is 20Gi, and the volumes of minio in namespace mlops were made with 10",
    );
    await expect(size).rejects.toThrow(`put the old size back: ${set("driveSize", "10Gi")} (how volumes grow: docs/`);
    const storageClass = changed({ storageClass: "fast" });
    await expect(storageClass).rejects.toThrow(
      "storageClass is fast, and the volumes of minio in namespace mlops were ",
    );
    await expect(storageClass).rejects.toThrow(
      "put the old class back: pulumi config rm --path --stack trial bucketworks:server.storageClass (",
    );
  });

  test("is refused as a whole, a line for each thing that differs", async () => {
    const attempt = changed({ namespace: "other", servers: 8, driveSize: "1Gi", storageClass: "x" }, OTHER_KEY);
    const text = await attempt.catch(({ message }: Error) => message);
    expect(String(text).split("\n")).toHaveLength(5);
  });
});
