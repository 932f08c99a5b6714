import { Cron } from "croner";
import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import type { WorkloadSpec } from "../schema/workload.ts";
import { secondsFix, secondsIn } from "../values/duration.ts";
import { imageFault, isProgramImage, PROGRAM_IMAGES } from "../values/image.ts";
import { nearest } from "../values/nearest.ts";
import { quantityFault, quantityFix } from "../values/quantity.ts";

export const KUBERNETES_NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
/** CronJobs add eleven characters to the names of their runs, and those may have 63. */
export const LONGEST_NAME = 52;
/** Of a schedule: minute, hour, day, month, weekday. */
const FIELDS = 5;

/** Texts of one workload as Kubernetes takes them. */
export function workloadValueFaults(spec: WorkloadSpec, path: Path): Fault[] {
  const fault = (key: keyof WorkloadSpec, says: string, fix: string): Fault => ({
    code: "workload-value",
    path: [...path, key],
    message: `${key} ${shownText(String(spec[key]))} ${says}`,
    fix,
  });
  const faults: Fault[] = [];
  const { image, config, schedule, time_zone, deadline, replicas, health } = spec;
  const wrongImage = image === undefined || isProgramImage(image) ? null : imageFault(image);
  if (wrongImage !== null) faults.push(fault("image", wrongImage, imageFix(image ?? "")));
  if (config !== undefined && (!KUBERNETES_NAME.test(config) || config.length > LONGEST_NAME)) {
    faults.push(fault("config", "must be a name of Kubernetes: lower-case letters, digits and dashes", "rename it"));
  }
  for (const key of ["cpu", "memory", "home"] as const) {
    const value = spec[key];
    const kind = key === "home" ? "memory" : key;
    const wrong = value === undefined ? null : quantityFault(kind, value);
    if (wrong !== null) faults.push(fault(key, wrong, quantityFix(kind, value ?? "")));
  }
  const wrongSchedule = schedule === undefined ? null : scheduleFault(schedule);
  if (wrongSchedule !== null) faults.push(fault("schedule", wrongSchedule, scheduleFix(schedule ?? "")));
  if (time_zone !== undefined && !isTimeZone(time_zone)) {
    faults.push(fault("time_zone", "is no time zone of the IANA database", zoneFix(time_zone)));
  }
  if (deadline !== undefined && secondsIn(deadline) === null) {
    faults.push(fault("deadline", "must be a whole number with s, m or h", secondsFix(deadline)));
  }
  if (health !== undefined && !health.startsWith("/")) {
    faults.push(fault("health", "must be a path that begins with /", `write ${pathOf(health)}`));
  }
  if (replicas !== undefined && replicas.max < replicas.min) {
    const message = `replicas.max ${replicas.max} is less than replicas.min ${replicas.min}`;
    faults.push({ code: "workload-value", path: [...path, "replicas", "max"], message, fix: "raise max or lower min" });
  }
  return faults;
}

function imageFix(given: string): string {
  const near = nearest(given, PROGRAM_IMAGES);
  if (near !== null) return `did you mean ${near}?`;
  const version = "name a version, like registry/name:1.2.3";
  return /[/:@]/.test(given) ? version : `${version}, or a data program: ${PROGRAM_IMAGES.join(", ")}`;
}

/** What Kubernetes takes: five fields, or a macro; croner knows seconds and years as well. */
export function scheduleFault(schedule: string): string | null {
  const fields = schedule.trim().split(/\s+/);
  if (!schedule.startsWith("@") && fields.length !== FIELDS) {
    return `must have ${FIELDS} fields (minute hour day month weekday), has ${fields.length}`;
  }
  if (/[LW#?+]/i.test(schedule.replaceAll(/[A-Za-z]{3,}/g, "")))
    return "uses what Kubernetes doesn't know: L, W, #, + or ?";
  if (/(?:^|[,-])7/.test(fields[4] ?? "")) return "has weekday 7, which Kubernetes doesn't know: Sunday is 0";
  try {
    const next = new Cron(schedule, { paused: true }).nextRun();
    return next === null ? "never comes: no month has such a day" : null;
  } catch (error) {
    return `is no schedule of cron (${(error as Error).message.replace(/^CronPattern: /, "")})`;
  }
}

export function scheduleFix(schedule: string): string {
  const sunday = schedule.replace(/ 7$/, " 0");
  if (sunday !== schedule && scheduleFault(sunday) === null) return `write "${sunday}"`;
  return 'write one like "0 6 * * *", six every morning';
}

function zoneFix(given: string): string {
  return /^(?:utc|gmt|z|zulu)$/i.test(given.trim()) ? "write Etc/UTC" : "write one like America/Bogota or Etc/UTC";
}

/** Of a URL, or of a path without its slash. */
function pathOf(health: string): string {
  return `/${health.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/^\/+/, "")}`;
}

/** A name with a region, as abbreviations mean several zones; in its own case, which a cluster's nodes ask for. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z]\w*(?:\/[A-Z][\w+-]*)+$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
