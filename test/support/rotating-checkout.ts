import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Grant } from "../../config/model.ts";
import { replacedText } from "../../config/values/key-note.ts";
import { accountsOf } from "../../live/read-accounts.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { canonicalPolicy } from "../../provider/canonical.ts";
import { adminCall } from "../../provider/server/admin.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { describeServiceAccount } from "../../provider/server/service-accounts.ts";
import { type Outcome, TestCheckout } from "./checkout.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { killedAt } from "./killed-at.ts";
import { ACCESS, type Key, peopleSpec, UPDATE } from "./people.ts";

const ROTATION = "  rotation: {max_age_days: 30, grace_days: 2}\n";
export const DAY = 86_400_000;
/** What the account may do, see `ACCESS`. */
const CLEANER: Grant[] = [
  { role: "read", bucket: "raw-data", prefixes: ["in/"] },
  { role: "write", bucket: "clean-data", prefixes: [] },
];

interface ScanFinding {
  readonly severity: string;
  readonly subject: { readonly kind: string; readonly name: string };
  readonly message: string;
}

/** A checkout with the platform `people`, whose service account `cleaning-job` of user `cleaning` gets other keys. */
export class RotatingCheckout {
  readonly checkout: TestCheckout;
  /** Between all commands and the server. */
  readonly proxy: CuttingProxy;
  readonly #root: Connection;
  readonly #address: ServerAddress;

  private constructor(checkout: TestCheckout, proxy: CuttingProxy) {
    this.checkout = checkout;
    this.proxy = proxy;
    const { endpoint, user: accessKey, password: secretKey } = checkout.server;
    this.#address = { endpoint, secure: false, region: "us-east-1", accessKey, secretKey };
    this.#root = connect(this.#address, new AbortController().signal);
  }

  static async deploy(): Promise<RotatingCheckout> {
    const checkout = await TestCheckout.make({ people: peopleSpec(ACCESS + ROTATION) });
    const proxy = await CuttingProxy.before(checkout.server.url);
    writeFileSync(join(checkout.root, ".bucketworks/minio/endpoint"), proxy.endpoint);
    await checkout.must("pulumi", ...UPDATE);
    return new RotatingCheckout(checkout, proxy);
  }

  bucketworks(...args: string[]): Promise<Outcome> {
    return this.checkout.run("bin/bucketworks", ...args);
  }

  rotate(...args: string[]): Promise<Outcome> {
    return this.bucketworks("rotate", ...args);
  }

  /** Kills `rotate` once the server has carried out this call. */
  rotateKilledAt(call: RegExp, ...args: string[]): Promise<void> {
    return killedAt(this.checkout, this.proxy, call, "bin/bucketworks", "rotate", ...args);
  }

  /** The key that the stack hands out for `cleaning-job`. */
  async key(): Promise<Key> {
    const args = ["stack", "output", "credentials", "--json", "--show-secrets"];
    return JSON.parse(await this.checkout.must("pulumi", ...args))["cleaning-job"];
  }

  /** What the server says to a write with each key: `ok` or the code of the refusal. */
  async write(...keys: readonly Key[]): Promise<string[]> {
    const { url: endpoint } = this.checkout.server;
    const answers: string[] = [];
    for (const { accessKey: accessKeyId, secretKey: secretAccessKey } of keys) {
      const credentials = { accessKeyId, secretAccessKey };
      const s3 = new S3({ endpoint, region: "us-east-1", forcePathStyle: true, maxAttempts: 1, credentials });
      const put = s3.putObject({ Bucket: "clean-data", Key: "seen", Body: "x" });
      answers.push(
        await put.then(
          () => "ok",
          (error: Error) => error.name,
        ),
      );
      s3.destroy();
    }
    return answers;
  }

  /** Access keys that act for `cleaning`, as the server has them. */
  async accounts(): Promise<string[]> {
    const accounts = await accountsOf(this.#address, ["cleaning"], { detailed: false });
    return accounts.map(({ accessKey }) => accessKey).sort();
  }

  /** The key of `cleaning` that isn't this one. */
  async otherThan({ accessKey }: Key): Promise<string> {
    const [other = ""] = (await this.accounts()).filter((key) => key !== accessKey);
    return other;
  }

  /** As somebody would by hand. */
  async removeByHand(accessKey: string): Promise<void> {
    await adminCall(this.#root, "DELETE", "delete-service-account", { accessKey });
  }

  /** The document of an account itself; undefined where it may do whatever its user may. */
  async document({ accessKey }: Key): Promise<unknown> {
    const accounts = await accountsOf(this.#address, ["cleaning"], { detailed: (key) => key === accessKey });
    const detail = accounts.find((each) => each.accessKey === accessKey)?.detail;
    const policy = detail && "value" in detail ? detail.value.policy : null;
    return policy === null ? undefined : canonicalPolicy(policy);
  }

  /** Digests of the specs that the last updates deployed, the newest first. */
  async digests(count: number): Promise<string[]> {
    const { stdout } = await this.bucketworks("history", "--limit", String(count), "--json");
    const { updates } = JSON.parse(stdout) as { updates: { specDigest: string }[] };
    return updates.map(({ specDigest }) => specDigest);
  }

  /** Has the server remember something else of an account of `cleaning-job`. */
  describe(accessKey: string, newDescription: string): Promise<void> {
    return describeServiceAccount(this.#root, accessKey, { newDescription, newPolicy: accessPolicy(CLEANER) });
  }

  /** As if the grace of a replaced key were over: the server remembers when it ends. */
  endGrace({ accessKey }: Key): Promise<void> {
    return this.describe(accessKey, replacedText(new Date(Date.now() - 1000)));
  }

  /** Edits the platform file: what a bucket of it is for. */
  declare(description: string): void {
    const spec = peopleSpec(ACCESS + ROTATION);
    this.checkout.writePlatforms({
      people: spec.replace("name: raw-data, description: d", `name: raw-data, description: ${description}`),
    });
  }

  /** As if all keys of service accounts had been made so many days ago. */
  async age(days: number): Promise<void> {
    const state = JSON.parse(await this.checkout.must("pulumi", "stack", "export"));
    const created = new Date(Date.now() - days * DAY).toISOString();
    for (const resource of state.deployment.resources)
      if (resource.type.endsWith(":IamServiceAccount")) Object.assign(resource, { created });
    const file = join(this.checkout.root, ".bucketworks/aged.json");
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await this.checkout.must("pulumi", "stack", "import", "--file", file);
  }

  /** What scan finds of service accounts. */
  async scan(): Promise<ScanFinding[]> {
    const { stdout } = await this.bucketworks("scan", "--format", "json");
    const { findings } = JSON.parse(stdout) as { findings: ScanFinding[] };
    return findings.filter(({ subject }) => subject.kind === "service account");
  }

  async remove(): Promise<void> {
    for (const client of [this.#root.s3, this.#root.s3Once, this.#root.http]) client.destroy();
    this.proxy.stop();
    await this.checkout.remove();
  }
}
