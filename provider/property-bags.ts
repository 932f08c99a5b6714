import structProto from "google-protobuf/google/protobuf/struct_pb.js";

/**
 * Property bags as the engine sends them: a protobuf Struct in which a secret is an envelope and a value that a
 * preview doesn't know yet is a reserved string (keys: sdk/nodejs/runtime/rpc.ts of pulumi/pulumi).
 */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type PlainObject = Record<string, unknown>;

export interface Properties {
  /** Plain values; secret envelopes are taken off at every depth. */
  readonly values: PlainObject;
  /** Top-level keys that hold a secret anywhere inside. */
  readonly secrets: ReadonlySet<string>;
  /** Top-level keys that hold a value not known before the update. */
  readonly unknowns: ReadonlySet<string>;
}

/** Takes secret envelopes off; remembers which top-level keys held one, or held an unknown. */
export function fromStruct(struct: structProto.Struct | undefined): Properties {
  const secrets = new Set<string>();
  const unknowns = new Set<string>();
  const values: PlainObject = {};
  for (const [key, raw] of Object.entries(struct?.toJavaScript() ?? {})) {
    const found = { secret: false, unknown: false };
    values[key] = plain(raw, found);
    if (found.secret) secrets.add(key);
    if (found.unknown) unknowns.add(key);
  }
  return { values, secrets, unknowns };
}

/** Puts the envelope back on every key of `secrets`, so that a secret stays one wherever it is copied. */
export function toStruct(values: object, secrets: ReadonlySet<string>): structProto.Struct {
  const json = JSON.parse(JSON.stringify(values)) as Record<string, structProto.JavaScriptValue>;
  for (const key of secrets) {
    if (key in json) json[key] = { [SIGNATURE]: SECRET, value: json[key] ?? null };
  }
  return structProto.Struct.fromJavaScript(json);
}

function plain(value: unknown, found: { secret: boolean; unknown: boolean }): unknown {
  if (value === UNKNOWN) {
    found.unknown = true;
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, found));
  if (typeof value !== "object" || value === null) return value;
  if ((value as PlainObject)[SIGNATURE] === SECRET) {
    found.secret = true;
    return plain((value as PlainObject).value, found);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, found)]));
}
