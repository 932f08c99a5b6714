import { cis } from "../frameworks.ts";
import { stackRule } from "../rule.ts";

export const serverTls = stackRule({
  name: "server-tls",
  description: "the server is reached over TLS",
  severity: "critical",
  topic: "encryption",
  framework: cis("3.10"),
  remedy: "give the server a certificate and set bucketworks:secure to true",
  note: "where the server is says the stack, not the spec; the program refuses it outside dev before any rule is asked",
  needs: ["servers"],
  judge: ({ servers }) =>
    servers
      .filter((url) => !url.startsWith("https://"))
      .map((name) => ({ subject: { kind: "server", name }, wrong: "isn't reached over TLS" })),
});
