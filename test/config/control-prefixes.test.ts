import { expect, test } from "vitest";
import { controlFault } from "../../config/rules/control-prefixes.ts";

test("control prefixes are the beginning of keys: further inside, and names one slip away from one, are refused", () => {
  for (const name of ["_control", "_metadata", "_schemas", "_quality", "_specs", "_cache"]) {
    expect(controlFault(`${name}/date={date}/`)).toBeNull();
    expect(controlFault(`market=usdcop/${name}/`)?.message).toContain(`has ${name} below market=usdcop`);
  }
  expect(controlFault("_metdata/{name}")?.fix).toBe("write _metadata/");
  expect(controlFault("_CONTROL/")?.fix).toBe("write _control/");
});

test("other names with _ are a platform's own, and data lie where they like", () => {
  for (const template of ["_profiles/version={version}/", "control/", "files/md5/{head}/{tail}", "a_control/"])
    expect(controlFault(template)).toBeNull();
});
