import { expect, test } from "vitest";
import { identitiesIn } from "../../../cli/key/resource.ts";
import { updatesFor } from "../../../cli/local/stack/lost-identities.ts";
import { lostAccountSaid } from "../../../cli/pulumi/engine-run.ts";

const urn = (type: string, name: string) =>
  `urn:pulumi:dev::bucketworks::bucketworks:storage:Platform$${type}::${name}`;
const USER = "minio:index/iamUser:IamUser";
const ACCOUNT = "minio:index/iamServiceAccount:IamServiceAccount";
const of = (type: string, name: string, more = {}) => ({ urn: urn(type, name), type, id: `id of ${name}`, ...more });

test("users and service accounts are read out of a state, those that are to be deleted are not", () => {
  const resources = [
    of("minio:index/iamPolicy:IamPolicy", "shop/reader"),
    of(USER, "shop/ada"),
    of(ACCOUNT, "shop/ada/job"),
    of(ACCOUNT, "shop/old", { delete: true }),
  ];
  const found = identitiesIn({ resources });
  expect(found.map(({ kind, identity, accessKey }) => [kind, identity, accessKey])).toEqual([
    ["user", "ada", "id of shop/ada"],
    ["service account", "ada/job", "id of shop/ada/job"],
  ]);
  expect(identitiesIn({})).toEqual([]);
});

test("a lost user is found gone by a refresh of it alone, a lost account is replaced unread, users first", () => {
  const lost = identitiesIn({ resources: [of(ACCOUNT, "shop/job"), of(USER, "shop/ada")] });
  const job = urn(ACCOUNT, "shop/job");
  expect(updatesFor(lost)).toEqual([
    ["--refresh", "--target", urn(USER, "shop/ada")],
    ["--target", job, "--replace", job],
  ]);
  expect(updatesFor([])).toEqual([]);
});

test("an account that can't be read is named with the remedy, another complaint stays as it is", () => {
  const raw = "shop/ben-job: refreshing urn: 1 error occurred: [FATAL] error reading service account %s: %s (KEY)";
  expect(lostAccountSaid(raw)).toMatch(/^service account ben-job .* bucketworks key rotate ben-job$/);
  expect(lostAccountSaid("shop/orders: the disk is full")).toBe("shop/orders: the disk is full");
});
