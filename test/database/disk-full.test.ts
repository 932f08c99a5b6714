import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { ownerPassword, rolePassword } from "../../builders/postgres/passwords.ts";
import { OWNER_ROLE } from "../../config/values/database-names.ts";
import { connect } from "../../database/connection.ts";
import { freePort } from "../support/minio.ts";
import { plainShell } from "../support/project-copy.ts";
import { noSmallDisk, SmallFolder } from "../support/small-disk.ts";
import { ROOT } from "../support/toolchain.ts";

/** What up does with databases, for the checkout that it runs in; `down` ends the server. */
const STEP = `
import { readFileSync } from "node:fs";
import { checkoutAt } from ${JSON.stringify(`${ROOT}cli/checkout.ts`)};
import { stepDatabases } from ${JSON.stringify(`${ROOT}cli/local/postgres/start.ts`)};
import { stopServices } from ${JSON.stringify(`${ROOT}cli/local/service/start.ts`)};
import { end } from ${JSON.stringify(`${ROOT}cli/run.ts`)};
import { Progress } from ${JSON.stringify(`${ROOT}cli/terminal/progress.ts`)};
const checkout = checkoutAt(process.cwd());
try {
  if (process.argv[2] === "down") await stopServices(checkout);
  else await stepDatabases(checkout, JSON.parse(readFileSync("plan.json", "utf8")), new Progress(false));
} catch (error) {
  end(error, "up");
}
`;

const database = (name: string) => ({
  name: `${name}_db`,
  platforms: [{ name, roles: [{ name: `${name}_reader`, description: "reads" }] }],
});
const without = noSmallDisk();

describe.skipIf(without !== undefined)(
  `a PostgreSQL whose disk is full${without ? ` (skipped: ${without})` : ""}`,
  () => {
    let root: string;
    let disk: SmallFolder;
    let port: number;

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), "bucketworks-full-"));
      port = await freePort();
      writeFileSync(join(root, "step.ts"), STEP);
      for (const name of ["shop", "desk"]) {
        const folder = join(root, "config", "migrations", name);
        mkdirSync(folder, { recursive: true });
        const table = `CREATE TABLE things (id int PRIMARY KEY);\nINSERT INTO things VALUES (1);\n`;
        const right = `GRANT USAGE ON SCHEMA public TO ${name}_reader;\nGRANT SELECT ON things TO ${name}_reader;\n`;
        writeFileSync(join(folder, "001.do.things.sql"), table + right);
      }
      const home = join(root, ".bucketworks");
      mkdirSync(home);
      // The server has 16 MiB of log at a time, keeps some of it, and copies 8 MiB for each database.
      disk = await SmallFolder.over(home, 192);
      expect(step("shop")).toMatchObject({ code: 0 });
    });
    afterAll(() => {
      disk.free();
      run("down");
      disk.end();
      rmSync(root, { recursive: true, force: true });
    });

    function run(...args: string[]): { code: number | null; out: string } {
      const [program, ...words] = disk.through(root, [process.execPath, "step.ts", ...args]);
      const env = { ...plainShell(), BUCKETWORKS_POSTGRES_PORT: String(port) };
      const { status, stdout, stderr } = spawnSync(program, words, { env, encoding: "utf8" });
      return { code: status, out: stdout + stderr };
    }

    /** The step with a plan of these platforms' databases. */
    function step(...names: string[]): { code: number | null; out: string } {
      const plan: DatabasePlan = { schemaVersion: 1, databases: names.map(database) };
      writeFileSync(join(root, "plan.json"), JSON.stringify(plan));
      return run();
    }

    /** What `user` reads over TCP, with the password that the server's key gives it. */
    async function read(user: string, name: string, query: string): Promise<unknown[]> {
      const key = readFileSync(disk.path("postgres", "key"), "utf8").trim();
      const password = user === OWNER_ROLE ? ownerPassword(key) : rolePassword(key, user, name);
      const client = await connect({ host: "127.0.0.1", port, ca: undefined }, { user, password, database: name });
      try {
        return (await client.query({ text: query, rowMode: "array" })).rows.flat();
      } finally {
        await client.end();
      }
    }
    const databases = () => read(OWNER_ROLE, "postgres", "SELECT datname FROM pg_database WHERE datname LIKE '%\\_db'");

    test("to the last byte: the step ends in one sentence, with nothing made", async () => {
      disk.fill();
      const { code, out } = step("shop", "desk");
      expect(out).toMatch(/^.*(no space is left on the disk \(ENOSPC\)|has no room for it: .*\(53100\)).*\n$/);
      expect(code).toBe(3);
      expect(await databases()).toEqual(["shop_db"]);
    });

    test("with room for settings alone: says which database was not made, why and what helps, as often as it is tried", async () => {
      disk.fill(2 ** 18);
      for (let time = 1; time <= 2; time++) {
        const { code, out } = step("shop", "desk");
        expect(out).toMatch(
          /^database desk_db was not made: the disk of PostgreSQL has no room for it: .*No space left on device.*; free some there and run it again, what was made before stays\n$/,
        );
        expect(code).toBe(3);
      }
      expect(await databases()).toEqual(["shop_db"]);
      expect(await read("shop_reader", "shop_db", "SELECT id FROM things")).toEqual([1]);
    });

    test("with room again: the same step makes all of it, once, and what was there stayed", async () => {
      disk.free();
      const { code, out } = step("shop", "desk");
      expect(code, out).toBe(0);
      expect(out).toMatch(/^ {2}database desk_db made$/m);
      for (const name of ["shop", "desk"]) {
        expect(await read(`${name}_reader`, `${name}_db`, "SELECT id FROM things")).toEqual([1]);
      }
      const again = step("shop", "desk");
      expect(again.code).toBe(0);
      expect(again.out).toMatch(/^PostgreSQL reused on \S+ \(.*\)\n$/);
    });
  },
);
