/** Lets the commands that a fault names change this stack: without it they would change the selected one. */
export function forStack(text: string, stack: string): string {
  return text.replaceAll(/pulumi config (set|rm)(?! [^;,|]*--stack)/g, `pulumi config $1 --stack ${stack}`);
}
