import type { Checkout } from "../../checkout.ts";
import type { LocalService } from "./local-service.ts";

/** Every local service. Only the one that is asked for is loaded: a supervisor lives long. In the order of their start. */
export const SERVICES: Readonly<Record<string, (checkout: Checkout) => Promise<LocalService>>> = {
  minio: async (checkout) => (await import("../minio/service.ts")).minio(checkout),
  postgres: async (checkout) => (await import("../postgres/service.ts")).postgres(checkout),
  node_exporter: async (checkout) => (await import("../services/program.ts")).program("node_exporter", checkout),
  alertmanager: async (checkout) => (await import("../services/program.ts")).program("alertmanager", checkout),
  prometheus: async (checkout) => (await import("../services/program.ts")).program("prometheus", checkout),
};
