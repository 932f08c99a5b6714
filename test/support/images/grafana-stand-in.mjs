#!/usr/local/bin/node
// Runs in Grafana's place, whose image can't be had here: it takes the same arguments, listens where grafana.ini says, and
// answers what it finds where grafana.ini says.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer as plain } from "node:http";
import { get, createServer as secured } from "node:https";
import { join } from "node:path";

const config = process.argv.find((each) => each.startsWith("--config="))?.slice("--config=".length);
const ini = readFileSync(config, "utf8");
const setting = (name) => new RegExp(`^${name} = (.+)$`, "m").exec(ini)?.[1];

/** As Grafana walks: links of a ConfigMap are followed, its own folders are not looked into. */
const filesIn = (folder, below = "") =>
  readdirSync(join(folder, below))
    .filter((name) => !name.startsWith(".."))
    .flatMap((name) => {
      const path = join(below, name);
      return statSync(join(folder, path)).isDirectory() ? filesIn(folder, path) : [path];
    });
const textsIn = (folder) =>
  Object.fromEntries(filesIn(folder).map((path) => [path, readFileSync(join(folder, path), "utf8")]));

const isWritable = (file) => {
  try {
    writeFileSync(file, "");
    return true;
  } catch {
    return false;
  }
};

/** How its data source answers, by the authority that the provisioning names. */
const asksSource = (source) =>
  new Promise((resolve) => {
    const url = /url: (.+)/.exec(source)?.[1];
    const file = /\$__file\{(.+)\}/.exec(source)?.[1];
    if (file === undefined) return resolve("no authority");
    get(`${url}/-/ready`, { ca: readFileSync(file) }, (answer) => resolve(answer.resume().statusCode)).on(
      "error",
      ({ message }) => resolve(message),
    );
  });

const protocol = setting("protocol");
const certificate = protocol === "https" && {
  cert: readFileSync(setting("cert_file")),
  key: readFileSync(setting("cert_key")),
};
const answers = async (request, answer) => {
  if (request.url !== "/found") return answer.end(request.url === "/metrics" ? "stand_in 1\n" : "{}\n");
  const provisioned = textsIn(setting("provisioning"));
  const dashboards = /path: (.+)/.exec(provisioned["dashboards/bucketworks.yml"])?.[1];
  const password = /\{(.+)\}/.exec(setting("admin_password"))?.[1];
  const found = {
    provisioned,
    dashboards: textsIn(dashboards),
    password: readFileSync(password, "utf8"),
    user: process.getuid(),
    source: await asksSource(provisioned["datasources/prometheus.yml"]),
    writes: ["/", "/etc", setting("data"), "/tmp"].filter((folder) => isWritable(join(folder, "try"))),
  };
  answer.end(JSON.stringify(found));
};
const server = certificate ? secured(certificate, answers) : plain(answers);
server.listen(Number(setting("http_port")), setting("http_addr"));
