import * as pulumi from "@pulumi/pulumi";
import { afterAll, expect, test, vi } from "vitest";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import { warnOfPlain } from "../../components/kubernetes/services/warnings.ts";
import { encrypted, parts, platforms, withKeys } from "../support/service-manifests.ts";

const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
afterAll(() => warn.mockRestore());

test("outside dev a stack whose services speak plain HTTP is told what gives them certificates, and is deployed", () => {
  const { services } = plannedServices(platforms, parts, withKeys);
  warnOfPlain(services, withKeys.settings, "production");
  expect(warn.mock.calls.flat().join()).toMatch(
    /^mlops-mlflow, .*: what they say to one another travels in plaintext.*; have cert-manager give each a certificate: pulumi config set --stack \S+ --path bucketworks:services\.tls\.from cert-manager/,
  );
  warn.mockClear();
  warnOfPlain(services, withKeys.settings, "dev");
  warnOfPlain(services, encrypted.settings, "production");
  warnOfPlain([], withKeys.settings, "production");
  expect(warn).not.toHaveBeenCalled();
});
