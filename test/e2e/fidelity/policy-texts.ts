import { accessPolicy } from "../../../builders/access-policy.ts";
import type { Grant } from "../../../config/model.ts";
import type { PolicyDocument } from "../../../provider/bucket-types.ts";
import { makePolicy, withFile } from "../../support/scanned.ts";
import type { Change, Direction } from "./change.ts";

type Statement = Readonly<Record<string, unknown>>;

/** What a reader's policy is made of. */
interface Reader {
  /** May find and list the bucket. */
  readonly list: Statement;
  /** May read objects, on the condition that no version is named. */
  readonly read: Statement;
  /** May administer nothing. */
  readonly refuse: Statement;
}

export const TEXTS_BUCKET = "texts-data";
const GRANT: Grant = { role: "read", bucket: TEXTS_BUCKET, prefixes: [] };
const ARN = `arn:aws:s3:::${TEXTS_BUCKET}`;

function reader(): Reader {
  const { Statement } = accessPolicy([GRANT]);
  const where = (found: (statement: Statement) => boolean): Statement => Statement.find(found) ?? {};
  return {
    list: where(({ Resource }) => JSON.stringify(Resource) === `["${ARN}"]`),
    read: where(({ Condition }) => Condition !== undefined),
    refuse: where(({ Effect }) => Effect === "Deny"),
  };
}

const names = (statement: Statement, key: "Action" | "Resource"): string[] => statement[key] as string[];
const each = (statement: Statement, key: "Action" | "Resource"): Statement[] =>
  names(statement, key).map((name) => ({ ...statement, [key]: name }));
const allow = (Action: string, Resource: string = `${ARN}/*`): Statement => ({ Effect: "Allow", Action, Resource });
const SECURE = { Bool: { "aws:SecureTransport": "true" } };

type Text = readonly [what: string, direction: Direction, text: (reader: Reader) => Statement[]];

const OF_POLICIES: readonly Text[] = [
  [
    "another bucket",
    "weaker",
    ({ list, read, refuse }) => [list, read, refuse, allow("s3:GetObject", "arn:aws:s3:::x/*")],
  ],
  ["actions by a wildcard", "weaker", ({ list, read, refuse }) => [list, { ...read, Action: "s3:Get*" }, refuse]],
  ["every action", "weaker", ({ list, read, refuse }) => [list, read, refuse, allow("s3:*")]],
  ["every bucket", "weaker", ({ list, read, refuse }) => [list, { ...read, Resource: "*" }, refuse]],
  [
    "all places but one",
    "weaker",
    ({ list, read: { Resource: _of, ...read }, refuse }) => [list, { ...read, NotResource: `${ARN}/x` }, refuse],
  ],
  [
    "buckets by a question mark",
    "weaker",
    ({ list, read, refuse }) => [list, read, refuse, allow("s3:GetObject", `${ARN}?/*`)],
  ],
  [
    "former versions, a condition gone",
    "weaker",
    ({ list, read: { Condition: _on, ...read }, refuse }) => [list, read, refuse],
  ],
  [
    "another version by its condition",
    "weaker",
    ({ list, read, refuse }) => [list, { ...read, Condition: { StringNotLike: { "s3:versionid": "a?*" } } }, refuse],
  ],
  ["making of service accounts, a refusal gone", "weaker", ({ list, read }) => [list, read]],
  [
    "making of users, a refusal narrowed",
    "weaker",
    ({ list, read, refuse }) => [
      list,
      read,
      { ...refuse, Action: names(refuse, "Action").filter((name) => name !== "admin:CreateUser") },
    ],
  ],
  [
    "administration",
    "weaker",
    ({ list, read, refuse }) => [list, read, refuse, { Effect: "Allow", Action: "admin:ServerInfo" }],
  ],
  [
    "policies of identities",
    "weaker",
    ({ list, read, refuse }) => [
      list,
      read,
      refuse,
      { Effect: "Allow", Action: ["admin:CreatePolicy", "admin:AttachUserOrGroupPolicy"] },
    ],
  ],
  [
    "keys of encryption",
    "weaker",
    ({ list, read, refuse }) => [list, read, refuse, { Effect: "Allow", Action: "kms:*" }],
  ],
  [
    "listing of versions",
    "weaker",
    ({ list, read, refuse }) => [list, read, refuse, allow("s3:ListBucketVersions", ARN)],
  ],
  [
    "changing the bucket's own policy",
    "weaker",
    ({ list, read, refuse }) => [list, read, refuse, allow("s3:PutBucketPolicy", ARN)],
  ],
  [
    "less, one action gone",
    "stronger",
    ({ list, read, refuse }) => [list, { ...read, Action: ["s3:GetObject"] }, refuse],
  ],
  [
    "less, a folder alone",
    "stronger",
    ({ list, read, refuse }) => [list, { ...read, Resource: `${ARN}/in/*` }, refuse],
  ],
  ["less, on a condition", "stronger", ({ list, read, refuse }) => [{ ...list, Condition: SECURE }, read, refuse]],
  [
    "less, a refusal of everything",
    "stronger",
    ({ list, read, refuse }) => [list, read, refuse, { ...allow("s3:*"), Effect: "Deny" }],
  ],
  [
    "the same by statements with names",
    "same",
    ({ list, read, refuse }) => [
      { ...list, Sid: "List" },
      { ...read, Sid: "Read" },
      { ...refuse, Sid: "No" },
    ],
  ],
  [
    "the same with a statement an action",
    "same",
    ({ list, read, refuse }) => [...each(list, "Action"), ...each(read, "Action"), ...each(refuse, "Action")],
  ],
  [
    "the same in another order",
    "same",
    ({ list, read, refuse }) => [refuse, { ...read, Action: names(read, "Action").toReversed() }, list],
  ],
  [
    "the same without lists",
    "same",
    ({ list, read, refuse }) => [{ ...list, Resource: ARN }, { ...read, Resource: `${ARN}/*` }, refuse],
  ],
  [
    "the same with a statement twice",
    "same",
    ({ list, read, refuse }) => [list, read, { ...read, Sid: "Again" }, refuse],
  ],
  [
    "the same and a folder that it covers",
    "same",
    ({ list, read, refuse }) => [list, read, { ...read, Resource: `${ARN}/in/*` }, refuse],
  ],
  [
    "the same and an object that it covers",
    "same",
    ({ list, read, refuse }) => [list, { ...read, Resource: [`${ARN}/*`, `${ARN}/in/a`] }, refuse],
  ],
  [
    "the same and one action again, on a condition",
    "same",
    ({ list, read, refuse }) => [list, read, refuse, { ...list, Condition: SECURE }],
  ],
  [
    "the same with a refusal of administration anywhere",
    "same",
    ({ list, read, refuse }) => [list, read, { ...refuse, Resource: "arn:aws:s3:::*" }],
  ],
  [
    "the same and a folder of each user",
    "same",
    ({ list, read, refuse }) => [list, read, { ...read, Resource: `${ARN}/\${aws:username}/*` }, refuse],
  ],
];

