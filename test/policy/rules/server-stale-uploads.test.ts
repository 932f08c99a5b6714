import { serverStaleUploads } from "../../../policy/rules/server-stale-uploads.ts";
import { VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

const forever = (value: string) => [
  {
    subject: { kind: "server", name: "minio/minio" },
    wrong: `keeps uploads that nobody completes for ever (MINIO_API_STALE_UPLOADS_EXPIRY is ${value})`,
  },
];

describeRule(serverStaleUploads, VALID_STACK, {
  keeps: { "no server of the stack's own": { facts: { deployed: [] } } },
  breaks: {
    "nothing said": {
      facts: { deployed: [{ name: "minio/minio", staleUploadsExpiry: undefined }] },
      wrong: forever("not set"),
    },
    "a time that is none": {
      facts: { deployed: [{ name: "minio/minio", staleUploadsExpiry: "0h" }] },
      wrong: forever("0h"),
    },
  },
});
