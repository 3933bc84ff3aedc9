"use strict";
// Whatever comes out of the data is put in place as text, never as HTML.
(() => {
  const PAGE = 100;
  const tables = [...document.querySelectorAll("script.table")].map((part) => JSON.parse(part.textContent));
  const nav = document.querySelector("nav");
  const place = document.getElementById("table");
  const collator = new Intl.Collator(undefined, { numeric: true });
  const make = (tag, kind, text) => {
    const found = document.createElement(tag);
    if (kind) found.className = kind;
    if (text !== undefined) found.textContent = text;
    return found;
  };

  const cell = (kind, label, value) => {
    const found = make("div", kind + (value === null ? " none" : ""));
    if (value === null) return found;
    found.append(make("span", "label", label), make("span", "value", value));
    return found;
  };

  const article = ([change, key, cells]) => {
    const found = make("article");
    const head = make("h3", change, change);
    head.append(make("span", "value", key));
    found.append(head);
    const grid = make("div", "cells");
    for (const [name, before, after] of cells) {
      grid.append(make("div", "name", name), cell("old", "old", before), cell("new", "new", after));
    }
    if (cells.length) found.append(grid);
    return found;
  };

  const orders = {
    "in order": null,
    "by key": (a, b) => collator.compare(a[1], b[1]),
    "by key, backwards": (a, b) => collator.compare(b[1], a[1]),
    "by change": (a, b) => a[0].localeCompare(b[0]) || collator.compare(a[1], b[1]),
  };

  const select = (label, names, then) => {
    const found = make("select");
    found.setAttribute("aria-label", label);
    for (const name of names) found.append(make("option", "", name));
    found.addEventListener("change", then);
    return found;
  };

  const show = (number) => {
    const table = tables[number];
    [...nav.children].forEach((item, at) => item.setAttribute("aria-current", String(at === number)));
    let page = 0;
    const search = make("input");
    search.type = "search";
    search.placeholder = "Search keys, columns and values";
    search.setAttribute("aria-label", "Search");
    const again = () => { page = 0; draw(); };
    search.addEventListener("input", again);
    const kinds = select("Change", ["all changes", "added", "removed", "changed"], again);
    const order = select("Order", Object.keys(orders), again);
    const tools = make("div", "tools");
    tools.append(search, kinds, order);
    const rows = make("div", "rows");
    const notes = make("ul", "plain quiet");
    for (const note of table.notes) notes.append(make("li", "", note));
    const draw = () => {
      const word = search.value.toLowerCase();
      let found = table.rows.filter((row) => kinds.selectedIndex === 0 || row[0] === kinds.value);
      if (word) found = found.filter((row) => JSON.stringify(row.slice(1)).toLowerCase().includes(JSON.stringify(word).slice(1, -1)));
      const compare = orders[order.value];
      if (compare) found = [...found].sort(compare);
      const shown = found.slice(page * PAGE, (page + 1) * PAGE);
      rows.replaceChildren(...shown.map(article));
      const from = found.length ? page * PAGE + 1 : 0;
      const more = table.more ? `; ${table.more.toLocaleString()} more are not in this file` : "";
      const foot = make("p", "quiet", `${from} to ${page * PAGE + shown.length} of ${found.length} rows${more}`);
      rows.append(foot);
      for (const [label, step, off] of [
        ["Earlier", -1, page === 0],
        ["Later", 1, (page + 1) * PAGE >= found.length],
      ]) {
        if (found.length <= PAGE) break;
        const button = make("button", "", label);
        button.disabled = off;
        button.addEventListener("click", () => { page += step; draw(); place.scrollIntoView(); });
        rows.append(button, " ");
      }
    };
    place.replaceChildren(make("h2", "", table.name), notes, tools, rows);
    draw();
  };

  tables.forEach((table, number) => {
    const button = make("button", "", `${table.name} `);
    for (const [kind, sign] of [["added", "+"], ["removed", "−"], ["changed", "~"]]) {
      if (table.counts[kind]) button.append(make("span", kind, `${sign}${table.counts[kind]} `));
    }
    button.addEventListener("click", () => show(number));
    nav.append(button);
  });
  if (tables.length) show(0);
})();
