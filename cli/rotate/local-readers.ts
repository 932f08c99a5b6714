import type { Platform } from "../../config/model.ts";

/** Services of this machine that read the key of an account when they start, by the names that `services status` has. */
export function localReaders(platforms: readonly Pick<Platform, "name" | "services">[], account: string): string[] {
  return platforms.flatMap(({ name, services: { mlflow, modelApi, logs } }) => [
    ...(mlflow?.serviceAccount === account ? [`MLflow of ${name}`] : []),
    ...(modelApi?.serviceAccount === account ? [`the model API of ${name}`] : []),
    ...(logs?.audit?.serviceAccount === account ? ["the shipper of logs"] : []),
  ]);
}
