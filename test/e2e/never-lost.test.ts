import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, stateOf } from "../support/state.ts";

const BUCKETS = Number(process.env.BUCKETS ?? 60);
/** How often an update is killed; `KILLS=20 BUCKETS=200` for more. */
const KILLS = Number(process.env.KILLS ?? 2);
/** Some moment between the first bucket and the last: an update of so many buckets takes longer than this. */
const LATEST_MS = 4000;

const USERS = Array.from({ length: 15 }, (_, index) => `user-${index}`);
const JOBS = USERS.slice(0, 5);
const ACCESS = `access:
  policies: {reader: {grants: [{role: read, bucket: bucket-0}]}}
  users:
${USERS.map((name) => `    ${name}: {policies: [reader]}`).join("\n")}
  service_accounts:
${JOBS.map((name) => `    ${name}-job: {user: ${name}, policies: [reader]}`).join("\n")}
`;

describe(`pulumi up killed at ${KILLS} random moments of creating ${BUCKETS} buckets and ${USERS.length} users`, () => {
  let checkout: TestCheckout;

  beforeAll(async () => {
    checkout = await TestCheckout.make({ many: platformFile(manyBuckets(BUCKETS)) + ACCESS });
  });

  afterAll(() => checkout.remove());

  test.each(Array.from({ length: KILLS }, (_, index) => index + 1))(
    "kill %i: recover and up bring all buckets and users, none twice, none lost, each key valid",
    async () => {
      await checkout.must("pulumi", "destroy", "--yes", "--skip-preview");
      expect(Object.keys(await dumpOf(checkout.server))).toEqual([]);

      const update = checkout.start("pulumi", "up", "--yes", "--skip-preview");
      const began = Date.now();
      while (Object.keys(await dumpOf(checkout.server)).length === 0) await setTimeout(20);
      const moment = Math.random() * LATEST_MS;
      await setTimeout(moment);
      update.kill("SIGKILL");
      await update.outcome;
      const found = Object.keys(await dumpOf(checkout.server)).length;
      const where = `killed ${Date.now() - began} ms after the start with ${found} buckets made`;

      const recovered = await checkout.must("bin/bucketworks", "recover");
      // What no pending creation proves is named, and ended as the line says.
      const named = /service accounts? of the stack's users .*: (.*)$/m.exec(recovered)?.[1]?.split(", ") ?? [];
      for (const key of named) await checkout.must("mc", "admin", "user", "svcacct", "rm", "dev", key);
      await checkout.must("pulumi", "up", "--yes", "--skip-preview");

      const wanted = Array.from({ length: BUCKETS }, (_, index) => `bucket-${index}`).sort();
      expect(bucketsIn(await stateOf(checkout)), where).toEqual(wanted);
      const server = await dumpOf(checkout.server);
      expect(Object.keys(server).sort(), where).toEqual(wanted);
      for (const bucket of Object.values(server)) {
        expect(bucket, where).toMatchObject({ settings: { versioning: true, quota: 2 ** 30 } });
      }
      await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
      expect(await checkout.must("bin/bucketworks", "verify"), where).toContain(
        `${USERS.length + JOBS.length} identities`,
      );
    },
  );
});
