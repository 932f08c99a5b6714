/** True where nothing else is said: TLS everywhere but on the machine itself. */
export function secureByDefault(endpoint: string): boolean {
  return !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(endpoint);
}
