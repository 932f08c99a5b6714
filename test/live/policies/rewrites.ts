import { array, constant, constantFrom, nat, oneof, record, tuple } from "fast-check";
import type { PolicyDocument } from "../../../provider/bucket-types.ts";

type Statement = Record<string, unknown>;

const b = "arn:aws:s3:::b";
const some = (...values: string[]) =>
  oneof(constantFrom(...values), array(constantFrom(...values), { minLength: 1, maxLength: 3 }));
const actions = some(
  ...["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectV*", "s3:PutObject", "s3:Get*", "s3:*", "s3:?utObject"],
);
const resources = some(
  ...[b, `${b}/*`, `${b}/x`, `${b}/?`, `${b}/ü`, `${b}/a/*`, `${b}/a/x`, `${b}/a*x`, `${b}/\${aws:username}/x`],
  ...[`${b}/\${aws:username}/*`, "arn:aws:s3:::*", "*", "arn:aws:s3:::c"],
);
const conditions = constantFrom<object[]>(
  {},
  { StringLike: { "s3:prefix": "a/*" } },
  { StringEquals: { "s3:prefix": ["b"] }, Bool: { "aws:SecureTransport": true } },
  { StringNotLike: { "s3:versionid": ["?*"] } },
);

const s3Statement = record({
  Effect: constantFrom("Allow", "Deny"),
  Acts: oneof({ weight: 4, arbitrary: record({ Action: actions }) }, record({ NotAction: actions })),
  Places: oneof({ weight: 4, arbitrary: record({ Resource: resources }) }, record({ NotResource: resources })),
  Condition: conditions,
}).map(({ Effect, Acts, Places, Condition }): Statement => {
  const isConditional = Object.keys(Condition).length > 0;
  return { Effect, ...Acts, ...Places, ...(isConditional && { Condition }) };
});
const adminStatement = record({
  Effect: constantFrom("Allow", "Deny"),
  Action: some("admin:ServerInfo", "admin:CreateUser", "admin:*"),
});
const who = oneof(constant("*"), record({ AWS: some("*", "ada", "bob") }));
const document = (statements: readonly Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [...statements],
});

const identity = array(oneof({ weight: 4, arbitrary: s3Statement }, adminStatement), { minLength: 1, maxLength: 3 });
const ofBucket = array(
  tuple(s3Statement, who).map(([statement, Principal]): Statement => ({ ...statement, Principal })),
  { minLength: 1, maxLength: 3 },
);
/** Documents of identities and of buckets, as MinIO takes them. */
const documents = oneof(identity, ofBucket).map(document);

/** Of a statement `at` what means the same; `pick` chooses where there is a choice. */
type Rewrite = (statements: readonly Statement[], at: number, pick: number) => Statement[];

/** The statement `at` as two, each with a part of a list; as it is where it has no two. */
const split =
  (read: (statement: Statement) => unknown, write: (statement: Statement, part: unknown) => Statement): Rewrite =>
  (all, at, pick) => {
    const statement = all[at] as Statement;
    const values = read(statement);
    if (!Array.isArray(values) || values.length < 2) return [...all];
    const middle = 1 + (pick % (values.length - 1));
    const halves = [values.slice(0, middle), values.slice(middle)].map((part) => write(statement, part));
    return all.toSpliced(at, 1, ...halves);
  };
const change = (edit: (statement: Statement, pick: number) => Statement): Rewrite => {
  return (all, at, pick) => all.with(at, edit(all[at] as Statement, pick));
};
const flip = (value: unknown): unknown => (Array.isArray(value) ? value.toReversed() : [value]);
const single = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);
const each = (edit: (value: unknown) => unknown): Rewrite =>
  change(({ Effect, Principal, Condition, ...lists }) => ({
    Effect,
    ...Object.fromEntries(Object.entries(lists).map(([key, value]) => [key, key === "Sid" ? value : edit(value)])),
    ...(Principal !== undefined && { Principal }),
    ...(Condition !== undefined && { Condition }),
  }));

