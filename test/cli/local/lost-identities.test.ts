import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { identitiesIn } from "../../../cli/key/identity-resources.ts";
import { updatesFor } from "../../../cli/key/lost-identities.ts";
import { identityFault } from "../../../cli/pulumi/identity-faults.ts";

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

test("what gives a user its rights goes with it, its service accounts apart", () => {
  const ada = of(USER, "shop/ada");
  const reader = of("minio:index/iamUserPolicyAttachment:IamUserPolicyAttachment", "shop/ada/reader", {
    dependencies: [ada.urn],
  });
  const job = of(ACCOUNT, "shop/job", { dependencies: [ada.urn] });
  const [user] = identitiesIn({ resources: [ada, reader, job, { ...reader, urn: "old", delete: true }] });
  expect(user?.attached).toEqual([reader.urn]);
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

test.each([
  [
    "shop/ben-job: refreshing urn: 1 error occurred: [FATAL] error reading service account %s: %s (KEY)",
    /^service account ben-job of .* make up .* bucketworks key rotate ben-job \(docs\/runbook\.md#a-service-account-was-deleted-by-hand\)$/,
  ],
  [
    "refreshing urn:pulumi:dev::b::x$minio:index/iamServiceAccount:IamServiceAccount::shop/ben-job: 1 error occurred:\n\t* [FATAL] error reading service account %s: %s (KEY)",
    /^service account ben-job of /,
  ],
  [
    "shop/ben-job/previous: refreshing urn: 1 error occurred: [FATAL] error reading service account %s: %s (KEY)",
    /^the former key of service account ben-job isn't on the server .* bucketworks rotate --due .*$/,
  ],
  [
    "refreshing urn:x::shop/ada/reader: 1 error occurred:\n\t* [FATAL] failed to load user Infos (ada): The specified user does not exist.",
    /^user ada of .* bucketworks key rotate ada \(docs\/runbook\.md#a-user-was-deleted-by-hand\)$/,
  ],
])("what the provider of identities says of who is lost names it, with the remedy: %s", (raw, said) => {
  expect(identityFault(raw)).toMatch(said);
});

test("another complaint stays as it is, and every section that is named stands in the runbook", () => {
  expect(identityFault("shop/orders: the disk is full")).toBe("shop/orders: the disk is full");
  const runbook = readFileSync("docs/runbook.md", "utf8");
  for (const kind of ["user", "service account"]) expect(runbook).toContain(`## A ${kind} was deleted by hand\n`);
});
