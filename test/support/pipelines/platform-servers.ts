import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessPolicy } from "../../../builders/access-policy.ts";
import { connectionVariables } from "../../../builders/postgres/connection-variables.ts";
import { databasePlan } from "../../../builders/postgres/database-plan.ts";
import { rolePassword } from "../../../builders/postgres/passwords.ts";
import type { Platform } from "../../../config/model.ts";
import { migrate } from "../../../database/migrate.ts";
import { Mc } from "../mc.ts";
import { TestServer } from "../minio.ts";
import { platform, resolved } from "../platforms.ts";
import { TestPostgres } from "../postgres.ts";
import { ROOT } from "../toolchain.ts";

/** MinIO with the buckets and policies of a platform, and PostgreSQL with its database. */
export class PlatformServers {
  readonly #platform: Platform;
  readonly #minio: TestServer;
  readonly #postgres: TestPostgres;
  readonly #mc: Mc;

  private constructor(of: Platform, minio: TestServer, postgres: TestPostgres) {
    this.#platform = of;
    this.#minio = minio;
    this.#postgres = postgres;
    this.#mc = new Mc(minio);
  }

  static async start(name: string): Promise<PlatformServers> {
    const plan = databasePlan(resolved(name, "dev"));
    const postgres = await TestPostgres.start(plan);
    const folder = join(ROOT, "config/migrations");
    await migrate({ server: postgres.server, plan, folder, key: postgres.key, wait: 0, ownServer: true });
    const servers = new PlatformServers(platform(name, "dev"), await TestServer.start(), postgres);
    for (const bucket of servers.#platform.buckets) {
      await servers.#mc.run("mb", ...(bucket.objectLock === null ? [] : ["--with-lock"]), `t/${bucket.name}`);
      await servers.#mc.run("version", "enable", `t/${bucket.name}`);
      await servers.#mc.run("encrypt", "set", "sse-s3", `t/${bucket.name}`);
      if (bucket.objectLock === null) continue;
      const { mode, days } = bucket.objectLock;
      await servers.#mc.run("retention", "set", "--default", mode, `${days}d`, `t/${bucket.name}`);
    }
    return servers;
  }

  /** The settings of a program with one policy of the platform and one role of its database. */
  async settings(policy: string, role: string): Promise<Record<string, string>> {
    const database = this.#platform.database?.name ?? "";
    return {
      ...(await this.key(policy)),
      PG_HOST: "127.0.0.1",
      PG_PORT: String(this.#postgres.place.port),
      PG_USER: role,
      PG_PASSWORD: rolePassword(this.#postgres.key, role, database),
      PG_DATABASE: database,
    };
  }

  /** The settings of a program that has no database, with one policy of the platform. */
  async key(policy: string): Promise<Record<string, string>> {
    const secret = randomBytes(16).toString("hex");
    const grants = this.#platform.access.policies.find(({ name }) => name.endsWith(policy))?.grants ?? [];
    const file = join(this.#postgres.place.folder, `${policy}.json`);
    writeFileSync(file, JSON.stringify(accessPolicy(grants)));
    await this.#mc.run("admin", "user", "add", "t", policy, secret);
    await this.#mc.run("admin", "policy", "create", "t", policy, file);
    await this.#mc.run("admin", "policy", "attach", "t", policy, "--user", policy);
    return {
      MINIO_ENDPOINT: this.#minio.endpoint,
      MINIO_ACCESS_KEY: policy,
      MINIO_SECRET_KEY: secret,
    };
  }

  /** How one of the plan's roles logs in. */
  login(role: string, database: string): Record<string, string> {
    const password = rolePassword(this.#postgres.key, role, database);
    return connectionVariables({ ...this.#postgres.server, user: role, password, database, tls: false });
  }

  /** The key of root, by which a test does what nobody else may. */
  get root(): Record<string, string> {
    return { MINIO_ACCESS_KEY: this.#minio.user, MINIO_SECRET_KEY: this.#minio.password };
  }

  /** The login by which a test sets up what is no platform's, through the server's socket. */
  get superuser(): Record<string, string> {
    const { folder, port } = this.#postgres.place;
    return { PG_HOST: folder, PG_PORT: String(port), PG_USER: "postgres" };
  }

  /** What a test does to the database beside the programs. */
  get postgres(): TestPostgres {
    return this.#postgres;
  }

  /** Keys of the objects below a prefix, `BUCKET/PREFIX`, as root sees them. */
  async keys(place: string): Promise<string[]> {
    const listed = await this.#mc.run("find", `t/${place}`);
    return listed
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/^t\//, ""))
      .sort();
  }

  /** An object, `BUCKET/KEY`, as root reads it. */
  content(place: string): Promise<string> {
    return this.#mc.run("cat", `t/${place}`);
  }

  async stop(): Promise<void> {
    this.#mc.remove();
    await this.#minio.stop();
    await this.#postgres.stop();
  }
}
