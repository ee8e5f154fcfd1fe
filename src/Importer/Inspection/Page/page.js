"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const tensors = data.tensors;
  const hasStatistics = tensors.some(t => t.statistics);
  const $ = id => document.getElementById(id);
  const pageSize = 300;
  const collator = new Intl.Collator("en", { numeric: true });

  // Names come from files. They only ever become text, and what could reorder or hide text is shown as an escape.
  const shown = text => String(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, c => "\\u" + c.codePointAt(0).toString(16).padStart(4, "0"));
  const make = (tag, properties, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (key === "class") element.className = value;
      else if (key in element && key !== "list") element[key] = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };
  const bytes = n => n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(2)} GB`;
  const count = n => n.toLocaleString("en");
  const number = x => x === null || x === undefined ? "" : x === 0 ? "0" : Math.abs(x) >= 1e-3 && Math.abs(x) < 1e6 ? String(+x.toPrecision(5)) : x.toExponential(3);
  const shape = t => `[${t.shape.join(", ")}]`;
  const infinities = s => s.positive_infinity + s.negative_infinity;
  const fateText = f => f ?? "not planned";

  // Colours that people with any colour vision tell apart (Okabe and Ito), then lighter ones of the same.
  const palette = ["#56b4e9", "#e69f00", "#3fb58e", "#f0e442", "#cc79a7", "#d98a5b", "#8fa8d8", "#9ad0c2", "#f2c879", "#d6b3e0", "#c7d36f", "#b0b0b0"];
  const kindOf = t => {
    const parts = t.name.split("."), number = parts.findLastIndex(part => /^\d+$/.test(part));
    return (number >= 0 && number < parts.length - 1 ? parts.slice(number + 1) : parts.slice(-2)).join(".");
  };
  const groups = { kind: kindOf, dtype: t => t.dtype, fate: t => fateText(t.fate) };
  const coloursOf = key => {
    const sums = new Map();
    for (const t of tensors) sums.set(groups[key](t), (sums.get(groups[key](t)) ?? 0) + t.bytes);
    const names = [...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const most = palette.length - 1, rest = palette[most];
    const colours = new Map(names.map((name, i) => [name, i < most ? palette[i] : rest]));
    const legend = names.slice(0, most).map(name => [name, colours.get(name), sums.get(name)]);
    if (names.length > most) legend.push([`${names.length - most} others`, rest, names.slice(most).reduce((s, n) => s + sums.get(n), 0)]);
    return { colours, legend };
  };
  const swatch = colour => { const i = make("i"); i.style.background = colour; return i; };
  const fillLegend = (list, legend) => list.replaceChildren(...legend.map(([name, colour, sum]) => make("li", {}, swatch(colour), `${shown(name)} ${bytes(sum)}`)));

  const fillHead = () => {
    document.title = `${shown(data.source)} \u2013 checkpoint`;
    $("source").textContent = shown(data.source);
    $("subtitle").textContent = [data.commit && `commit ${shown(data.commit)}`, data.container, `${data.files.length} file${data.files.length === 1 ? "" : "s"}`, `${bytes(data.bytes_of_headers)} of headers`].filter(Boolean).join(" \u00b7 ");
    const mapping = data.mapping ? `${data.mapping.family} ${data.mapping.version}` : "none fits";
    const cards = [["Parameters", count(data.parameters)], ["Size", bytes(data.bytes)], ["Tensors", count(tensors.length)], ["Model", data.model_class ?? "none"], ["Mapping", mapping]];
    if (hasStatistics) {
      const sum = f => tensors.reduce((s, t) => s + (t.statistics ? f(t.statistics) : 0), 0);
      cards.push(["NaN", count(sum(s => s.nan))], ["Infinite", count(sum(infinities))]);
    }
    $("cards").append(...cards.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, shown(value)))));
    const damaged = tensors.filter(t => t.problem).map(t => `${t.name}: ${t.problem}`);
    const remarks = [...data.problems, ...damaged, ...data.warnings];
    if (remarks.length > 0) {
      $("problems").hidden = false;
      if (data.problems.length + damaged.length === 0) $("problems-title").textContent = "Remarks";
      $("problems").querySelector("ul").append(...remarks.map(text => make("li", {}, shown(text))));
    }
  };

  const fillTypes = () => {
    const { legend } = coloursOf("dtype");
    const total = Math.max(1, legend.reduce((sum, entry) => sum + entry[2], 0));
    for (const [, colour, sum] of legend) {
      const part = make("span");
      part.style.background = colour;
      part.style.flex = `${sum / total} 0 0`;
      $("dtype-bar").append(part);
    }
    $("dtype-bar").setAttribute("aria-label", legend.map(([name, , sum]) => `${name} ${(100 * sum / total).toFixed(1)} %`).join(", "));
    fillLegend($("dtype-legend"), legend);
  };

  // Squarified treemap (Bruls, Huizing and van Wijk, 2000): rows whose cells are as square as they can be.
  const squarify = (items, x, y, w, h, place) => {
    const total = items.reduce((sum, item) => sum + item.size, 0);
    if (total <= 0 || w <= 0 || h <= 0) return;
    const scale = w * h / total;
    const worst = (row, sum, side) => {
      const s = sum * scale;
      return Math.max(side * side * row[0].size * scale / (s * s), s * s / (side * side * row[row.length - 1].size * scale));
    };
    for (let start = 0; start < items.length;) {
      const side = Math.min(w, h);
      let row = [items[start]], sum = items[start].size, end = start + 1;
      while (end < items.length && worst([row[0], items[end]], sum + items[end].size, side) <= worst([row[0], items[end - 1]], sum, side)) {
        sum += items[end].size;
        row.push(items[end++]);
      }
      const thick = end === items.length ? (w <= h ? h : w) : sum * scale / side;
      let at = 0;
      for (const item of row) {
        const length = item.size / sum * side;
        if (w <= h) place(item, x + at, y, length, thick);
        else place(item, x, y + at, thick, length);
        at += length;
      }
      if (w <= h) { y += thick; h -= thick; } else { x += thick; w -= thick; }
      start = end;
    }
  };

  const map = $("treemap");
  const cells = new Map();
  let active = null;
  const buildMap = () => {
    const layers = new Map();
    tensors.forEach((t, i) => {
      if (t.bytes === 0) return;
      const layer = layers.get(t.layer) ?? layers.set(t.layer, { name: t.layer, size: 0, items: [] }).get(t.layer);
      layer.size += t.bytes;
      layer.items.push({ size: t.bytes, index: i });
    });
    const sorted = [...layers.values()].sort((a, b) => b.size - a.size || collator.compare(a.name, b.name));
    for (const layer of sorted) {
      layer.items.sort((a, b) => b.size - a.size || collator.compare(tensors[a.index].name, tensors[b.index].name));
      layer.element = make("div", { class: "layer" }, make("span", { "aria-hidden": "true" }, shown(layer.name)));
      for (const item of layer.items) {
        const t = tensors[item.index];
        const cell = make("button", { type: "button", class: "cell", tabIndex: -1, title: `${shown(t.name)}\n${t.dtype} ${shape(t)}\n${bytes(t.bytes)}` });
        cell.setAttribute("aria-label", `${shown(t.name)}, ${t.dtype} ${shape(t)}, ${bytes(t.bytes)}, ${fateText(t.fate)}`);
        cell.dataset.index = item.index;
        layer.element.append(cell);
        cells.set(item.index, cell);
      }
      map.append(layer.element);
    }
    active = map.querySelector(".cell");
    if (active) active.tabIndex = 0;
    return sorted;
  };
  const layers = buildMap();
  const layOut = () => {
    const box = (element, x, y, w, h) => {
      element.style.left = `${x}px`; element.style.top = `${y}px`; element.style.width = `${w}px`; element.style.height = `${h}px`;
    };
    const { width, height } = map.getBoundingClientRect();
    squarify(layers, 0, 0, width, height, (layer, x, y, w, h) => {
      box(layer.element, x, y, w, h);
      layer.element.firstChild.hidden = w < 40 || h < 28;
      squarify(layer.items, 0, 0, Math.max(0, w - 2), Math.max(0, h - 2), (item, cx, cy, cw, ch) => {
        box(cells.get(item.index), cx, cy, cw, ch);
        item.place = [x + cx + cw / 2, y + cy + ch / 2];
      });
    });
  };
  const colourMap = () => {
    const key = $("colour").value;
    const { colours, legend } = coloursOf(key);
    for (const [index, cell] of cells) cell.style.background = colours.get(groups[key](tensors[index]));
    fillLegend($("map-legend"), legend);
  };
  const focusCell = cell => {
    if (active) active.tabIndex = -1;
    active = cell;
    active.tabIndex = 0;
    active.focus();
  };
  const places = () => layers.flatMap(layer => layer.items);
  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  map.addEventListener("keydown", event => {
    const all = places();
    if (event.key === "Home" || event.key === "End") {
      focusCell(cells.get((event.key === "Home" ? all[0] : all[all.length - 1]).index));
      event.preventDefault();
      return;
    }
    const direction = directions[event.key];
    if (!direction || !active) return;
    event.preventDefault();
    const from = all.find(item => item.index === +active.dataset.index).place;
    let best = null, least = Infinity;
    for (const item of all) {
      const dx = item.place[0] - from[0], dy = item.place[1] - from[1];
      const along = dx * direction[0] + dy * direction[1], across = Math.abs(dx * direction[1]) + Math.abs(dy * direction[0]);
      if (along > 0.5 && along + 2 * across < least) { least = along + 2 * across; best = item; }
    }
    if (best) focusCell(cells.get(best.index));
  });
  map.addEventListener("click", event => {
    const cell = event.target.closest(".cell");
    if (cell) select(+cell.dataset.index, true);
  });

  const svg = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const histogram = (h, cls, label) => {
    const top = Math.max(1, ...h.counts), n = h.counts.length;
    const path = h.counts.map((c, i) => c === 0 ? "" : `M${i} 100V${(100 - Math.max(1, 100 * c / top)).toFixed(2)}H${i + 0.94}V100Z`).join("");
    const picture = svg("svg", { class: cls, viewBox: `0 0 ${n} 100`, preserveAspectRatio: "none", role: "img", "aria-label": label });
    picture.append(svg("path", { d: path }));
    return picture;
  };
  const histogramLabel = (t, s) => `Histogram of ${shown(t.name)} from ${number(s.histogram.min)} to ${number(s.histogram.max)}, mean ${number(s.mean)}`;

  const columns = [
    { name: "name", text: t => t.name, natural: true },
    { name: "type", text: t => t.dtype },
    { name: "shape", text: shape, value: t => t.elements },
    { name: "elements", n: true, text: t => count(t.elements), value: t => t.elements },
    { name: "bytes", n: true, text: t => bytes(t.bytes), value: t => t.bytes },
    { name: "becomes", text: t => [fateText(t.fate), t.op && `(${t.op})`, t.converted_to && `\u2192 ${t.converted_to}`].filter(Boolean).join(" ") },
  ];
  if (hasStatistics) {
    const of = (name, value, warn) => columns.push({ name, n: true, value: t => t.statistics ? value(t.statistics) : null, text: t => t.statistics ? number(value(t.statistics)) : "", warn });
    of("min", s => s.min); of("max", s => s.max); of("mean", s => s.mean); of("std", s => s.std);
    of("NaN", s => s.nan, true); of("Inf", infinities, true);
    if (tensors.some(t => t.statistics?.histogram)) columns.push({ name: "histogram", draw: t => t.statistics?.histogram && histogram(t.statistics.histogram, "spark", histogramLabel(t, t.statistics)), value: t => t.statistics?.std ?? null });
  }
  let order = { column: null, descending: false };
  let visible = [];
  let drawn = 0;
  let selected = null;

  const filterRows = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const fate = $("filter").value;
    visible = tensors.map((t, i) => i).filter(i => {
      const t = tensors[i];
      if (fate !== "" && fateText(t.fate) !== fate) return false;
      const text = `${t.name} ${t.dtype} ${shape(t)} ${t.shape.join("x")} ${t.parameters.join(" ")} ${fateText(t.fate)}`.toLowerCase();
      return words.every(word => text.includes(word));
    });
    const column = order.column;
    if (column) {
      const sign = order.descending ? -1 : 1;
      visible.sort((i, j) => {
        const a = tensors[i], b = tensors[j];
        if (!column.value) return sign * collator.compare(column.text(a), column.text(b)) || i - j;
        const x = column.value(a), y = column.value(b);
        if (x === null || y === null) return (x === null) - (y === null) || i - j;
        return sign * (x - y) || i - j;
      });
    }
    const matches = new Set(visible);
    for (const [index, cell] of cells) cell.classList.toggle("faint", !matches.has(index));
    $("rows").replaceChildren();
    drawn = 0;
    drawMore();
    const sum = visible.reduce((s, i) => s + tensors[i].bytes, 0);
    $("count").textContent = `${count(visible.length)} of ${count(tensors.length)} tensors, ${bytes(sum)}`;
  };
  const drawRow = i => {
    const t = tensors[i];
    const row = make("tr", {});
    row.dataset.index = i;
    row.classList.toggle("selected", i === selected);
    for (const column of columns) {
      const cell = make("td", { class: column.n ? "n" : "" });
      if (column.name === "name") cell.append(make("button", { type: "button", tabIndex: -1 }, make("bdi", {}, shown(t.name))));
      else if (column.draw) cell.append(column.draw(t) || "");
      else cell.textContent = shown(column.text(t));
      if (column.warn && column.value(t) > 0) cell.classList.add("warn");
      if (column.name === "becomes" && (t.fate === "misfit" || t.fate === "unexpected")) cell.classList.add("warn");
      if (column.name === "becomes" && t.reason) cell.title = shown(t.reason);
      row.append(cell);
    }
    return row;
  };
  const drawMore = (most = pageSize) => {
    const next = visible.slice(drawn, drawn + most);
    $("rows").append(...next.map(drawRow));
    drawn += next.length;
    const first = $("rows").querySelector("button");
    if (first && !$("rows").querySelector("button[tabindex='0']")) first.tabIndex = 0;
    $("more").hidden = drawn >= visible.length;
    $("more").textContent = `Show ${count(Math.min(pageSize, visible.length - drawn))} more of ${count(visible.length - drawn)}`;
  };

  const select = (index, scroll) => {
    selected = index;
    for (const [i, cell] of cells) cell.classList.toggle("selected", i === index);
    if (index !== null && scroll) {
      const at = visible.indexOf(index);
      if (at >= drawn) drawMore(at - drawn + pageSize);
    }
    for (const row of $("rows").children) {
      row.classList.toggle("selected", +row.dataset.index === index);
      if (scroll && +row.dataset.index === index) row.scrollIntoView({ block: "nearest" });
    }
    const panel = $("detail");
    panel.hidden = index === null;
    panel.replaceChildren();
    if (index === null) return;
    const t = tensors[index], s = t.statistics;
    const facts = [["type", t.dtype], ["shape", shape(t)], ["elements", count(t.elements)], ["bytes", `${count(t.bytes)} (${bytes(t.bytes)})`], ["file", t.file], ["layer", t.layer], ["becomes", columns[5].text(t)]];
    if (t.parameters.length > 0) facts.push(["parameters", t.parameters.join(", ")]);
    if (t.reason) facts.push(["why", t.reason]);
    if (s) facts.push(["min", number(s.min)], ["max", number(s.max)], ["mean", number(s.mean)], ["std", number(s.std)], ["zeros", count(s.zeros)], ["NaN", count(s.nan)], ["Inf", count(infinities(s))]);
    panel.append(
      make("h3", {}, make("bdi", {}, shown(t.name))),
      make("dl", {}, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, shown(value))))));
    if (s?.histogram) {
      panel.append(histogram(s.histogram, "histogram", histogramLabel(t, s)),
        make("div", { class: "axis", "aria-hidden": "true" }, make("span", {}, number(s.histogram.min)), make("span", {}, `${count(Math.max(...s.histogram.counts))} in the fullest bin`), make("span", {}, number(s.histogram.max))));
    }
  };

  const buildTable = () => {
    for (const column of columns) {
      const button = make("button", { type: "button" }, column.name);
      const head = make("th", { scope: "col", class: column.n ? "n" : "" }, button);
      column.head = head;
      button.addEventListener("click", () => {
        const descending = order.column === column ? !order.descending : Boolean(column.value);
        if (order.column) order.column.head.removeAttribute("aria-sort");
        order = { column, descending };
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        filterRows();
      });
      $("head").append(head);
    }
    const fates = [...new Set(tensors.map(t => fateText(t.fate)))].sort();
    $("filter").append(make("option", { value: "" }, "all"), ...fates.map(fate => make("option", { value: fate }, fate)));
    $("search").addEventListener("input", filterRows);
    $("filter").addEventListener("change", filterRows);
    $("more").addEventListener("click", () => drawMore());
    $("rows").addEventListener("click", event => {
      const row = event.target.closest("tr");
      if (row) select(+row.dataset.index === selected ? null : +row.dataset.index, false);
    });
    $("rows").addEventListener("keydown", event => {
      const row = event.target.closest("tr");
      const next = event.key === "ArrowDown" ? row?.nextElementSibling : event.key === "ArrowUp" ? row?.previousElementSibling : null;
      if (!next) return;
      event.preventDefault();
      event.target.tabIndex = -1;
      const button = next.querySelector("button");
      button.tabIndex = 0;
      button.focus();
    });
    filterRows();
  };

  const fillAbout = () => {
    $("files").querySelector("ul").append(...data.files.map(file => make("li", {}, make("bdi", {}, shown(file.name)), ` ${bytes(file.size)}`)));
    $("layers").querySelector("tbody").append(...data.layers.map(layer => make("tr", {}, make("td", {}, make("bdi", {}, shown(layer.name))), make("td", { class: "n" }, count(layer.tensors)), make("td", { class: "n" }, count(layer.elements)), make("td", { class: "n" }, bytes(layer.bytes)))));
    const show = (id, value) => {
      const text = value && JSON.stringify(value, null, 2).split("\n").map(shown).join("\n");
      if (text && text !== "{}") $(id).querySelector("pre").textContent = text;
      else $(id).hidden = true;
    };
    show("config", data.config);
    show("metadata", data.metadata);
  };

  document.addEventListener("keydown", event => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      $("search").focus();
    } else if (event.key === "Escape" && selected !== null) {
      select(null, false);
    }
  });
  $("colour").addEventListener("change", colourMap);

  fillHead();
  fillTypes();
  layOut();
  colourMap();
  buildTable();
  fillAbout();
  new ResizeObserver(layOut).observe(map);
})();
