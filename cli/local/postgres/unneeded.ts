import { existsSync, readdirSync } from "node:fs";
import type { Checkout } from "../../checkout.ts";
import { livePostgres } from "./record.ts";

/**
 * Whether a PostgreSQL that no platform needs any more has still to be settled: it runs, or files say how its roles log
 * in. It is told the empty plan then, which locks them out; its rows stay.
 */
export function isUnsettled(checkout: Checkout): boolean {
  const { roles } = checkout.postgres;
  return livePostgres(checkout).length > 0 || (existsSync(roles) && readdirSync(roles).length > 0);
}
