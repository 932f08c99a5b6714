import { kubernetesEnvSecret } from "../../../policy/rules/kubernetes-env-secret.ts";
import { VALID_WORKLOAD } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const holding = (variables: Readonly<Record<string, string>>) => ({
  facts: {
    literals: Object.entries(variables).map(([variable, value]) => ({ container: "app", variable, value })),
  },
});

const CANARY = "canary-of-no-worth";

describeRule(kubernetesEnvSecret, VALID_WORKLOAD, {
  keeps: {
    "names that only sound like it": holding({
      TOKENIZERS_PARALLELISM: "4",
      MONKEY: "banana",
      KEYCLOAK_HOST: "keycloak",
      PASSWORDLESS_LOGIN: "on",
    }),
    "what says something about a secret": holding({
      POSTGRES_PASSWORD_FILE: "/run/secrets/password",
      KMS_KEY_NAME: "house",
      SECRET_PATH: "kv/app",
      TOKEN_TTL: "1h",
      REQUIRE_PASSWORD: "true",
    }),
    "references to other variables": holding({
      DATABASE_PASSWORD: "$(FROM_SECRET)",
      DATABASE_URL: "postgresql://app:$(FROM_SECRET)@db:5432/app",
      ENDPOINT: "https://minio.example:9000/bucket@version",
    }),
    "names on the list": { ...holding({ PARTITION_KEY: "date" }), options: { harmless: ["PARTITION_KEY"] } },
  },
  breaks: {
    "names of secrets": {
      ...holding({ DB_PASSWORD: CANARY, AWS_ACCESS_KEY_ID: CANARY, apiKey: CANARY, MLFLOW_TRACKING_TOKEN: CANARY }),
      wrong: ["DB_PASSWORD", "AWS_ACCESS_KEY_ID", "apiKey", "MLFLOW_TRACKING_TOKEN"].map(
        (name) => `holds a literal value in variable ${name} of container app`,
      ),
    },
    "values of secrets": {
      ...holding({
        DATABASE_URL: `postgresql://app:${CANARY}@db:5432/app`,
        CERTIFICATE: "-----BEGIN EC PRIVATE KEY-----",
        WHO: "AKIAIOSFODNN7EXAMPLE",
      }),
      wrong: ["DATABASE_URL", "CERTIFICATE", "WHO"].map(
        (name) => `holds what looks like a credential in variable ${name} of container app`,
      ),
    },
  },
});
