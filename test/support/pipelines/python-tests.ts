import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pythonTitle } from "../coverage.ts";
import { PlatformServers } from "./platform-servers.ts";
import { collect, type Outcome, type PythonTests, runAll } from "./pytest.ts";

/** All tests of a package run in one hook. */
const LIMIT_MS = 1_200_000;
/** The servers start before, and stop after. */
const PYTEST_LIMIT_MS = LIMIT_MS - 120_000;

/** What Python's tests need running. */
export interface Surroundings {
  /** Variables that the tests are given. */
  readonly env: Readonly<Record<string, string | undefined>>;
  stop(): Promise<void>;
}

/**
 * Tests of data programs, with the servers of their platform.
 * @param folders tests below `pipelines/`
 * @param logins what the tests are given as the variable LOGINS
 */
export function pythonTests(
  platform: string,
  folders: readonly string[],
  logins: (servers: PlatformServers) => Promise<Record<string, Record<string, string>>>,
): void {
  pythonTestsIn({ home: "pipelines", folders }, async () => {
    const servers = await PlatformServers.start(platform);
    return { env: { LOGINS: JSON.stringify(await logins(servers)) }, stop: () => servers.stop() };
  });
}

/**
 * Python's tests as tests of the run: each has a line, under its file, with what became of it. They run in a process of
 * their own.
 * @param start what they need, before the first of them
 */
export function pythonTestsIn(tests: PythonTests, start: () => Promise<Surroundings>): void {
  const ids = collect(tests);
  const files = [...new Set(ids.map((id) => id.slice(0, id.indexOf("::"))))];
  let around: Surroundings | undefined;
  let outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    around = await start();
    outcomes = await runAll(tests, around.env, PYTEST_LIMIT_MS);
  }, LIMIT_MS);

  afterAll(() => around?.stop());

  describe.each(files.map((file) => [join(tests.home, file), file]))("%s", (_, file) => {
    const names = ids.filter((id) => id.startsWith(`${file}::`)).map((id) => id.slice(file.length + 2));
    test.each(names.map((name) => [pythonTitle(name), name]))("%s", (_, name) => {
      const found = outcomes.get(`${file}::${name}`);
      expect(found?.said ?? "it didn't run").toBe("");
      expect(found?.outcome).toBe("passed");
    });
  });
}
