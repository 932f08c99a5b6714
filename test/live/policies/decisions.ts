import type { PolicyDocument } from "../../../provider/bucket-types.ts";

/*
 * What a policy document says of every request of a small world, asked as MinIO asks (minio/pkg, policy/statement.go): one
 * request at a time, and bytes, not letters. It knows of no forms and compares no texts.
 */

type Statement = Readonly<Record<string, unknown>>;

interface Request {
  readonly who: string;
  readonly action: string;
  /** Bucket and key; a bucket alone ends in a slash for an identity, and doesn't for a bucket policy. */
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

const ACTIONS = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:PutObject", "s3:ListBucket"];
const RESOURCES = [
  "b",
  "b/",
  "b/x",
  "b/x/",
  "b/y",
  "b/a/",
  "b/a/x",
  "b/a/x/",
  "b/ada/x",
  "b/ü",
  "b/a/*",
  "c",
  "c/",
  "c/a/x",
];
const CONTEXTS = [
  {},
  { "aws:username": ["ada"] },
  { "aws:username": ["a"], "s3:prefix": ["a/x"], "aws:SecureTransport": ["true"] },
  { "s3:prefix": ["b"], "aws:SecureTransport": ["false"], "s3:versionid": ["1"] },
];

const WORLD: readonly Request[] = ["", "ada", "bob"].flatMap((who) =>
  CONTEXTS.flatMap((context) => [
    ...ACTIONS.flatMap((action) => RESOURCES.map((resource) => ({ who, action, resource, context }))),
    { who, action: "admin:ServerInfo", resource: "/", context },
    { who, action: "admin:CreateUser", resource: "/", context },
  ]),
);

/** Of a document that names nobody: who asks makes no difference. */
const OF_ONE = WORLD.filter(({ who }) => who === "");

/** Of each request whether a statement permits it, and whether one refuses it. */
export function decisions({ Statement }: PolicyDocument): string {
  const says = (effect: string, request: Request): boolean =>
    Statement.some((each) => each.Effect === effect && matches(each, request));
  const world = Statement.some(({ Principal }) => Principal !== undefined) ? WORLD : OF_ONE;
  return world.map((request) => `${Number(says("Allow", request))}${Number(says("Deny", request))}`).join(" ");
}

function matches(statement: Statement, { who, action, resource, context }: Request): boolean {
  const { Principal, Action, NotAction, Resource, NotResource, Condition } = statement;
  if (Principal !== undefined && !principals(Principal).some((each) => each === "*" || each === who)) return false;
  const takes = (names: readonly string[]): boolean =>
    names.some((each) => wildcard(each, action) || (each === "s3:GetObjectVersion" && action === "s3:GetObject"));
  if (Action !== undefined && !takes(list(Action))) return false;
  if (NotAction !== undefined && takes(list(NotAction))) return false;
  const isAdmin = list(Action).some((each) => each.startsWith("admin:"));
  const lies = (places: readonly string[]): boolean => places.some((each) => inPlace(each, resource, context));
  if (!isAdmin && Resource !== undefined && !lies(list(Resource))) return false;
  if (!isAdmin && NotResource !== undefined && lies(list(NotResource))) return false;
  return Object.entries((Condition ?? {}) as Record<string, Record<string, unknown>>).every(([test, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(test, list(values), context[key] ?? [])),
  );
}

function inPlace(arn: string, resource: string, context: Request["context"]): boolean {
  const pattern = (arn === "*" ? "*" : arn.replace("arn:aws:s3:::", "")).replaceAll(
    /\$\{([^}]*)\}/g,
    (variable, key: string) => context[key]?.[0] ?? variable,
  );
  return resource.replace(/\/$/, "") === pattern || wildcard(pattern, resource);
}

function holds(test: string, values: readonly string[], asked: readonly string[]): boolean {
  const like = values.some((value) => asked.some((each) => wildcard(value, each)));
  if (test === "StringLike") return like;
  if (test === "StringNotLike") return !like;
  return asked.some((each) => values.includes(each));
}

const known = new Map<string, boolean>();

/** Byte by byte. */
function wildcard(pattern: string, text: string): boolean {
  const asked = `${pattern} ${text}`;
  const answer = known.get(asked) ?? expressionOf(pattern).test(Buffer.from(text).toString("latin1"));
  known.set(asked, answer);
  return answer;
}

function expressionOf(pattern: string): RegExp {
  const bytes = Buffer.from(pattern).toString("latin1");
  const form = bytes.replace(/[^*?]/g, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, "0")}`);
  const source = form.replaceAll("*", "[^]*").replaceAll("?", "[^]");
  return new RegExp(`^${source}$`);
}

function principals(principal: unknown): string[] {
  return principal === "*" ? ["*"] : list((principal as { AWS: unknown }).AWS);
}

function list(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(String);
}
