import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import { keepStore } from "../../components/kubernetes/keep-store.ts";
import { MinioDeployment } from "../../components/kubernetes/minio-deployment.ts";
import { type MinioServer, type MinioServerInput, readMinioServer } from "../../config/minio-server/schema.ts";
import { type Registration, recordRegistrations } from "../support/registrations.ts";

const KEY = `house:${Buffer.alloc(32, 1).toString("base64")}`;
const OTHER_KEY = `house:${Buffer.alloc(32, 2).toString("base64")}`;

let of: (name: string) => Registration;
beforeEach(async () => {
  of = await recordRegistrations();
});

function server(given: MinioServerInput = {}): MinioServer {
  const result = readMinioServer(given);
  if (!result.ok) throw new Error(result.faults.join("; "));
  return result.server;
}

/** The whole server; its ServiceAccount's inputs are what the hook compares. */
async function deployed(given: MinioServerInput, kmsKey: string, password = "first"): Promise<Record<string, unknown>> {
  new MinioDeployment("minio", {
    server: server(given),
    root: { user: "root", password: pulumi.secret(password) },
    kmsKey: pulumi.secret(kmsKey),
    image: undefined,
    provider: new Provider("kubernetes"),
  });
  await pulumi.runtime.disconnect();
  return of("ServiceAccount/minio").inputs;
}

async function update(oldInputs: Record<string, unknown>, newInputs: Record<string, unknown>): Promise<void> {
  const about = { urn: "urn", id: "id", name: "name", type: "type" } as pulumi.ResourceHookArgs;
  await keepStore(server()).callback({ ...about, oldInputs, newInputs });
}

/** What the hook is given before and after a change of the stack. */
async function changed(given: MinioServerInput, kmsKey = KEY, password = "second"): Promise<void> {
  const before = await deployed({ servers: 4, drives: 1 }, KEY);
  of = await recordRegistrations();
  return update(before, await deployed({ servers: 4, drives: 1, ...given }, kmsKey, password));
}

describe("what the volumes of a server were made for", () => {
  test("is judged before its Secret and its pods are touched", async () => {
    await deployed({}, KEY);
    expect(of("ServiceAccount/minio").beforeUpdate).toEqual(["keep-store-minio"]);
    for (const name of ["Secret/minio-root", "StatefulSet/minio", "Service/minio-service"]) {
      expect(of(name).dependencies).toContain("ServiceAccount/minio");
    }
  });

  test("stays: another KMS key is refused with where the old one is, and neither is shown", async () => {
    const attempt = changed({}, OTHER_KEY);
    await expect(attempt).rejects.toThrow(
      /^bucketworks:kmsKey isn't the key with which minio encrypts: .*; put the old one back \(kubectl -n mlops get secret minio-root /,
    );
    await expect(attempt).rejects.not.toThrow(/AQEB|AgIC/);
  });

  test("stays: the same key under another name is another key", async () => {
    await expect(changed({}, KEY.replace("house", "home"))).rejects.toThrow(/^bucketworks:kmsKey /);
  });

  test.each([
    [{ servers: 8 }, "servers 8, drives 1"],
    [{ drives: 4 }, "servers 4, drives 4"],
    [{ servers: 1 }, "servers 1, drives 1"],
  ])("stays: %j is refused with the numbers to put back", async (given, words) => {
    const attempt = changed(given);
    await expect(attempt).rejects.toThrow(`asks for ${words}, and minio was made with servers 4, drives 1:`);
    await expect(attempt).rejects.toThrow("bucketworks:server.servers 4, and bucketworks:server.drives 1");
  });

  test("bears another password, image and memory", async () => {
    await changed({ image: "registry.example/minio:2", memory: "2Gi" });
  });

  test("is compared where the engine hands it over as a secret, and can't be where nothing was said", async () => {
    const wrapped = (inputs: Record<string, unknown>) => ({ metadata: pulumi.secret(inputs.metadata) });
    const before = await deployed({}, KEY);
    of = await recordRegistrations();
    const after = await deployed({}, OTHER_KEY);
    await expect(update(wrapped(before), wrapped(after))).rejects.toThrow(/^bucketworks:kmsKey /);
    await update({ metadata: { name: "minio" } }, after);
  });
});
