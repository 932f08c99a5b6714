import { plainJson } from "../../config/text/json.ts";
import type { Report } from "../../report/schema.ts";
import type { ReportFile } from "../../verify/report-store.ts";

/** A report as files: JSON, and a page that needs nothing else. */
export async function reportFiles(report: Report): Promise<ReportFile[]> {
  const { reportPage } = await import("../../report/page/page.ts");
  return [
    { begin: "report", extension: "json", type: "application/json", text: `${plainJson(report)}\n` },
    { begin: "report", extension: "html", type: "text/html; charset=utf-8", text: reportPage(report) },
  ];
}
