import { z } from "zod";
import { formatPath } from "../document/source-tree.ts";
import { goneReason } from "../minio-server/knobs.ts";
import { nearest } from "../values/nearest.ts";
import { type ConfigCommand, removeCommand, type SettingFault, setCommand } from "./fault.ts";
import { FORWARD_PORT, PLATFORMS_DIR, RENAMED, StackConfig } from "./schema.ts";

type Step = string | number;

/** What a good value looks like, in the command that sets it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  stage: "STAGE",
  platformsDir: PLATFORMS_DIR,
  platforms: "NAME",
  target: "external",
  "images.registry": "registry.example/team",
  "images.build": "workloads",
  "images.platform": "linux/amd64",
  workloadsImage: "REGISTRY/workloads:TAG",
  "programImages.cybersec": "REGISTRY/cybersec:COMMIT",
  "programImages.dataops": "REGISTRY/dataops:COMMIT",
  "programImages.experiments": "REGISTRY/experiments:COMMIT",
  "programImages.features": "REGISTRY/features:COMMIT",
  "hopsworks.host": "HOST",
  "hopsworks.port": "443",
  exportedServiceAccounts: "NAME",
  keyChecksums: "when_required",
  forwardPort: String(FORWARD_PORT),
  endpoint: "HOST:PORT",
  secure: "true",
  region: "us-east-1",
  allowPurge: "BUCKET",
  allowTierRemoval: "NAME",
};

/** What zod says of a value where the schema has no words of its own, for `safeParse`. */
export function shapeWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return `must be ${TYPES[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "invalid_union" && Array.isArray(issue.options))
    return `must be one of ${issue.options.join(", ")}`;
  if (issue.code === "too_small") return `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
  if (issue.code === "too_big") return `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
  return undefined;
}

/** What zod found, each with the command that sets the value again or removes it. */
export function shapeFaults(issue: z.core.$ZodIssue): SettingFault[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, issue.input));
  if (issue.code === "custom" && issue.params?.remove) {
    const fix = ["remove it: ", removeCommand(argumentOf(path))];
    return [{ key: String(path[0]), message: `${placeOf(path)} ${issue.message}`, fix }];
  }
  const given = issue.code === "invalid_union" ? Object(issue.input)[issue.discriminator ?? ""] : issue.input;
  const got = issue.code === "custom" ? "" : `, got ${JSON.stringify(given) ?? "nothing"}`;
  return [
    {
      key: String(path[0]),
      message: `${placeOf(path)} ${issue.message}${got}`,
      fix: ["set it again: ", setAgain(path, issue)],
    },
  ];
}

function unknownKey(path: readonly Step[], key: string, map: unknown): SettingFault {
  const whole = [...path, key];
  const place = placeOf(whole);
  const fault = { key: String(whole[0]), remove: removeCommand(argumentOf(whole)) };
  const renamed = path.length === 0 ? RENAMED[key] : undefined;
  if (renamed !== undefined) {
    const message = `${place} is now called bucketworks:${renamed}`;
    const set = setCommand(`--path 'bucketworks:${renamed}[0]' NAME`);
    return { key: fault.key, message, fix: ["set it by that name: ", set, ", then ", fault.remove] };
  }
  const gone = path[0] === "server" ? goneReason(key) : undefined;
  if (gone !== undefined)
    return { key: fault.key, message: `${place} can't be set: ${gone}`, fix: ["remove it: ", fault.remove] };
  const known = keysAt(path, map);
  const near = nearest(key, known);
  const meant = near === null ? "" : `did you mean ${near}? remove it: `;
  const message = `${place} is an unknown key, allowed are ${known.join(", ")}`;
  return { key: fault.key, message, fix: [meant, fault.remove] };
}

function setAgain(path: readonly Step[], issue: z.core.$ZodIssue): ConfigCommand {
  const isList = issue.code === "invalid_type" && issue.expected === "array";
  const at = isList || (issue.code === "too_small" && issue.origin === "array") ? [...path, 0] : path;
  const example = EXAMPLES[path.filter((step) => typeof step === "string").join(".")] ?? "VALUE";
  return setCommand(`${argumentOf(at)} ${example}`);
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
};

function placeOf(path: readonly Step[]): string {
  return `bucketworks:${formatPath(path)}`;
}

/** As `pulumi config` takes a key: what is below one needs `--path`, and quotes in a shell. */
function argumentOf(path: readonly Step[]): string {
  return path.length === 1 ? placeOf(path) : `--path '${placeOf(path)}'`;
}

/** The keys allowed in the map at a path; of several kinds of map, in the kind that it is. */
function keysAt(path: readonly Step[], map: unknown): string[] {
  let schemas: z.core.$ZodType[] = [StackConfig];
  for (const step of path)
    schemas = schemas.flatMap((each) => [
      ...objectsOf(each).flatMap(({ shape }) => shape[step] ?? []),
      ...valuesOf(each),
    ]);
  const objects = schemas.flatMap(objectsOf);
  const fits = ({ shape }: z.ZodObject): boolean =>
    Object.entries(shape).every(([key, each]) => !(each instanceof z.ZodLiteral) || each.values.has(Object(map)[key]));
  return (objects.find(fits) ?? objects[0])?.keyof().options ?? [];
}

/** What every key of a map holds whose keys are names; none of any other schema. */
function valuesOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return isWrapped(schema) ? valuesOf(schema instanceof z.ZodPipe ? schema.out : schema.unwrap()) : [];
}

/** The maps that a schema is made of, whatever is wrapped around them. */
function objectsOf(schema: z.core.$ZodType): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.options.flatMap(objectsOf);
  return isWrapped(schema) ? objectsOf(schema instanceof z.ZodPipe ? schema.out : schema.unwrap()) : [];
}

function isWrapped(schema: z.core.$ZodType): schema is z.ZodPipe | z.ZodOptional | z.ZodDefault | z.ZodPrefault {
  return [z.ZodPipe, z.ZodOptional, z.ZodDefault, z.ZodPrefault].some((kind) => schema instanceof kind);
}
