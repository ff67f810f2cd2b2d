"use strict";
// A click on a heading sorts a table's rows; what isn't known stays last.
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 2) continue;
  const original = Array.from(body.rows);
  const value = (row, at) => {
    const cell = row.cells[at];
    const data = cell.querySelector("data");
    const text = data ? data.value : cell.textContent;
    if (text === "∅" || text === "") return null;
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return a.localeCompare(b, undefined, { numeric: true });
  };
  const headings = Array.from(table.tHead.rows[0].cells);
  headings.forEach((heading, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const was = heading.getAttribute("aria-sort");
      const first = heading.classList.contains("r") ? "descending" : "ascending";
      const second = first === "descending" ? "ascending" : "descending";
      const now = was === null ? first : was === first ? second : null;
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      let rows = original;
      if (now !== null) {
        heading.setAttribute("aria-sort", now);
        const sign = now === "ascending" ? 1 : -1;
        const keyed = original.map((row) => [value(row, at), row]);
        keyed.sort(([a], [b]) => (a === null || b === null ? (a === null) - (b === null) : sign * compare(a, b)));
        rows = keyed.map(([, row]) => row);
      }
      body.append(...rows);
    });
  });
}
// Paper can't be unfolded.
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = Array.from(document.querySelectorAll("details:not([open])"));
  for (const part of unfolded) part.open = true;
});
window.addEventListener("afterprint", () => {
  for (const part of unfolded) part.open = false;
});
