/** Names the folder in which all checkouts of a test run keep Node's compiled code. */
export const COMPILED = "BUCKETWORKS_TEST_COMPILED";

/** The environment of a command of a test's checkout. */
export function checkoutEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { [COMPILED]: NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE } = process.env;
  return { ...process.env, NODE_COMPILE_CACHE, NO_COLOR: "1", ...more };
}