/** What a name permits already: `s3:*` the reading of an object, `b/*` what lies in a folder. */
const WITHIN: Readonly<Record<string, string>> = {
  ...{ "s3:*": "s3:GetObjectVersion", "s3:Get*": "s3:GetObjectTagging", "admin:*": "admin:ServerInfo" },
  ...{
    [`${b}/*`]: `${b}/a/\${aws:username}`,
    [`${b}/a/*`]: `${b}/a/x`,
    "*": `${b}/*`,
    "arn:aws:s3:::*": "arn:aws:s3:::c",
  },
};

/** Each gives another text with the same meaning. */
export const REWRITES: Readonly<Record<string, Rewrite>> = {
  "a name": change((statement, pick) => ({ ...statement, Sid: `N${pick}` })),
  "an empty name": change((statement) => ({ Sid: "", ...statement })),
  "actions split": split(
    ({ Action }) => Action,
    (statement, Action) => ({ ...statement, Action }),
  ),
  "resources split": split(
    ({ Resource }) => Resource,
    (statement, Resource) => ({ ...statement, Resource }),
  ),
  "principals split": split(
    ({ Principal }) => (Principal as { AWS?: unknown } | undefined)?.AWS,
    (statement, AWS) => ({ ...statement, Principal: { AWS } }),
  ),
  "statements in another order": (all, at) => [...all.slice(at), ...all.slice(0, at)],
  "a statement twice": (all, at) => [...all, all[at] as Statement],
  "lists in another order, lists of one": each(flip),
  "one without its list": each(single),
  "anyone in another form": change(({ Principal, ...statement }) => {
    if (Principal === undefined) return statement;
    return { ...statement, Principal: Principal === "*" ? { AWS: ["*"] } : Principal };
  }),
  "somebody beside anyone": change((statement) => {
    return JSON.stringify(statement.Principal) === '{"AWS":["*"]}'
      ? { ...statement, Principal: { AWS: ["ada", "*"] } }
      : statement;
  }),
  "a covered action or resource": (all, at) => {
    const narrow = (value: unknown): unknown => [value].flat().map((name) => WITHIN[String(name)] ?? name);
    const { Action, Resource, ...rest } = all[at] as Statement;
    const lists = {
      ...(Action !== undefined && { Action: narrow(Action) }),
      ...(Resource !== undefined && { Resource: narrow(Resource) }),
    };
    return [...all, { ...rest, ...lists }];
  },
  "what holds always, on a condition too": (all, at) => {
    const statement = all[at] as Statement;
    const Condition = { StringEquals: { "s3:prefix": "z" } };
    return statement.Condition === undefined ? [{ ...statement, Condition }, ...all] : [...all];
  },
  "conditions in another order, values in lists": change(({ Condition, ...statement }) => {
    if (Condition === undefined) return { ...statement, Condition: {} };
    const tests = Object.entries(Condition as Record<string, Record<string, unknown>>).reverse();
    const listed = (keys: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, [value].flat().map(String)]));
    return { Condition: Object.fromEntries(tests.map(([test, keys]) => [test, listed(keys)])), ...statement };
  }),
  "two stars": each((value) => [value].flat().map((name) => String(name).replace(/\*$/, "**"))),
};

const step = tuple(constantFrom(...Object.keys(REWRITES)), nat(50), nat(50));

/** A document and the same in another text. */
export const rewritten = tuple(documents, array(step, { minLength: 1, maxLength: 6 })).map(([original, steps]) => {
  let { Statement } = original;
  for (const [name, at, pick] of steps) Statement = REWRITES[name]?.(Statement, at % Statement.length, pick) ?? [];
  return { original, other: { ...original, Statement }, steps };
});

/** Two documents that differ in little: the second has a part of the first replaced, a statement less, or one more. */
export const neighbours = tuple(
  rewritten,
  documents,
  nat(50),
  constantFrom("Action", "Resource", "Condition", "Effect", "less", "more", "more"),
).map(
  ([
    { original, other },
    {
      Statement: [given = {}],
    },
    pick,
    key,
  ]): [PolicyDocument, PolicyDocument] => {
    const at = pick % other.Statement.length;
    const { [key]: _old, ...rest } = other.Statement[at] as Statement;
    const less = other.Statement.toSpliced(at, 1);
    const replaced = given[key] === undefined ? less : other.Statement.with(at, { ...rest, [key]: given[key] });
    return [original, { ...other, Statement: key === "more" ? [...other.Statement, given] : replaced }];
  },
);
