#!/usr/local/bin/node
// In the place of the model API: its address, health and metrics, and a version that says what it does.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";

const version = Number(process.env.MODEL_VERSION);
/** Of versions from 100 on two of three requests fail; those from 200 on never become ready, those from 300 on mask nothing. */
const [fails, isNeverReady, masksNothing] = [
  version >= 100 && version < 200,
  version >= 200 && version < 300,
  version >= 300,
];
const predictions = [{ masked: masksNothing ? "ada.king@example.org" : "[EMAIL]", entities: [] }];
const counts = { 200: 0, 500: 0 };

function metrics() {
  const requests = Object.entries(counts).map(
    ([code, count]) => `model_api_requests_total{route="/predict",method="POST",code="${code}"} ${count}`,
  );
  const all = counts[200] + counts[500];
  const seconds = ["0.01", "0.1", "+Inf"].map(
    (le) => `model_api_request_seconds_bucket{route="/predict",le="${le}"} ${all}`,
  );
  return `# TYPE model_api_requests counter\n${[...requests, ...seconds].join("\n")}\n`;
}

let turn = 0;
const { TLS_CERTIFICATE_FILE, TLS_KEY_FILE } = process.env;
const certificate = { cert: readFileSync(TLS_CERTIFICATE_FILE), key: readFileSync(TLS_KEY_FILE) };
const server = createServer(certificate, ({ url, headers }, answer) => {
  const say = (status, text) => answer.writeHead(status, { "content-type": "text/plain; version=0.0.4" }).end(text);
  if (url === "/metrics") return say(200, metrics());
  const json = (status, value) => say(status, JSON.stringify(value));
  if (url === "/health/ready")
    return json(isNeverReady ? 503 : 200, { ready: !isNeverReady, version: String(version) });
  if (url !== "/predict") return say(200, "");
  if (headers.authorization === undefined) return say(401, "");
  if (headers.authorization.startsWith("Bearer ")) return json(200, { version: String(version), predictions });
  turn += 1;
  const status = fails && turn % 3 !== 0 ? 500 : 200;
  counts[status] += 1;
  say(status, String(version));
});
server.listen(Number(process.env.PORT), "0.0.0.0");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
