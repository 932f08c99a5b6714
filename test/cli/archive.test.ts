import { readFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { expect, test } from "vitest";
import {
  type Archive,
  foreignNames,
  missingNames,
  namesIn,
  otherKeys,
  packed,
  unpacked,
} from "../../cli/archive/archive.ts";
import { requirePrivateWay } from "../../cli/archive/private-way.ts";
import { writeFiles } from "../../cli/archive/write-files.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";

const json = (value: unknown) => strToU8(JSON.stringify(value));

const ARCHIVE: Archive = {
  about: { schema: 1, made: "2026-11-30T10:00:00.000Z", server: "https://minio.example", stage: "production" },
  identities: zipSync({
    "iam-assets/users.json": json({ clerk: {} }),
    "iam-assets/groups.json": json({}),
    "iam-assets/policies.json": json({ readwrite: {}, reader: {} }),
    "iam-assets/svcaccts.json": json({ till: {} }),
  }),
  buckets: zipSync({ "orders/versioning.xml": strToU8("<a/>"), "orders/quota.json": json({}) }),
  files: { "config/platforms/shop.yaml": strToU8("metadata: {}") },
};

test("an archive is read as it was written", () => {
  const { about, files } = unpacked(packed(ARCHIVE));
  expect(about).toEqual(ARCHIVE.about);
  expect(Object.keys(files)).toEqual(["config/platforms/shop.yaml"]);
});

test("names are those of the server's own: policies that every server has aren't among them", () => {
  expect(namesIn(unpacked(packed(ARCHIVE)))).toEqual({
    users: ["clerk"],
    groups: [],
    policies: ["reader"],
    accounts: ["till"],
    buckets: ["orders"],
  });
});

test("what one has and the other lacks is named with its kind", () => {
  const names = namesIn(ARCHIVE);
  const there = { ...names, users: ["clerk", "mallory"], buckets: [] };
  expect(foreignNames(there, names)).toEqual(["user mallory"]);
  expect(missingNames(there, names)).toEqual(["bucket orders"]);
});

test("whose key another one would take the place of is named; equal ones, and those of one side alone, aren't", () => {
  const identities = (users: object, svcaccts: object) =>
    zipSync({ "iam-assets/users.json": json(users), "iam-assets/svcaccts.json": json(svcaccts) });
  const key = (secretKey: string, status = "enabled") => ({ secretKey, status, policy: "reader" });
  const archive = identities({ same: key("a"), rotated: key("a"), off: key("a"), lost: key("a") }, { till: key("a") });
  const server = identities(
    { same: key("a"), rotated: key("b"), off: key("a", "disabled"), mallory: key("m") },
    { till: key("b") },
  );
  const parts = (bytes: Uint8Array) => ({ ...ARCHIVE, identities: bytes });
  expect(otherKeys(parts(server), parts(archive))).toEqual(["user off", "user rotated", "service account till"]);
  expect(otherKeys(parts(archive), parts(archive))).toEqual([]);
});

test.each([
  ["no zip", strToU8("hello"), "the archive can't be unpacked"],
  [
    "another zip",
    zipSync({ "readme.txt": strToU8("x") }),
    "it is no archive of a server: bucketworks export makes one",
  ],
  [
    "one of a later version",
    zipSync({
      "about.json": json({ ...ARCHIVE.about, schema: 2 }),
      "identities.zip": ARCHIVE.identities,
      "buckets.zip": ARCHIVE.buckets,
    }),
    "about.json schema: Invalid input: expected 1; was a later version its maker?",
  ],
])("%s is refused", (_what, bytes, said) => {
  expect(() => unpacked(bytes)).toThrow(said);
});

test("its files are written below a new folder, and never beside it", () => {
  const folder = join(temporaryFolder(), "new");
  expect(writeFiles(ARCHIVE, folder)).toEqual(["config/platforms/shop.yaml"]);
  expect(readFileSync(join(folder, "config/platforms/shop.yaml"), "utf8")).toBe("metadata: {}");
  expect(() => writeFiles(ARCHIVE, folder)).toThrow("holds something already");
  for (const path of ["../evil", "/evil", "a/../../evil", "./a"])
    expect(() => writeFiles({ ...ARCHIVE, files: { [path]: strToU8("x") } }, join(folder, "other"))).toThrow(
      "would lie outside of",
    );
});

test("identities that are no export of MinIO's are refused", () => {
  expect(() => namesIn({ ...ARCHIVE, identities: strToU8("x") })).toThrow("identities.zip can't be unpacked");
  const wrong = zipSync({ "iam-assets/users.json": strToU8("{") });
  expect(() => namesIn({ ...ARCHIVE, identities: wrong })).toThrow("users.json is no JSON");
});

test("neither export nor rebuild goes over the network without TLS: every key would be readable", () => {
  for (const command of ["export", "rebuild"]) {
    expect(() => requirePrivateWay(command, { secure: false, endpoint: "minio.example:9000" })).toThrow(
      `${command}: http://minio.example:9000 would carry every key of the server in plaintext; give it TLS`,
    );
    requirePrivateWay(command, { secure: true, endpoint: "minio.example:9000" });
    requirePrivateWay(command, { secure: false, endpoint: "127.0.0.1:9000" });
  }
});
