import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { noSmallDisk, SmallDisk } from "../support/small-disk.ts";
import { platformFile } from "../support/specs.ts";
import { bucketsIn, dumpOf, stateOf } from "../support/state.ts";

const OWN = `      - {name: changed, description: d}
      - {name: doomed, description: d, on_delete: purge}`;
const MORE = OWN.replace("name: changed,", "name: changed, tags: {owner: us},").concat(
  "\n      - {name: added, description: d}",
);
const UP = ["up", "--yes", "--skip-preview"];
const FULL = /the disk of MinIO at http:\S+ is full: Storage backend has reached its minimum free drive threshold/g;

const without = noSmallDisk();

describe.skipIf(without !== undefined)(
  `while the server's disk is full${without ? ` (skipped: ${without})` : ""}`,
  () => {
    let disk: SmallDisk;
    let checkout: TestCheckout;

    beforeAll(async () => {
      disk = await SmallDisk.start();
      checkout = await TestCheckout.make({ base: platformFile(OWN) }, disk.server);
      await checkout.must("pulumi", ...UP);
      await checkout.must("mc", "cp", "README.md", "dev/doomed/precious");
      disk.fill();
    });

    afterAll(() => checkout.remove());

    test("a write of an object is refused by name of the cause, and what is there stays readable", async () => {
      const before = await dumpOf(checkout.server);
      const { code, stderr } = await checkout.run("mc", "cp", "README.md", "dev/doomed/another");
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/Storage backend has reached its minimum free drive threshold/);
      expect(await dumpOf(checkout.server)).toEqual(before);
      expect(await checkout.must("mc", "cat", "dev/doomed/precious")).toContain("Bucketworks");
    });

    test("an update says so for each bucket that it touches, and the stack knows every bucket that exists", async () => {
      checkout.writePlatforms({ base: platformFile(MORE) });
      const before = await dumpOf(checkout.server);
      const { code, stdout } = await checkout.run("pulumi", ...UP, "--continue-on-error");
      expect(code).not.toBe(0);
      expect(stdout.match(FULL)?.length).toBe(2);
      expect(stdout).toMatch(/tags of bucket changed can't be written: the disk/);
      expect(stdout).toMatch(/bucket added can't be (created|read)|of bucket added can't be written/);
      const { added: _, ...others } = await dumpOf(checkout.server);
      expect(others).toEqual(before);
      expect(bucketsIn(await stateOf(checkout))).toEqual(
        expect.arrayContaining(Object.keys(await dumpOf(checkout.server))),
      );
    });

    test("purge deletes all the same, so that there is room again", async () => {
      await checkout.must("pulumi", "config", "set", "--path", "bucketworks:allowPurge[0]", "doomed");
      expect(await checkout.must("bin/bucketworks", "purge", "doomed", "--yes-delete", "doomed")).toMatch(
        /is empty now/,
      );
    });

    test("once there is room, the next update finishes the work", async () => {
      disk.free();
      await checkout.must("pulumi", ...UP);
      expect(await dumpOf(checkout.server)).toMatchObject({
        changed: { settings: { tags: { owner: "us" } } },
        added: { settings: { versioning: true, quota: 2 ** 30 } },
      });
      await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
    });
  },
);