const OF_ACCOUNTS: readonly Text[] = [
  ["former versions", "weaker", ({ list, read: { Condition: _on, ...read }, refuse }) => [list, read, refuse]],
  ["making of service accounts", "weaker", ({ list, read }) => [list, read]],
  ["whatever its user may", "weaker", () => [allow("s3:*", "*"), { Effect: "Allow", Action: "admin:*" }]],
  [
    "less, a folder alone",
    "stronger",
    ({ list, read, refuse }) => [list, { ...read, Resource: `${ARN}/in/*` }, refuse],
  ],
  [
    "the same by statements with names",
    "same",
    ({ list, read, refuse }) => [{ ...list, Sid: "List" }, { ...read, Sid: "Read" }, refuse],
  ],
  [
    "the same split and with what it covers",
    "same",
    ({ list, read, refuse }) => [...each(list, "Action"), refuse, read, { ...read, Resource: [`${ARN}/a/*`] }],
  ],
];

const numbered = (prefix: string, index: number): string => `${prefix}-${String(index).padStart(2, "0")}`;
const documentOf = (text: Text[2]): PolicyDocument => ({ Version: "2012-10-17", Statement: text(reader()) });
const resource = (name: string): string[] => [`fidelity/${name}`];

/** The document of each replaced by another text. */
export const TEXT_CHANGES: readonly Change[] = [
  ...OF_POLICIES.map(([what, direction, text], index): Change => {
    const name = numbered("text", index);
    const make: Change["make"] = ({ mc }) => makePolicy(mc, name, documentOf(text));
    const on = { kind: "changed", subject: "policy", name, resources: resource(name) } as const;
    return { what: `a policy permits ${what}`, direction, ...on, make };
  }),
  ...OF_ACCOUNTS.map(([what, direction, text], index): Change => {
    const name = numbered("job-text", index);
    const make: Change["make"] = ({ mc, accessKey }) =>
      withFile(documentOf(text), (file) =>
        mc.run("admin", "accesskey", "edit", "t", accessKey(name), "--policy", file),
      );
    const on = { kind: "changed", subject: "service account", name, resources: resource(name) } as const;
    return { what: `a service account permits ${what}`, direction, ...on, make };
  }),
];

/** Lines of a spec: each change has a policy, or a user with a service account, of its own. */
export const TEXT_POLICIES = OF_POLICIES.map((_, index) => numbered("text", index))
  .map((name) => `    ${name}: {name: ${name}, grants: [{role: read, bucket: ${TEXTS_BUCKET}}]}\n`)
  .join("");
export const TEXT_USERS = [
  `    user-of-texts: {policies: [${OF_POLICIES.map((_, index) => numbered("text", index)).join(", ")}]}\n`,
  ...OF_ACCOUNTS.map((_, index) => `    ${numbered("user-text", index)}: {policies: [texts]}\n`),
].join("");
export const TEXT_ACCOUNTS = OF_ACCOUNTS.map(
  (_, index) => `    ${numbered("job-text", index)}: {user: ${numbered("user-text", index)}, policies: [texts]}\n`,
).join("");
