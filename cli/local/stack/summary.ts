import { relative } from "node:path";
import type { Bucket, ResolvedModel } from "../../../config/model.ts";
import type { Checkout } from "../../checkout.ts";
import { readStackFile } from "../../stack-file.ts";
import type { Target } from "../../target/target.ts";
import { table } from "../../terminal/print.ts";
import type { MinioPorts } from "../minio/service.ts";
import { HOST } from "../service/local-service.ts";
import { STACK } from "./name.ts";

/** What a person needs after `up`: where it is, what is there, how to get in, what to do next. No secret is in it. */
export function summary(
  checkout: Checkout,
  ports: MinioPorts,
  model: ResolvedModel,
  postgresPort: number | undefined,
): string {
  const place = relative(checkout.root, checkout.minio.folder);
  return [
    "",
    `endpoint   http://${HOST}:${ports.api}`,
    `console    http://${HOST}:${ports.console}`,
    `log in as  root: user in ${place}/root-user, password in ${place}/root-password (for administration, not for programs)`,
    ...databases(checkout, model, postgresPort),
    ...content(model),
    "look around     . toolchain/env.sh && mc ls dev",
    ...next(model, checkout),
    "stop            make down (data stays)",
  ].join("\n");
}

/** As `summary`, where the stack names a server that is not this checkout's. */
export function summaryElsewhere(checkout: Checkout, { model, server: { secure, endpoint } }: Target): string {
  return [
    "",
    `endpoint   ${secure ? "https" : "http"}://${endpoint} (bucketworks:endpoint of stack dev; no local server is used)`,
    ...content(model),
    ...next(model, checkout),
    "remove          make destroy (buckets with on_delete: retain stay)",
  ].join("\n");
}

function databases(checkout: Checkout, model: ResolvedModel, port: number | undefined): string[] {
  if (port === undefined) return [];
  const names = [...new Set(model.platforms.flatMap(({ database }) => (database === null ? [] : [database.name])))];
  const place = relative(checkout.root, checkout.postgres.roles);
  return [
    `postgres   ${HOST}:${port}: ${names.sort().join(", ")}`,
    `           roles log in with the variables in ${place}/ROLE.env`,
  ];
}

function content(model: ResolvedModel): string[] {
  const rows = model.platforms.map(({ name, buckets }) => [name, `${buckets.length}`, sample(buckets)]);
  return ["", table([["PLATFORM", "BUCKETS", ""], ...rows]), ""];
}

function next(model: ResolvedModel, { root }: Checkout): string[] {
  const identity = model.platforms.flatMap(({ access }) => access.users)[0]?.name;
  return [
    ...(identity === undefined ? [] : [`a key           bin/bucketworks key show ${identity} (others: key list)`]),
    `change a spec   edit ${readStackFile(root, STACK).platformsDir}/*.yaml, then pulumi preview, then make up`,
  ];
}

function sample(buckets: readonly Bucket[]): string {
  const shown = buckets.slice(0, 3).map(({ name }) => name);
  return [...shown, ...(buckets.length > shown.length ? ["..."] : [])].join(", ");
}
