import { expect } from "vitest";
import type { VersionEntry } from "../../backup/manifest/schema.ts";
import { type BackedUpShop, clientOf, keyOf } from "./backed-up-shop.ts";

/** Runs what the scheduled job of the shop's drills runs, with what its pod is given; then one by hand. */
export async function scheduledDrill(shop: BackedUpShop): Promise<void> {
  const { checkout, proxy, s3 } = shop;
  for (const bucket of ["shop-raw", "shop-locked"]) await shop.run(bucket);
  const [workload] = JSON.parse(await checkout.must("bin/bucketworks", "explain", "--stage", "dev", "--format", "json"))
    .platforms[0].workloads;
  expect(workload).toMatchObject({ name: "shop-backup-drill", run: { schedule: "47 4 * * 0" } });
  const [{ arguments: args, serviceAccount }] = workload.steps;
  const { accessKey, secretKey } = await keyOf(checkout, serviceAccount);
  const variables = [
    `MINIO_ACCESS_KEY=${accessKey}`,
    `MINIO_SECRET_KEY=${secretKey}`,
    `BUCKETWORKS_SERVER=${checkout.server.url}`,
  ];
  const before = (await s3.listBuckets({})).Buckets?.map(({ Name }) => Name);
  const command = [...args.slice(0, -1), "--bucket", "shop-raw", "--format", "json", "config/platforms/shop.yaml"];
  const scheduled = await checkout.run("env", ...variables, "bin/bucketworks", ...command);
  expect(scheduled).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(scheduled.stdout).drills).toMatchObject([
    { bucket: "shop-raw", objects: 15, passed: true, sample: true },
  ]);
  // By hand: the stack's key of the same account, never root's.
  const asked: string[] = [];
  proxy.cut = (request) => {
    asked.push(request);
    return undefined;
  };
  const byHand = await shop.backup("drill", "--bucket", "shop-locked", "--all");
  expect(byHand).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^drill of bucket shop-locked: 2 objects .* all as backed up/),
  });
  const buckets = new Set(
    asked.map((request) => request.replace(/^\S+ \/([^/?]*).*/, "$1")).filter((each) => each !== ""),
  );
  expect([...buckets].filter((each) => !/^(shop-backups|bucketworks-drill-.+)$/.test(each))).toEqual([]);
  expect((await s3.listBuckets({})).Buckets?.map(({ Name }) => Name)).toEqual(before);
  const report = await checkout.run("bin/bucketworks", "report", "--no-identities", "--format", "json");
  const { entries } = JSON.parse(report.stdout).backups;
  expect(entries).toContainEqual(
    expect.objectContaining({
      ...{ name: "shop-locked", drill_overdue: false, max_drill_age_days: 35 },
      drill: expect.objectContaining({ passed: true, sample: false, objects: 2, loss_seconds: expect.any(Number) }),
    }),
  );
}

/** Tries the key of drills, and has `verify` try it. */
export async function drillRefusals(shop: BackedUpShop): Promise<void> {
  const { checkout, s3 } = shop;
  await shop.run("shop-plain");
  const { stored } = (await shop.lastManifest("shop-plain")).entries[0] as VersionEntry;
  const drill = await clientOf(checkout, "shop-backup-drill-job");
  const refused = { name: "AccessDenied" };
  const refusal = (asked: Promise<unknown>) => expect(asked).rejects.toMatchObject(refused);
  const backup = { Bucket: "shop-backups", Key: stored?.key ?? "" };
  expect((await drill.getObject(backup)).ContentLength).toBeGreaterThan(0);
  await refusal(drill.putObject({ ...backup, Body: "written over" }));
  await refusal(drill.deleteObject(backup));
  await refusal(drill.deleteObject({ ...backup, VersionId: stored?.version }));
  await refusal(drill.deleteBucket({ Bucket: "shop-backups" }));
  await refusal(drill.listObjectsV2({ Bucket: "shop-backups", Prefix: "weekly/" }));
  await refusal(drill.listObjectsV2({ Bucket: "shop-raw" }));
  await refusal(drill.getObject({ Bucket: "shop-plain", Key: "a" }));
  await refusal(drill.putObject({ Bucket: "shop-plain", Key: "a", Body: "" }));
  await refusal(drill.deleteObject({ Bucket: "shop-plain", Key: "a" }));
  await s3.createBucket({ Bucket: "my-bucketworks-drill-x" });
  await refusal(drill.deleteBucket({ Bucket: "my-bucketworks-drill-x" }));
  await s3.deleteBucket({ Bucket: "my-bucketworks-drill-x" });
  for (const Bucket of ["shop-drill", "bucketworks-drills", "bucketworks-trial"])
    await refusal(drill.createBucket({ Bucket }));
  const own = { Bucket: "bucketworks-drill-trial" };
  await drill.createBucket(own);
  const open = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::bucketworks-drill-trial/*" },
    ],
  });
  await refusal(drill.putBucketPolicy({ ...own, Policy: open }));
  await drill.putObject({ ...own, Key: "a", Body: "a" });
  await drill.deleteObject({ ...own, Key: "a" });
  await drill.deleteBucket(own);
  drill.destroy();
  const verified = await checkout.run("bin/bucketworks", "verify", "--format", "json");
  expect(JSON.parse(verified.stdout).identities.findings).toEqual([]);
}
