import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestCheckout } from "./checkout.ts";
import { Mc } from "./mc.ts";
import type { TestServer } from "./minio.ts";
import { Plugin } from "./plugin.ts";
import { ROOT } from "./toolchain.ts";

/** States of released versions, each with the platforms it was made of. */
export const OLD_STATES = join(ROOT, "test", "fixtures", "upgrade");

/** Encrypts the secrets of every old state; they are those of servers that are gone. */
const PASSPHRASE = "passphrase of the old states";
const ROOT_USER = { user: "root-of-old-states", password: "password-of-old-states" };
/** Stands in an old state for the endpoint, which is another one in each test. */
const ENDPOINT = "ENDPOINT";

/** Where in the program a resource was made: paths of the machine. */
const PLACES = ["sourcePosition", "stackTrace"];

interface Resource {
  readonly type: string;
  readonly id?: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

/** A checkout whose root user and passphrase are those of the old states, and whose stack is empty. */
export async function checkoutOf(version: string): Promise<TestCheckout> {
  const folder = join(OLD_STATES, version, "platforms");
  const files = readdirSync(folder).map((file) => [
    file.replace(/\.yaml$/, ""),
    readFileSync(join(folder, file), "utf8"),
  ]);
  const checkout = await TestCheckout.make(Object.fromEntries(files));
  const mc = new Mc(checkout.server);
  await mc.run("admin", "user", "add", "t", ROOT_USER.user, ROOT_USER.password);
  await mc.run("admin", "policy", "attach", "t", "consoleAdmin", "--user", ROOT_USER.user);
  mc.remove();
  checkout.writeCredentials(ROOT_USER.user, ROOT_USER.password);
  const own = join(checkout.root, ".bucketworks");
  for (const name of ["state", "stacks"]) rmSync(join(own, name), { recursive: true });
  writeFileSync(join(own, "passphrase"), `${PASSPHRASE}\n`, { mode: 0o600 });
  await checkout.must("sh", "toolchain/bootstrap.sh");
  return checkout;
}

/** Brings the old state into the checkout's stack, with the endpoint of its server. */
export async function importState(checkout: TestCheckout, version: string): Promise<void> {
  const text = readFileSync(join(OLD_STATES, version, "state.json"), "utf8").replaceAll(
    ENDPOINT,
    checkout.server.endpoint,
  );
  const own = join(checkout.root, ".bucketworks");
  const { deployment } = JSON.parse(text);
  writeFileSync(join(own, "stacks", "dev.salt"), `${deployment.secrets_providers.state.salt}\n`);
  writeFileSync(join(own, "old.json"), text);
  await checkout.must("pulumi", "stack", "import", "--file", ".bucketworks/old.json");
}

/** Writes the checkout's state as the one that this version leaves behind. */
export async function keepState(checkout: TestCheckout, version: string): Promise<void> {
  const exported = await checkout.must("pulumi", "stack", "export");
  const withoutPlaces = (key: string, value: unknown) => (PLACES.includes(key) ? undefined : value);
  const text = JSON.stringify(JSON.parse(exported, withoutPlaces), null, 2);
  writeFileSync(join(OLD_STATES, version, "state.json"), `${text.replaceAll(checkout.server.endpoint, ENDPOINT)}\n`);
}

/** Makes on the server what the checkout's state says it has made there. */
export async function rebuild(checkout: TestCheckout): Promise<void> {
  const exported = JSON.parse(await checkout.must("pulumi", "stack", "export", "--show-secrets"));
  const resources: Resource[] = exported.deployment.resources;
  const of = (type: string) => resources.filter((each) => each.type === type);
  await rebuildBuckets(of("bucketworks:index:Bucket"), checkout.server);
  const mc = new Mc(checkout.server);
  const folder = mkdtempSync(join(tmpdir(), "bucketworks-old-"));
  const admin = (...args: string[]) => mc.run("admin", ...args);
  const fileOf = (document: unknown): string => {
    const file = join(folder, "document.json");
    writeFileSync(file, String(document));
    return file;
  };
  try {
    for (const { outputs } of of("minio:index/iamPolicy:IamPolicy")) {
      await admin("policy", "create", "t", String(outputs.name), fileOf(outputs.policy));
    }
    for (const { outputs } of of("minio:index/iamUser:IamUser")) {
      await admin("user", "add", "t", String(outputs.name), plain(outputs.secret));
    }
    for (const { outputs } of of("minio:index/iamGroupUserAttachment:IamGroupUserAttachment")) {
      await admin("group", "add", "t", String(outputs.groupName), String(outputs.userName));
    }
    for (const { outputs } of of("minio:index/iamGroupPolicyAttachment:IamGroupPolicyAttachment")) {
      await admin("policy", "attach", "t", String(outputs.policyName), "--group", String(outputs.groupName));
    }
    for (const { outputs } of of("minio:index/iamUserPolicyAttachment:IamUserPolicyAttachment")) {
      await admin("policy", "attach", "t", String(outputs.policyName), "--user", String(outputs.userName));
    }
    for (const { outputs } of of("minio:index/iamServiceAccount:IamServiceAccount")) {
      const key = ["--access-key", plain(outputs.accessKey), "--secret-key", plain(outputs.secretKey)];
      const rights = ["--policy", fileOf(outputs.policy)];
      await admin("user", "svcacct", "add", "t", String(outputs.targetUser), ...key, ...rights);
    }
  } finally {
    mc.remove();
    rmSync(folder, { recursive: true });
  }
}

async function rebuildBuckets(buckets: readonly Resource[], server: TestServer): Promise<void> {
  const plugin = await Plugin.start();
  try {
    await plugin.configure({ endpoint: server.endpoint, rootUser: server.user, rootPassword: server.password });
    for (const { inputs } of buckets) await plugin.create(inputs);
  } finally {
    await plugin.stop();
  }
}

/** An export with `--show-secrets` wraps each secret as JSON text. */
function plain(secret: unknown): string {
  const wrapped = secret as { plaintext?: string } | string;
  return typeof wrapped === "string" ? wrapped : String(JSON.parse(wrapped.plaintext ?? '""'));
}
