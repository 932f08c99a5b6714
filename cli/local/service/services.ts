import type { Checkout } from "../../checkout.ts";
import type { LocalService } from "./local-service.ts";

/**
 * A local service by its name. Only what is asked for is loaded: a supervisor lives long.
 * @returns undefined where nothing has that name
 */
export async function serviceNamed(name: string, checkout: Checkout): Promise<LocalService | undefined> {
  if (name === "minio") return (await import("../minio/service.ts")).minio(checkout);
  if (name === "postgres") return (await import("../postgres/service.ts")).postgres(checkout);
  const { kindNamed, localService } = await import("../services/local-service.ts");
  return kindNamed(name) === undefined ? undefined : localService(name, checkout);
}

/** Every local service that a checkout has or had, in the order of their start. */
export async function allServices(checkout: Checkout): Promise<LocalService[]> {
  const { knownInstances, localService } = await import("../services/local-service.ts");
  return [
    (await import("../minio/service.ts")).minio(checkout),
    (await import("../postgres/service.ts")).postgres(checkout),
    ...knownInstances(checkout).map((name) => localService(name, checkout)),
  ];
}
