/**
 * Run once before a release: `node test/support/keep-state.ts VERSION` deploys test/fixtures/upgrade/VERSION/platforms
 * with the code as it is and keeps the state, so that every later version is tested against it.
 */
import { checkoutOf, keepState } from "./old-state.ts";

const [version] = process.argv.slice(2);
if (version === undefined) throw new Error("usage: node test/support/keep-state.ts VERSION");
const checkout = await checkoutOf(version);
try {
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
  await keepState(checkout, version);
} finally {
  await checkout.remove();
}
