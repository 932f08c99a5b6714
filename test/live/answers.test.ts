import { describe, expect, test } from "vitest";
import { READ_SETTING } from "../../live/answers.ts";
import { childText, parseXml } from "../../live/xml.ts";

const NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

function read(setting: keyof typeof READ_SETTING, body: string): unknown {
  return READ_SETTING[setting](body);
}

describe("xml", () => {
  test.each([
    ["007", "007"],
    ["1e5", "1e5"],
    ["true", "true"],
    [" a ", " a "],
    ["", ""],
    ["&#34;a&#39; &#x41;&#xA;", "\"a' A\n"],
    ["&amp;lt; &lt;b&gt; &quot;&apos;", "&lt; <b> \"'"],
    ["&unknown;", "&unknown;"],
  ])("text %j stays what it is: %j", (raw, value) => {
    expect(childText(parseXml(`<A ${NS}><V>${raw}</V></A>`, "A"), "V")).toBe(value);
  });

  test.each(["", "<A>", "<html><body>hello", '{"A": 1}', "<B></B>"])("%j is not the document asked for", (body) => {
    expect(parseXml(body, "A")).toBeUndefined();
  });
});

describe("versioning", () => {
  test.each([
    ["", false],
    ["<Status>Suspended</Status>", false],
    ["<Status>Enabled</Status>", true],
  ])("%j is %j", (inner, versioning) => {
    const body = `<VersioningConfiguration ${NS}>${inner}</VersioningConfiguration>`;
    expect(read("versioning", body)).toEqual({ versioning, beyond: {} });
  });

  test("what is left out of it is kept apart", () => {
    const body = `<VersioningConfiguration><Status>Enabled</Status><ExcludedPrefixes><Prefix>a/</Prefix></ExcludedPrefixes><ExcludeFolders>true</ExcludeFolders></VersioningConfiguration>`;
    expect(read("versioning", body)).toEqual({
      versioning: true,
      beyond: { "versioning.excludedPrefixes": ["a/"], "versioning.excludeFolders": true },
    });
  });
});

describe("lifecycle", () => {
  test("days of 0, which MinIO leaves out, are read: objects move at once", () => {
    const [at, old] = ["Transition", "NoncurrentVersionTransition"].map(
      (n) => `<${n}><StorageClass>COLD</StorageClass></${n}>`,
    );
    const rule = `<Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>${at}${old}</Rule>`;
    const { lifecycle } = read("lifecycle", `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`) as {
      lifecycle: object[];
    };
    expect(lifecycle).toEqual([
      expect.objectContaining({
        Transition: { Days: 0, StorageClass: "COLD" },
        NoncurrentVersionTransition: { NoncurrentDays: 0, StorageClass: "COLD" },
      }),
    ]);
  });

  const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;
  test.each<[string, string, unknown]>([
    ["no filter", "", {}],
    ["an empty filter", "<Filter></Filter>", {}],
    ["a prefix of the old kind", "<Prefix>a/</Prefix>", { Prefix: "a/" }],
    ["one tag bare", `<Filter>${tag("k", "007")}</Filter>`, { Tags: { k: "007" } }],
    [
      "several conditions in And",
      `<Filter><And><Prefix>a/</Prefix>${tag("k", "v")}${tag("l", "w")}<ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>`,
      { Prefix: "a/", Tags: { k: "v", l: "w" }, ObjectSizeLessThan: 9 },
    ],
  ])("filter: %s", (_, xml, Filter) => {
    const rule = `<Rule><ID>r</ID><Status>Enabled</Status>${xml}<Expiration><Days>7</Days></Expiration></Rule>`;
    expect(read("lifecycle", `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`)).toEqual({
      lifecycle: [{ ID: "r", Status: "Enabled", Filter, Expiration: { Days: 7 } }],
    });
  });

  test("what no model can ask for stays in the rule", () => {
    const rule = `<Rule><ID>r</ID><Status>Enabled</Status><Expiration><Days>7</Days><ExpiredObjectAllVersions>true</ExpiredObjectAllVersions><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration><DelMarkerExpiration><Days>3</Days></DelMarkerExpiration></Rule>`;
    expect(read("lifecycle", `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`)).toEqual({
      lifecycle: [
        {
          ID: "r",
          Status: "Enabled",
          Filter: {},
          Expiration: { Days: 7, ExpiredObjectAllVersions: true },
          DelMarkerExpiration: { Days: 3 },
        },
      ],
    });
  });
});

test("the name of a KMS key comes as an ARN", () => {
  const rule = `<ApplyServerSideEncryptionByDefault><KMSMasterKeyID>arn:aws:kms:k</KMSMasterKeyID><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>`;
  const body = `<ServerSideEncryptionConfiguration><Rule>${rule}</Rule></ServerSideEncryptionConfiguration>`;
  expect(read("encryption", body)).toEqual({ encryption: { algorithm: "aws:kms", keyId: "k" } });
});

test.each([
  ['{"quota":5,"size":5,"quotatype":"hard"}', { quota: 5 }],
  ['{"quota":5}', { quota: 5 }],
  ['{"quota":0,"size":5,"rate":7,"requests":0}', { quota: 5, beyond: { "quota.rate": 7 } }],
  ['{"rate":7,"requests":9}', { beyond: { "quota.rate": 7, "quota.requests": 9 } }],
  ['{"quota":0,"size":0}', {}],
  ["<html></html>", undefined],
])("quota %s", (body, part) => {
  expect(read("quota", body)).toEqual(part);
});

test.each(["", "[]", "{}", "<html></html>"])("%j is no policy", (body) => {
  expect(read("policy", body)).toBeUndefined();
});
