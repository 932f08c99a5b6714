/** What makes the page handier; without it everything is there to read. In words that every browser since 2020 knows. */
export const SCRIPT = `"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // How old the report is when it is read.
  const made = Date.parse(document.querySelector("[data-now]").dateTime);
  const minutes = Math.round((Date.now() - made) / 60000);
  const [figure, unit] = minutes < 90 ? [minutes, "minute"] : minutes < 2880 ? [Math.round(minutes / 60), "hour"] : [Math.round(minutes / 1440), "day"];
  if (figure >= 1) document.querySelector("[data-age]").textContent = " " + figure + " " + unit + (figure === 1 ? "" : "s") + " ago";

  // Rows that hold what somebody looks for, and groups that hold such rows.
  for (const tools of all("[data-tools]")) {
    tools.hidden = false;
    const section = tools.closest("section");
    const text = tools.querySelector("[data-filter]");
    const kind = text.dataset.filter;
    const only = tools.querySelector("[data-only]");
    const nothing = section.querySelector("[data-nothing]");
    const closed = all("details.group", section).filter((group) => !group.open);
    const filter = () => {
      const wanted = text.value.trim().toLowerCase();
      const narrowed = wanted !== "" || only?.checked;
      let shown = 0;
      for (const group of all(".group", section)) {
        const title = group.querySelector("h3").textContent.toLowerCase();
        let some = 0;
        for (const row of all('[data-row="' + kind + '"]', group)) {
          const found = (title + " " + row.textContent).toLowerCase().includes(wanted);
          row.hidden = !found || (only?.checked && !("unsure" in row.dataset));
          some += row.hidden ? 0 : 1;
        }
        group.hidden = some === 0;
        if (group.matches("details")) group.open = narrowed ? some > 0 : !closed.includes(group);
        shown += some;
      }
      nothing.textContent = narrowed ? (shown === 0 ? "Nothing is found." : shown + " found.") : "";
    };
    text.addEventListener("input", filter);
    only?.addEventListener("change", filter);
    for (const button of all("button", tools))
      button.addEventListener("click", () => {
        for (const details of all('[data-row="' + kind + '"]', section)) details.open = "open" in button.dataset;
      });
  }

  // A link to something that is closed opens it.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let part = target; part !== null; part = part.parentElement) if (part.matches("details")) part.open = true;
    target?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash !== "") reveal();

  // Paper shows all.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
})();
`;
