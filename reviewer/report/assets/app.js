"use strict";
// The page of `--format html`. Everything that comes from manifests is put in by textContent or as
// an attribute that holds no URL; links are those that the report built itself.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  if (data.audit) return; // its page is plain HTML
  const CHANGES = ["opened", "closed", "same"];
  const WORDS = { opened: "opened", closed: "closed", same: "unchanged" };
  const SIGNS = { opened: "+", closed: "−", same: "=" };
  const PAGE = 200, BANDS = 120, SPACES = 16;
  const WIDE = innerWidth < 800 ? 520 : 900, LEFT = WIDE * 0.28, RIGHT = WIDE * 0.72;
  const SVG = "http://www.w3.org/2000/svg";
  const state = {
    view: data.changes ? "changes" : "after", shown: new Set(["opened", "closed"]), words: "",
    tab: data.spaces.length > SPACES ? "matrix" : "map", open: new Set(), pair: null, only: null,
    sort: null, down: false, limit: PAGE, chosen: null, theme: "",
  };
  if (!data.changes) state.shown = new Set(["same"]);

  // Each flow once: [source, destination, ports, severity, why, causes], with its change and number.
  const flows = [];
  for (const change of CHANGES) {
    for (const [from, to, ports, severity, why, causes] of data[change]) {
      flows.push({ at: flows.length, change, from, to, ports, severity, why, causes });
    }
  }
  // As people want them: opened before closed, the gravest first.
  const ordered = [...flows].sort((a, b) => CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change)
    || (a.severity ?? 9) - (b.severity ?? 9) || a.at - b.at);
  const nameOf = (end) => data.ends[end][0];
  const spaceOf = (end) => data.ends[end][1];
  const text = (flow) => flow.text ??= [nameOf(flow.from), nameOf(flow.to), data.ports[flow.ports]]
    .join(" ").toLowerCase();

  /** An element with attributes and children; a function is a listener. */
  function make(tag, attributes = {}, ...children) {
    const svg = ["svg", "path", "g", "text", "rect", "title"].includes(tag);
    const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name, value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
    }
    for (const child of children.flat()) {
      if (child !== null) node.append(child);
    }
    return node;
  }

  /** A click, or Enter or Space on what is not a button. */
  function pressed(act) {
    const key = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act(event);
    };
    return { click: act, keydown: key };
  }

  /** The changes that the view and the switches let through. */
  function visibleChanges() {
    if (state.view === "before") return new Set(["closed", "same"]);
    if (state.view === "after") return new Set(["opened", "same"]);
    return state.shown;
  }

  function matching() {
    const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    const changes = visibleChanges();
    return ordered.filter((flow) => changes.has(flow.change)
      && (!state.only || state.only.has(flow.at))
      && words.every((word) => text(flow).includes(word)));
  }

  const inPair = (flow) => !state.pair
    || (nodeOf(flow.from, 0) === state.pair.from && nodeOf(flow.to, 1) === state.pair.to
      && (!state.pair.change || state.pair.change === flow.change));

  /** The node of the map that an end belongs to: its namespace, or itself where that is open. */
  function nodeOf(end, side) {
    const space = spaceOf(end);
    return state.open.has(`${side}:${space}`) ? `e${end}` : `s${space}`;
  }
  const nodeName = (node) => node[0] === "s" ? data.spaces[node.slice(1)] : nameOf(node.slice(1));

  // --- bar -------------------------------------------------------------------------------------
  const app = document.getElementById("app");
  const bar = make("nav", { class: "bar", "aria-label": "What is shown" });
  const views = make("div", { role: "group", "aria-label": "Side" });
  const switches = make("div", { role: "group", "aria-label": "Changes" });
  const search = make("input", {
    type: "search", placeholder: "Search names and ports ( / )", "aria-label": "Search names and ports",
    input: () => { state.words = search.value; state.limit = PAGE; draw(); },
  });
  const theme = make("button", { type: "button", "aria-label": "Light or dark", click: () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    state.theme = state.theme ? "" : dark ? "light" : "dark";
    if (state.theme) document.documentElement.setAttribute("data-theme", state.theme);
    else document.documentElement.removeAttribute("data-theme");
  } }, "◐");

  function drawBar() {
    views.replaceChildren(...(data.changes ? ["before", "changes", "after"] : []).map((view) =>
      make("button", { type: "button", "aria-pressed": String(state.view === view), click: () => {
        Object.assign(state, { view, pair: null, limit: PAGE });
        draw();
      } }, view[0].toUpperCase() + view.slice(1))));
    switches.replaceChildren(...(data.changes ? CHANGES : []).map((change) => {
      const off = state.view !== "changes";
      const on = visibleChanges().has(change);
      const count = data.counts[change] ?? 0;
      return make("button", { type: "button", class: change, disabled: off ? "" : null,
        "aria-pressed": String(on), click: () => {
          if (!state.shown.delete(change)) state.shown.add(change);
          draw();
        } }, `${SIGNS[change]} ${count.toLocaleString("en")} ${WORDS[change]}`);
    }));
  }

  // --- map -------------------------------------------------------------------------------------
  const picture = make("div", {});
  const tabs = make("div", { role: "tablist", "aria-label": "Overview", keydown: (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    state.tab = state.tab === "map" ? "matrix" : "map";
    draw();
    tabs.querySelector('[aria-selected="true"]').focus();
  } });

  function drawTabs() {
    tabs.replaceChildren(...["map", "matrix"].map((tab) => make("button", {
      type: "button", role: "tab", "aria-selected": String(state.tab === tab),
      tabindex: state.tab === tab ? "0" : "-1", click: () => { state.tab = tab; draw(); },
    }, tab === "map" ? "Map" : "Matrix")));
  }

  function choosePair(from, to, change) {
    const same = state.pair && state.pair.from === from && state.pair.to === to
      && state.pair.change === change;
    state.pair = same ? null : { from, to, change };
    state.limit = PAGE;
    draw();
  }

  /** Rows by pair of nodes and change. */
  function pairs(rows) {
    const found = new Map();
    for (const flow of rows) {
      const [from, to] = [nodeOf(flow.from, 0), nodeOf(flow.to, 1)];
      const key = `${from}|${to}|${flow.change}`;
      const band = found.get(key) ?? { from, to, change: flow.change, count: 0 };
      band.count += 1;
      found.set(key, band);
    }
    return [...found.values()];
  }

  /** Where each node of one side lies, and where its next band begins. */
  function column(bands, side, scale) {
    const totals = new Map();
    for (const band of bands) totals.set(band[side], (totals.get(band[side]) ?? 0) + band.count);
    const order = [...totals].sort(([a], [b]) => place(a) - place(b));
    let top = 10;
    const nodes = new Map();
    for (const [node, total] of order) {
      const high = Math.max(14, total * scale);
      nodes.set(node, { top, high, next: top, total });
      top += high + 10;
    }
    return { nodes, high: top };
  }
  const place = (node) => node[0] === "s" ? Number(node.slice(1)) * 1e6
    : spaceOf(node.slice(1)) * 1e6 + 1 + Number(node.slice(1));

  function drawMap(rows) {
    let bands = pairs(rows);
    let note = "";
    if (bands.length > BANDS) {
      const opened = bands.filter((band) => band.change === "opened");
      note = `${bands.length} bands would hide each other: only opened flows are drawn.`;
      bands = opened.slice(0, BANDS);
    }
    if (!bands.length) {
      picture.replaceChildren(make("p", { class: "dim" }, note || "No flow to draw."));
      return;
    }
    const total = bands.reduce((sum, band) => sum + band.count, 0);
    const scale = 260 / total;
    const left = column(bands, "from", scale), right = column(bands, "to", scale);
    const high = Math.max(left.high, right.high);
    const svg = make("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "group",
      "aria-label": "Flows from the left to the right" });
    const order = (band) => CHANGES.length - CHANGES.indexOf(band.change);
    bands.sort((a, b) => place(a.from) - place(b.from) || place(a.to) - place(b.to));
    for (const band of bands) {
      const [a, b] = [left.nodes.get(band.from), right.nodes.get(band.to)];
      const thick = Math.max(1.5, band.count * scale);
      band.path = [a.next + thick / 2, b.next + thick / 2, thick];
      a.next += thick;
      b.next += thick;
    }
    for (const band of [...bands].sort((x, y) => order(x) - order(y))) drawBand(svg, band);
    drawNodes(svg, left.nodes, 0);
    drawNodes(svg, right.nodes, 1);
    picture.replaceChildren(svg, note ? make("p", { class: "dim" }, note) : "");
  }

  function drawBand(svg, band) {
    const [y1, y2, thick] = band.path;
    const name = `${nodeName(band.from)} to ${nodeName(band.to)}: ${band.count} ${WORDS[band.change]}`;
    const chosen = state.pair && state.pair.from === band.from && state.pair.to === band.to
      && (!state.pair.change || state.pair.change === band.change);
    svg.append(make("path", {
      d: `M${LEFT} ${y1} C${WIDE / 2} ${y1} ${WIDE / 2} ${y2} ${RIGHT} ${y2}`, "stroke-width": thick,
      class: `band ${band.change}${chosen ? " chosen" : ""}`, tabindex: "0", role: "button",
      "aria-label": name, ...pressed(() => choosePair(band.from, band.to, band.change)),
    }, make("title", {}, name)));
    if (thick < 9 && band.change !== "opened") return;
    const left = band.change !== "opened";
    svg.append(make("text", { class: `count ${band.change}`, x: left ? LEFT + 8 : RIGHT - 8, y: (left ? y1 : y2) + 4,
      "text-anchor": left ? "start" : "end", "aria-hidden": "true" }, `${SIGNS[band.change]}${band.count}`));
  }

  function drawNodes(svg, nodes, side) {
    for (const [node, { top, high, total }] of nodes) {
      const space = node[0] === "s" ? Number(node.slice(1)) : spaceOf(node.slice(1));
      const opens = data.opens[space];
      const open = node[0] === "e";
      const mark = opens ? (open ? "▾ " : "▸ ") : "";
      const toggle = () => {
        const key = `${side}:${space}`;
        if (!state.open.delete(key)) state.open.add(key);
        state.pair = null;
        draw();
      };
      const label = `${mark}${nodeName(node)} ${total}`;
      svg.append(make("rect", { x: side ? RIGHT : LEFT - 6, y: top, width: 6, height: high, fill: "currentColor" }));
      svg.append(make("text", { class: "node", x: side ? RIGHT + 14 : LEFT - 14, y: top + high / 2 + 4,
        "text-anchor": side ? "start" : "end", ...(opens ? { tabindex: "0", role: "button",
          "aria-expanded": String(open), ...pressed(toggle) } : {}) }, label));
    }
  }

  // --- matrix ----------------------------------------------------------------------------------
  function drawMatrix(rows) {
    state.open.clear();
    const cells = new Map();
    const used = [new Set(), new Set()];
    for (const band of pairs(rows)) {
      const key = `${band.from}|${band.to}`;
      cells.set(key, { ...cells.get(key), [band.change]: band.count });
      used[0].add(band.from);
      used[1].add(band.to);
    }
    const [froms, tos] = used.map((each) => [...each].sort((a, b) => place(a) - place(b)));
    const head = make("tr", {}, make("th", { scope: "col" }, "from ╲ to"),
      tos.map((to) => make("th", { scope: "col" }, nodeName(to))));
    const body = froms.map((from) => make("tr", {}, make("th", { scope: "row" }, nodeName(from)),
      tos.map((to) => {
        const cell = cells.get(`${from}|${to}`);
        if (!cell) return make("td", {});
        const said = CHANGES.filter((each) => cell[each]);
        const name = `${nodeName(from)} to ${nodeName(to)}: `
          + said.map((each) => `${cell[each]} ${WORDS[each]}`).join(", ");
        return make("td", { class: cell.opened ? "has-opened" : null }, make("button", {
          type: "button", "aria-label": name, click: () => choosePair(from, to, null),
        }, said.map((each) => make("span", { class: each }, `${SIGNS[each]}${cell[each]} `))));
      })));
    picture.replaceChildren(make("div", { class: "scroll" },
      make("table", { class: "matrix" }, make("thead", {}, head), make("tbody", {}, body))));
  }

  // --- table -----------------------------------------------------------------------------------
  const table = make("div", {});
  const COLUMNS = [
    ["Change", (flow) => CHANGES.indexOf(flow.change)],
    ["Severity", (flow) => flow.severity ?? 9],
    ["From", (flow) => nameOf(flow.from)],
    ["To", (flow) => nameOf(flow.to)],
    ["Ports", (flow) => data.ports[flow.ports]],
  ].slice(data.changes ? 0 : 2);

  function drawTable(all) {
    const rows = all.filter(inPair);
    if (state.sort !== null) {
      const key = COLUMNS[state.sort][1];
      const compare = (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
      rows.sort((a, b) => (state.down ? compare(b, a) : compare(a, b)));
    }
    const shown = rows.slice(0, state.limit);
    const body = make("tbody", { keydown: moveRow }, shown.map((flow, at) => rowOf(flow, at)));
    const chosen = state.pair || state.only;
    const title = state.pair ? `${nodeName(state.pair.from)} → ${nodeName(state.pair.to)}` : "";
    table.replaceChildren(
      make("h2", {}, "Flows ", title ? make("code", {}, title) : "", chosen
        ? make("button", { type: "button", click: clear }, "Clear") : "",
      make("span", { class: "dim", role: "status" },
        ` ${rows.length.toLocaleString("en")} of ${flows.length.toLocaleString("en")} flows`)),
      data.left_out ? make("p", { class: "dim" }, data.left_out) : "",
      make("div", { class: "scroll" }, make("table", { class: "flows" }, make("thead", {}, headRow()), body)),
      rows.length > state.limit ? make("button", { type: "button", click: () => {
        state.limit += PAGE;
        draw();
      } }, "Show more") : "");
  }

  function headRow() {
    return make("tr", {}, COLUMNS.map(([name], at) => make("th", { scope: "col",
      "aria-sort": state.sort === at ? (state.down ? "descending" : "ascending") : "none" },
    make("button", { type: "button", click: () => {
      state.down = state.sort === at && !state.down;
      state.sort = at;
      draw();
    } }, name))));
  }

  function rowOf(flow, at) {
    const severity = data.severities[flow.severity] ?? "";
    const first = state.chosen === null ? at === 0 : state.chosen === flow.at;
    return make("tr", { tabindex: first ? "0" : "-1", "data-flow": flow.at,
      "aria-selected": String(state.chosen === flow.at), ...pressed(() => choose(flow.at)) },
    data.changes ? [
      make("td", {}, make("span", { class: flow.change }, `${SIGNS[flow.change]} ${WORDS[flow.change]}`)),
      make("td", {}, make("span", { class: severity }, severity || "–")),
    ] : [],
    make("td", {}, make("code", {}, nameOf(flow.from))),
    make("td", {}, make("code", {}, nameOf(flow.to))),
    make("td", {}, data.ports[flow.ports]));
  }

  function choose(at) {
    state.chosen = at;
    draw();
    table.querySelector(`[data-flow="${at}"]`)?.focus();
  }

  function moveRow(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest("tr");
    if (!step || !row) return;
    event.preventDefault();
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    next?.focus();
  }

  // --- the chosen flow -------------------------------------------------------------------------
  const side = make("aside", { class: "side", "aria-label": "The chosen flow", "aria-live": "polite" });

  function drawSide() {
    const flow = flows[state.chosen];
    if (!flow) {
      side.replaceChildren(make("p", { class: "dim" }, "Choose a flow to see what is behind it."));
      return;
    }
    const pair = (name, ...value) => [make("dt", {}, name), make("dd", {}, ...value)];
    const severity = data.severities[flow.severity];
    const title = WORDS[flow.change][0].toUpperCase() + WORDS[flow.change].slice(1);
    const quoted = (end) => `'${nameOf(end).replaceAll("'", "'\\''")}'`;
    const command = `netpol-reviewer explain ${data.target} --from ${quoted(flow.from)} --to ${quoted(flow.to)}`;
    const ready = [flow.from, flow.to].every((end) => data.ends[end][2]);
    side.replaceChildren(
      make("h2", {}, `${title} flow`),
      make("dl", {}, pair("from", make("code", {}, nameOf(flow.from))), pair("to", make("code", {}, nameOf(flow.to))),
        pair("ports", data.ports[flow.ports]),
        severity ? pair("severity", make("span", { class: severity }, severity)) : [],
        flow.why >= 0 ? pair("why", data.whys[flow.why]) : []),
      ...(data.sets[flow.causes] ?? []).map((at) => causeOf(data.causes[at])),
      ready ? make("p", {}, make("code", {}, command), " ", make("button", { type: "button", click: (event) => {
        navigator.clipboard?.writeText(command);
        event.currentTarget.textContent = "Copied";
      } }, "Copy")) : "");
  }

  function causeOf(cause) {
    const where = `${cause.file}:${cause.line}`;
    return make("section", {}, make("h2", {}, `Because of ${cause.object}`),
      make("dl", {}, make("dt", {}, "change"), make("dd", {}, cause.change),
        cause.rule ? [make("dt", {}, "rule"), make("dd", {}, make("code", {}, cause.rule))] : [],
        make("dt", {}, "file"), make("dd", {}, cause.url
          ? make("a", { href: cause.url, rel: "noreferrer" }, make("code", {}, where)) : make("code", {}, where))),
      cause.fields.map(([path, before, after]) => make("div", { class: "fields" }, make("code", {}, path),
        make("div", { class: "closed" }, `− ${before}`), make("div", { class: "opened" }, `+ ${after}`))));
  }

  // --- all of it -------------------------------------------------------------------------------
  function clear() {
    Object.assign(state, { pair: null, only: null, limit: PAGE });
    draw();
  }

  function draw() {
    const rows = matching();
    drawBar();
    drawTabs();
    if (state.tab === "map") drawMap(rows);
    else drawMatrix(rows);
    drawTable(rows);
    drawSide();
  }

  /** Paper gets every opened and closed row, whatever the screen shows. */
  function drawPrint() {
    const rows = ordered.filter((flow) => flow.change !== "same" || !data.changes);
    document.getElementById("print").replaceChildren(make("table", {}, make("thead", {}, make("tr", {},
      COLUMNS.map(([name]) => make("th", {}, name)))), make("tbody", {}, rows.map((flow) => rowOf(flow, -1)))));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape") {
      search.value = state.words = "";
      state.chosen = null;
      clear();
    }
  });
  for (const button of document.querySelectorAll("button[data-outage]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const shift = data.opened.length;
      Object.assign(state, { only: new Set(data.outages[button.dataset.outage].map((at) => at + shift)),
        view: "changes", pair: null, limit: PAGE });
      state.shown.add("closed");
      draw();
      table.scrollIntoView();
    });
  }
  addEventListener("beforeprint", drawPrint);
  bar.append(views, switches, search, theme);
  app.append(bar, make("div", { class: "split" }, make("main", { class: "main" }, tabs, picture, table), side));
  document.getElementById("plain").remove();
  app.hidden = false;
  draw();
})();
