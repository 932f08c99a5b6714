import type { ServiceKind } from "../../../../builders/services/declared.ts";
import { alertmanager } from "./alertmanager.ts";
import type { Kind } from "./kind.ts";
import { nodeExporter } from "./node-exporter.ts";
import { prometheus } from "./prometheus.ts";

/** How each service runs on a laptop, by its key in a platform's file. */
export const KINDS: Partial<Readonly<Record<ServiceKind, Kind>>> = {
  node_exporter: nodeExporter,
  alertmanager,
  prometheus,
};
