import { expect, test } from "vitest";
import { alertSecrets, alertsFaults, parseAlerts, strangePlatforms } from "../../../config/stack/alerts.ts";
import { formatSettingFault } from "../../../config/stack/fault.ts";

const faults = (given: unknown): string[] =>
  parseAlerts(JSON.stringify(given)).faults.map((fault) => formatSettingFault(fault, "dev"));

test("one receiver needs one way to reach it, and an address is enough for none but the mail server's", () => {
  const { alerts } = parseAlerts(JSON.stringify({ receivers: { team: { webhook: "http://127.0.0.1:1/x" } } }));
  expect(alerts?.receivers.team).toEqual({ webhook: "http://127.0.0.1:1/x" });
  expect(faults({ receivers: { team: {} } })).toEqual([
    "bucketworks:alerts.receivers.team must have exactly one of email, slack, webhook, has 0; set it: pulumi config set --stack dev --path --secret 'bucketworks:alerts.receivers.team' VALUE",
  ]);
  expect(faults({ receivers: { team: { email: "a@example.org" } } })).toEqual([
    "bucketworks:alerts.smtp is missing, and receiver team has an email address; set it: pulumi config set --stack dev --path --secret 'bucketworks:alerts.smtp' VALUE",
  ]);
});

test("a wrong value, key or name is a fault that shows nothing of what may be secret", () => {
  const wrong = faults({
    smtp: { server: "mail.example", from: "a@example.org" },
    receivers: {
      team: { slack: "http://canary-one", urgent: true },
      "On Call": { webhook: "https://canary-two.example" },
      mail: { email: "canary-three", severity: "page", platforms: ["a|b"] },
    },
  });
  expect(wrong.map((each) => each.split(";")[0])).toEqual([
    "bucketworks:alerts.smtp.server must be host:port",
    "bucketworks:alerts.receivers.team.slack must be the https URL of an incoming webhook",
    "bucketworks:alerts.receivers.team.urgent is an unknown key",
    'bucketworks:alerts.receivers["On Call"] must be lower-case letters, digits and dashes',
    "bucketworks:alerts.receivers.mail.email must be one e-mail address",
    "bucketworks:alerts.receivers.mail.severity must be critical or warning",
    "bucketworks:alerts.receivers.mail.platforms[0] must be names of platforms",
  ]);
  expect(wrong.join("\n")).not.toContain("canary");
});

test("in plain text it is refused; encrypted, who has no passphrase leaves it be", () => {
  const text = JSON.stringify({ receivers: {} });
  expect(alertsFaults({ text, isEncrypted: false }).map(({ message }) => message)).toEqual([
    "bucketworks:alerts must be encrypted: it holds addresses and URLs by which anyone could write",
  ]);
  expect(alertsFaults({ text: undefined, isEncrypted: true })).toEqual([]);
  expect(alertsFaults({ text, isEncrypted: true })).toEqual([]);
  expect(alertsFaults(undefined)).toEqual([]);
});

test.each(["https://hooks.example/canary", '"canary"', "5", "[1]", "null", '{"canary"'])(
  "a setting that is no map is a fault, not a stack trace with the value: %s",
  (text) => {
    const { alerts, faults: found } = parseAlerts(text);
    expect(alerts).toBeUndefined();
    expect(found.map((fault) => formatSettingFault(fault, "dev"))).toEqual([
      "bucketworks:alerts must be a map with the key receivers, and is a single value; set it again: pulumi config rm --stack dev bucketworks:alerts, then pulumi config set --stack dev --path --secret 'bucketworks:alerts.receivers.NAME.webhook' URL",
    ]);
  },
);

test("a map where another type belongs is told in words", () => {
  const wrong = faults({
    receivers: { team: "https://canary.example", list: { email: "a@b.org", platforms: "canary" } },
  });
  expect(wrong.map((each) => each.split(";")[0])).toEqual([
    "bucketworks:alerts.receivers.team must be a map",
    "bucketworks:alerts.receivers.list.platforms must be a list",
  ]);
});

test("the secrets are the ways to the receivers and the mail server's password", () => {
  const { alerts } = parseAlerts(
    JSON.stringify({
      smtp: { server: "mail.example:25", from: "a@example.org", password: "pass" },
      receivers: { a: { webhook: "https://a.example/x", severity: "critical" }, b: { email: "b@example.org" } },
    }),
  );
  expect(alerts && alertSecrets(alerts)).toEqual(["pass", "https://a.example/x", "b@example.org"]);
});

test.each([
  "https://pager.example.org:PORT/canary",
  "https://pager.example.org:70000/canary",
  "https://:8080/canary",
  "https://pager.example.org/canary%zz",
  "https://{canary}.example.org/",
  "https://[::1/canary",
  "https:/canary",
  "https://canary example.org/",
])("a URL that Alertmanager refuses is a fault: %s", (webhook) => {
  expect(faults({ receivers: { team: { webhook } } })).toEqual([
    "bucketworks:alerts.receivers.team.webhook must be an http or https URL, its port a number; set it: pulumi config set --stack dev --path --secret 'bucketworks:alerts.receivers.team.webhook' VALUE",
  ]);
  expect(faults({ receivers: { team: { slack: webhook } } })).toHaveLength(1);
});

test.each(["http://127.0.0.1:8080/a?b=c%20d&e=f", "https://user:pass@[::1]:1/", "http://pager:80"])(
  "a URL with port, user, query or address is good: %s",
  (webhook) => expect(faults({ receivers: { team: { webhook } } })).toEqual([]),
);

test("a receiver of a platform that doesn't exist is a fault that names the one that was meant", () => {
  const told = (...platforms: string[]) =>
    strangePlatforms({ receivers: { team: { email: "canary@example.org", platforms } } }, ["mlops", "usdcop"]).map(
      (fault) => formatSettingFault(fault, "dev"),
    );
  expect(told("mlops", "usdcop")).toEqual([]);
  expect(told("usdcop", "mlopz", "x")).toEqual([
    `bucketworks:alerts.receivers.team.platforms[1] "mlopz" is no platform, there are mlops, usdcop; did you mean mlops? pulumi config set --stack dev --path 'bucketworks:alerts.receivers.team.platforms[1]' mlops`,
    `bucketworks:alerts.receivers.team.platforms[2] "x" is no platform, there are mlops, usdcop; set it: pulumi config set --stack dev --path 'bucketworks:alerts.receivers.team.platforms[2]' NAME`,
  ]);
  expect(strangePlatforms({ receivers: { all: { email: "a@example.org" } } }, [])).toEqual([]);
});
