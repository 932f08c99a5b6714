import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestCheckout } from "./checkout.ts";
import { TestServer } from "./minio.ts";
import { type Certificate, makeCertificate } from "./tls.ts";

/** A checkout with its local server for dev, and a second server behind TLS for the stack production. */
export class ProductionCheckout {
  readonly checkout: TestCheckout;
  readonly server: TestServer;
  readonly certificate: Certificate;

  private constructor(checkout: TestCheckout, server: TestServer, certificate: Certificate) {
    this.checkout = checkout;
    this.server = server;
    this.certificate = certificate;
  }

  /** Its stack exists, and has no setting but the tracked ones. */
  static async make(platforms: Readonly<Record<string, string>>): Promise<ProductionCheckout> {
    const certificate = makeCertificate();
    const server = await TestServer.start({}, certificate);
    const made = new ProductionCheckout(await TestCheckout.make(platforms), server, certificate);
    cpSync(certificate.caFile, join(made.checkout.root, ".bucketworks", "authority.pem"));
    await made.checkout.must("pulumi", "stack", "init", "production", "--no-select");
    return made;
  }

  /** What docs/production.md has a person set; user and password go through standard input, as it does there. */
  async settle(change: { user?: string; password?: string } = {}): Promise<void> {
    const plain = {
      endpoint: this.server.endpoint,
      caFile: ".bucketworks/authority.pem",
    };
    const pairs = Object.entries(plain).flatMap(([key, value]) => ["--plaintext", `bucketworks:${key}=${value}`]);
    await this.checkout.must("pulumi", "config", "set-all", "--stack", "production", ...pairs);
    await this.setSecret("rootUser", change.user ?? this.server.user);
    await this.setPassword(change.password ?? this.server.password);
  }

  async set(key: string, value: string): Promise<void> {
    await this.checkout.must("pulumi", "config", "set", "--stack", "production", `bucketworks:${key}`, value);
  }

  async unset(key: string): Promise<void> {
    await this.checkout.must("pulumi", "config", "rm", "--stack", "production", `bucketworks:${key}`);
  }

  async setPassword(password: string): Promise<void> {
    await this.setSecret("rootPassword", password);
  }

  async setSecret(key: string, value: string): Promise<void> {
    const file = join(this.checkout.root, ".bucketworks", "typed");
    writeFileSync(file, value, { mode: 0o600 });
    const command = `pulumi config set --secret --stack production bucketworks:${key} <.bucketworks/typed`;
    await this.checkout.must("sh", "-c", command);
  }

  async remove(): Promise<void> {
    await this.checkout.remove();
    await this.server.stop();
    this.certificate.remove();
  }
}
