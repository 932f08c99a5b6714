import type { DashboardFiles } from "./dashboard-maps.ts";
import type { DatabasePlace } from "./place.ts";

/** What a stack may lack for a platform's own services. */
export type Lack =
  | "mlflow-server"
  | "mlops"
  | "database"
  | "tokens"
  | "mlflow"
  | "servicesKey"
  | "prometheus"
  | "statefulset"
  | "workloads";

/** What a stack has for them; undefined where it has none. */
export interface StackParts {
  readonly images: Readonly<Partial<Record<"mlflow-server" | "mlops" | "workloads", string>>>;
  readonly database: DatabasePlace | undefined;
  /** Whether it has a key from which passwords of services are made. */
  readonly hasKey: boolean;
  /** What Grafana shows; undefined where no platform asks for it. */
  readonly dashboards: DashboardFiles | undefined;
}

/** One that is asked for and isn't made. */
export interface Idle {
  readonly name: string;
  readonly lack: Lack;
}
