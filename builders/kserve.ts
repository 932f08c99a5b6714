import type { ServerKey } from "./key-variables.ts";

const GROUP = "serving.kserve.io";
/** Where KServe mounts the CA certificate that a ConfigMap of this kind holds. */
const CA_PATH = "/etc/ssl/custom-certs/cabundle.crt";

/**
 * Annotations by which KServe's storage initializer finds the server that the Secret of a key is for.
 * @param caConfigMap ConfigMap with the CA certificate as `cabundle.crt`; absent trusts the public ones
 * @see https://github.com/kserve/kserve/blob/master/pkg/credentials/s3/s3_secret.go
 */
export function kserveAnnotations(
  { endpoint, region }: Pick<ServerKey, "endpoint" | "region">,
  caConfigMap?: string,
): Record<string, string> {
  return {
    [`${GROUP}/s3-endpoint`]: new URL(endpoint).host,
    [`${GROUP}/s3-usehttps`]: endpoint.startsWith("https:") ? "1" : "0",
    [`${GROUP}/s3-region`]: region,
    ...(caConfigMap !== undefined && {
      [`${GROUP}/s3-cabundle`]: CA_PATH,
      [`${GROUP}/s3-cabundle-configmap`]: caConfigMap,
    }),
  };
}
