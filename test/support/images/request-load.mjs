// Asks a Service twenty times a second, each time by a connection of its own, and writes what was answered.
import { readFileSync } from "node:fs";
import { request } from "node:https";

const [, , url, seconds, authority] = process.argv;
const ca = readFileSync(authority);
const answers = {};
const count = (what) => {
  answers[what] = (answers[what] ?? 0) + 1;
};
const asked = [];
for (const end = Date.now() + Number(seconds) * 1000; Date.now() < end; ) {
  asked.push(
    new Promise((resolve) => {
      const sent = request(
        url,
        { method: "POST", ca, agent: false, timeout: 10_000, headers: { authorization: "load" } },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (part) => {
            text += part;
          });
          answer.on("end", () => resolve(count(answer.statusCode === 200 ? `version ${text}` : `failed`)));
        },
      );
      sent.on("timeout", () => sent.destroy(new Error("no answer in 10 s")));
      sent.on("error", (error) => resolve(count(`failed: ${error.message}`)));
      sent.end();
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await Promise.all(asked);
console.log(JSON.stringify(answers));
