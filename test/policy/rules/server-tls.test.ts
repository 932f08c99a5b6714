import { serverTls } from "../../../policy/rules/server-tls.ts";
import { VALID_STACK } from "../../support/facts.ts";
import { describeRule } from "../../support/rule-cases.ts";

describeRule(serverTls, VALID_STACK, {
  keeps: {},
  breaks: {
    "in plaintext": {
      facts: { servers: ["https://one.example:9000", "http://two.example:9000"] },
      wrong: [{ subject: { kind: "server", name: "http://two.example:9000" }, wrong: "isn't reached over TLS" }],
    },
  },
});
