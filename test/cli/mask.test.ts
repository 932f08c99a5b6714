import { expect, test } from "vitest";
import { masked } from "../../cli/terminal/mask.ts";

test("a secret isn't shown, as it is nor as programs quote it, the longer one first", () => {
  const secret = 'https://hooks.example/"x"';
  const log = `err="parse ${JSON.stringify(JSON.stringify(secret)).slice(1, -1)}" url=${secret} and ${JSON.stringify(secret)}`;
  expect(masked(log, ["https://hooks.example/", secret])).toBe('err="parse \\"***\\"" url=*** and "***"');
});

test("without secrets, and with an empty one, the text stays", () => {
  expect(masked("text", [])).toBe("text");
  expect(masked("text", [""])).toBe("text");
});
