import { stackRule } from "../rule.ts";

export const serverStaleUploads = stackRule({
  name: "server-stale-uploads",
  description:
    "a server that the stack deploys removes uploads that nobody completes: no lifecycle rule of a bucket can",
  severity: "medium",
  topic: "retention",
  remedy: "set bucketworks:server.staleUploadsExpiry, 24h for example",
  note: "the program always sets it: only other programs can break it. A server that runs already is looked after by its operators",
  needs: ["deployed"],
  judge: ({ deployed }) =>
    deployed
      .filter(({ staleUploadsExpiry }) => !/^[1-9]\d*[hms]$/.test(staleUploadsExpiry ?? ""))
      .map(({ name, staleUploadsExpiry: value }) => ({
        subject: { kind: "server", name },
        wrong: `keeps uploads that nobody completes for ever (MINIO_API_STALE_UPLOADS_EXPIRY is ${value ?? "not set"})`,
      })),
});
