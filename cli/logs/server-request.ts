import { z } from "zod";

const text = z.string().optional();
const count = z.number().optional();

/** What MinIO tells of a request, as far as it is kept. @see madmin-go, logger/audit/entry.go */
const Told = z.object({
  time: text,
  trigger: text,
  api: z.object({
    name: text,
    bucket: text,
    object: text,
    objects: z.array(z.unknown()).optional(),
    statusCode: count,
    rx: count,
    tx: count,
    timeToResponseInNS: text,
  }),
  remotehost: text,
  requestID: text,
  userAgent: text,
  requestPath: text,
  requestQuery: z.record(z.string(), z.string()).optional(),
  accessKey: text,
  parentUser: text,
  error: text,
});

type Told = z.output<typeof Told>;

/** Of a request's parameters those that say what it is about, by their names in a line. Any other may be a secret. */
const PARAMETERS = { versionId: "version_id", prefix: "prefix" } as const;
/** Of requests to administer the server: whom or what they are about. */
const SUBJECTS = ["accessKey", "userOrGroup", "group", "policyName", "name"] as const;

/**
 * What MinIO's webhook for audits tells of a request, as a line of a log. It takes what is listed here and nothing else: MinIO
 * tells all headers and parameters, and signatures, session tokens and customers' keys are among them.
 * @param line JSON of one request
 * @returns undefined where it is none
 */
export function requestLine(line: string): Readonly<Record<string, unknown>> | undefined {
  const told = toldIn(line);
  if (told === undefined) return undefined;
  const { api, requestQuery = {} } = told;
  const parameters = Object.entries(PARAMETERS).map(([name, shown]) => [shown, requestQuery[name]] as const);
  const about = SUBJECTS.map((name) => requestQuery[name]).find((each) => each !== undefined);
  const isOfBucket = api.bucket !== undefined && api.bucket !== "";
  const all = {
    time: told.time,
    level: levelOf(api.statusCode),
    message: [api.name, placeOf(told), api.statusCode].filter((each) => each !== undefined && each !== "").join(" "),
    service: "minio-requests",
    correlation_id: told.requestID,
    actor: actorOf(told),
    user: told.parentUser,
    api: api.name,
    bucket: api.bucket,
    object: api.object,
    objects: api.objects?.length || undefined,
    status: api.statusCode,
    error: told.error,
    ...Object.fromEntries(parameters),
    ...(!isOfBucket && { about }),
    from: told.remotehost,
    client: told.userAgent,
    bytes_in: api.rx === undefined || api.rx < 0 ? undefined : api.rx,
    bytes_out: api.tx === undefined || api.tx < 0 ? undefined : api.tx,
    milliseconds: api.timeToResponseInNS === undefined ? undefined : Math.round(Number(api.timeToResponseInNS) / 1e6),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== ""));
}

function toldIn(line: string): Told | undefined {
  try {
    return Told.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Whose key it was; the server does some things by itself. */
function actorOf({ trigger, accessKey }: Told): string {
  if (accessKey !== undefined && accessKey !== "") return accessKey;
  return trigger === "incoming" ? "anonymous" : "server";
}

function placeOf({ api: { bucket = "", object = "" }, requestPath }: Told): string | undefined {
  if (bucket === "") return requestPath;
  return object === "" ? bucket : `${bucket}/${object}`;
}

/** A refusal is a warning; what isn't there is everyday. */
function levelOf(status = 0): string {
  if (status >= 500) return "error";
  return status === 401 || status === 403 ? "warning" : "info";
}
