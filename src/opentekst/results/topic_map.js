"use strict";
// The controls hold the state, the address keeps it, and `show` makes the page from it.
(() => {
  const [MOST_LISTED, MOST_LABELS] = [200, 12];
  const GL_FROM = 4000; // below it SVG draws at ease
  const NONE = "geen";
  // Told apart by colour-blind readers, at least 3:1 on white; the shape says it once more.
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#000000", "#7f00ff",
    "#a0522d", "#00838f", "#882255", "#008b45", "#332288"];
  const SHAPES = [["circle", "●"], ["square", "■"], ["diamond", "◆"],
    ["triangle-up", "▲"], ["triangle-down", "▼"]];
  const [GREY, PALE] = ["#6b7680", "#dfe4e8"];
  const HALO = Array(6).fill("0 0 3px #fff").join(","); // keeps a label readable on its points
  const COLOUR_BY = {
    code: { of: (point) => point.codes[0], none: "geen code" },
    thema: { of: (point) => point.topics[0], none: "geen thema" },
    wie: { of: (point) => (point.basis === "open" ? undefined : point.basis), none: "nog open" },
  };
  const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: true, doubleClick: false };
  const FULL = { x: [-500, 10500], y: [-500, 10500] }; // places run from 0 to 10000

  const byId = (id) => document.getElementById(id);
  const [plot, tip] = [byId("kaart"), byId("tip")];
  const controls = Object.fromEntries(
    ["map", "kleur", "vraag", "code", "thema", "q"].map((key) => [key, byId(key)]));
  const dutch = new Intl.NumberFormat("nl-BE");
  const ruler = document.createElement("canvas").getContext("2d");
  const hasWebGL = Boolean(document.createElement("canvas").getContext("webgl"));
  let map; // the map shown
  let view = FULL; // the part of it in sight
  let drawn = []; // the points of each trace, to find the one under the pointer
  let labelled = []; // the topics that may have their label on the map, largest first

  const fold = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[‘’]/g, "'").toLowerCase();
  const escapeHtml = (text) =>
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const short = (text, most) => {
    const signs = Array.from(text.replace(/\s+/g, " ").trim()); // never half an emoji
    return signs.slice(0, most).join("") + (signs.length > most ? "…" : "");
  };
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const hideTip = () => { tip.hidden = true; };
  const codeValue = (label) => (label === NONE ? `"${NONE}"` : label); // a code may be called so

  const data = JSON.parse(byId("gegevens").textContent);
  const maps = data.maps.map((each) => {
    const topics = each.topics.map(([at, label]) => ({ number: String(at), label, points: [] }));
    const points = each.points.map(([x, y, text, unit, question, codes, basis, of]) => ({
      x, y, text, unit, basis, folded: fold(text),
      question: data.questions[question],
      codes: codes.map((at) => each.codes[at]), topics: of.map((at) => topics[at]),
    }));
    for (const point of points) for (const topic of point.topics) topic.points.push(point);
    for (const topic of topics) {
      for (const axis of ["x", "y"]) topic[axis] = median(topic.points.map((point) => point[axis]));
    }
    topics.sort((a, b) => b.points.length - a.points.length);
    return { points, topics, crowded: points.length > 1000 };
  });

  // What `keysOf` gives for the points of this map and how often, the most frequent first.
  function count(keysOf) {
    const found = new Map();
    for (const point of map.points) {
      for (const key of new Set(keysOf(point))) found.set(key, (found.get(key) ?? 0) + 1);
    }
    return [...found].sort((a, b) => b[1] - a[1]);
  }

  function passing() {
    const [question, code, topic] = ["vraag", "code", "thema"].map((key) => controls[key].value);
    const words = fold(controls.q.value).split(/\s+/); // that of no text is in each text
    const among = (wanted, values) =>
      !wanted || (wanted === NONE ? !values.length : values.includes(wanted));
    return map.points.filter((point) =>
      (!question || point.question[0] === question) &&
      among(code, point.codes.map(codeValue)) &&
      among(topic, point.topics.map((each) => each.number)) &&
      words.every((word) => point.folded.includes(word)));
  }

  function set(key, value) {
    controls[key].value = value ?? "";
    if (controls[key].selectedIndex === -1) controls[key].selectedIndex = 0;
  }

  function fill(key, everything, options) {
    controls[key].replaceChildren(element("option", { value: "" }, everything),
      ...options.map(([value, label, n]) =>
        element("option", { value }, `${short(label, 90)} (${dutch.format(n)})`)));
  }

  function choose(name) {
    set("map", name);
    const at = controls.map.selectedIndex;
    if (maps[at] === map) return;
    map = maps[at];
    view = FULL;
    const without = (values) => map.points.filter((point) => !point[values].length).length;
    const asked = new Map(count((point) => [point.question]));
    fill("vraag", "alle vragen", data.questions.filter((question) => asked.has(question))
      .map((question) => [...question, asked.get(question)]));
    fill("code", "alle codes", [[NONE, "geen code", without("codes")],
      ...count((point) => point.codes).map(([label, n]) => [codeValue(label), label, n])]);
    fill("thema", "alle thema’s", [[NONE, "geen thema", without("topics")],
      ...map.topics.map((topic) => [topic.number, topic.label, topic.points.length])]);
    const parts = document.querySelectorAll("[data-map]");
    for (const part of parts) part.hidden = part.dataset.map !== String(at);
    byId("inhoud").hidden = !map.points.length;
  }

  function readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    choose(asked.get("map"));
    for (const key of ["kleur", "vraag", "code", "thema", "q"]) set(key, asked.get(key));
    show();
  }

  function changed() {
    choose(controls.map.value);
    const state = Object.entries(controls).map(([key, control]) => [key, control.value])
      .filter(([key, value]) => value !== (controls[key].options?.[0].value ?? ""));
    history.replaceState(null, "", `#${new URLSearchParams(state)}`);
    show();
  }

  function show() {
    const shown = passing();
    byId("teller").textContent =
      `${dutch.format(shown.length)} van ${dutch.format(map.points.length)} antwoorden getoond`;
    byId("lijst").replaceChildren(
      ...shown.slice(0, MOST_LISTED).map((point) => element("li", {}, ...card(point))));
    byId("meer").textContent = !shown.length ? "Geen enkel antwoord voldoet aan de filters."
      : shown.length <= MOST_LISTED ? ""
        : `Nog ${dutch.format(shown.length - MOST_LISTED)} meer: filter verder om ze hier te zien.`;
    for (const button of document.querySelectorAll("[data-map]:not([hidden]) [data-thema]")) {
      const chosen = button.dataset.thema === controls.thema.value;
      button.setAttribute("aria-pressed", chosen);
      button.closest("tr").classList.toggle("chosen", chosen);
    }
    if (map.points.length) draw(shown);
  }

  function card(point) {
    const about = [point.unit, short(point.question[1], 90),
      `code: ${point.codes.join("; ") || "geen"}`,
      `thema: ${point.topics.map((topic) => topic.label).join("; ") || "geen"}`,
      point.basis === "open" ? "nog open" : `gecodeerd door ${point.basis}`];
    return [element("p", { className: "text" }, point.text),
      element("p", { className: "about" },
        ...about.filter(Boolean).map((part) => element("span", {}, part)))];
  }

  // The groups that have a colour of their own, of the whole map: a filter changes no colour.
  function groups() {
    const { of, none } = COLOUR_BY[controls.kleur.value];
    const keys = count((point) => [of(point)].filter(Boolean)).map(([key]) => key);
    if (controls.kleur.value === "wie") keys.sort().reverse(); // the same in each map
    const groupOf = new Map(keys.slice(0, COLOURS.length).map((key, at) => {
      const [symbol, sign] = SHAPES[at % SHAPES.length];
      return [key, { label: key.label ?? key, colour: COLOURS[at], symbol, sign, points: [] }];
    }));
    const other = { label: "overige", colour: GREY, symbol: "circle", sign: "●", points: [] };
    for (const key of keys.slice(COLOURS.length)) groupOf.set(key, other);
    const empty = { label: none, colour: GREY, symbol: "circle-open", sign: "○", points: [] };
    groupOf.set(undefined, empty);
    return { of, groupOf };
  }

  function draw(shown) {
    const { of, groupOf } = groups();
    for (const point of shown) groupOf.get(of(point)).points.push(point);
    const used = [...new Set(groupOf.values())].filter((group) => group.points.length);
    byId("legende").replaceChildren(...used.map(({ sign, colour, label, points }) =>
      element("li", {}, element("b", { ariaHidden: "true", style: `color: ${colour}` }, sign),
        `${short(label, 60)} (${dutch.format(points.length)})`)));
    const among = new Set(shown);
    const away = { colour: PALE, points: map.points.filter((point) => !among.has(point)) };
    const grey = used.filter((group) => group.colour === GREY);
    const layers = [away, ...grey.reverse(), ...used.filter((group) => group.colour !== GREY)];
    drawn = layers.map((group) => group.points);
    const svg = map.points.length < GL_FROM || !hasWebGL;
    const size = map.crowded ? (svg ? 6 : 4) : plot.clientWidth < 500 ? 7 : 9;
    const traces = layers.map((group) => ({
      type: svg ? "scatter" : "scattergl", mode: "markers",
      x: group.points.map((point) => point.x), y: group.points.map((point) => point.y),
      hoverinfo: group === away ? "skip" : "none", // `hover` shows the answer instead
      marker: { color: group.colour, symbol: group.symbol ?? "circle", opacity: 1,
        size: group === away ? size * 0.6 : size,
        line: { color: "#fff", width: group.symbol === "circle-open" ? 1.4 : 0.5 } },
    }));
    const seen = new Set(shown.flatMap((point) => point.topics));
    const chosen = map.topics.filter((topic) => topic.number === controls.thema.value);
    labelled = chosen.length ? chosen : map.topics.filter((topic) => seen.has(topic));
    hideTip();
    Plotly.react(plot, traces, {
      xaxis: { visible: false, range: [...view.x] }, yaxis: { visible: false, range: [...view.y] },
      margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, dragmode: "pan", hovermode: "closest",
      annotations: labels(),
    }, CONFIG);
  }

  // The labels of the largest topics in sight, each on its points or, if taken, just beside.
  function labels() {
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    const part = (value, [low, high]) => (value - low) / (high - low);
    const placed = [];
    ruler.font = "600 13px sans-serif";
    for (const topic of labelled) {
      const [x, y] = [part(topic.x, view.x) * width, (1 - part(topic.y, view.y)) * height];
      if (!(x >= 0 && x <= width && y >= 0 && y <= height)) continue;
      const text = short(topic.label, width < 500 ? 24 : 34);
      const half = ruler.measureText(text).width / 2 + 6;
      const middle = Math.min(Math.max(x, half), width - half);
      const free = [0, -22, 22, -44, 44].map((step) => y + step).find((at) =>
        at > 12 && at < height - 12 && placed.every((other) =>
          Math.abs(other.at - at) > 21 || Math.abs(other.middle - middle) > other.half + half));
      if (free === undefined) continue;
      placed.push({ at: free, middle, half, note: {
        x: topic.x, y: topic.y, xshift: middle - x, yshift: y - free, showarrow: false,
        text: `<b>${escapeHtml(text)}</b>`, bgcolor: map.crowded ? "#fffc" : "#fff0",
        font: { family: "sans-serif", size: 13, color: "#1b2530", shadow: HALO } } });
      if (placed.length === MOST_LABELS) break;
    }
    return placed.map((label) => label.note);
  }

  function hover({ points: [{ curveNumber, pointNumber, bbox }] }) {
    tip.replaceChildren(...card(drawn[curveNumber][pointNumber]));
    tip.hidden = false;
    const [right, left] = [bbox.x1 + 12, bbox.x0 - 12 - tip.offsetWidth];
    const beside = right + tip.offsetWidth <= plot.clientWidth ? right : left;
    const level = Math.max(0, Math.min(bbox.y0, plot.clientHeight - tip.offsetHeight));
    tip.style.left = `${Math.max(0, beside)}px`;
    tip.style.top = `${beside < 0 ? bbox.y1 + 12 : level}px`; // below, if no side has room
  }

  const look = (x, y) => Plotly.relayout(plot, { "xaxis.range": [...x], "yaxis.range": [...y] });
  const whole = () => look(FULL.x, FULL.y);
  // Shift by a share of what is in sight, and make it `factor` times as wide and high.
  function move(factor, across = 0, up = 0) {
    const range = ([low, high], step) => {
      const [middle, half] = [(low + high) / 2 + step * (high - low), ((high - low) / 2) * factor];
      return [middle - half, middle + half];
    };
    look(range(view.x, across), range(view.y, up));
  }

  function moved(change) {
    if ("annotations" in change) return; // our own doing
    view = { x: [...plot.layout.xaxis.range], y: [...plot.layout.yaxis.range] };
    hideTip();
    Plotly.relayout(plot, { annotations: labels() });
  }

  Plotly.newPlot(plot, [], {}, CONFIG); // `draw` fills it
  plot.on("plotly_hover", hover).on("plotly_click", hover) // a touch is a click
    .on("plotly_unhover", hideTip).on("plotly_relayout", moved).on("plotly_doubleclick", whole);
  plot.addEventListener("pointerdown", hideTip);
  const moves = { "+": [0.7], "-": [1 / 0.7], ArrowLeft: [1, -0.2], ArrowRight: [1, 0.2],
    ArrowUp: [1, 0, 0.2], ArrowDown: [1, 0, -0.2] };
  plot.addEventListener("keydown", (event) => {
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(...moves[event.key]);
  });
  plot.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation(); // the wheel scrolls the page
  }, { capture: true, passive: true });
  byId("in").addEventListener("click", () => move(...moves["+"]));
  byId("uit").addEventListener("click", () => move(...moves["-"]));
  byId("heel").addEventListener("click", whole);
  const selects = document.querySelectorAll("select");
  for (const select of selects) select.addEventListener("change", changed);
  let waiting; // a moment, for who is still typing
  controls.q.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, 150);
  });
  for (const button of document.querySelectorAll("[data-thema]")) {
    button.addEventListener("click", () => {
      set("thema", button.dataset.thema === controls.thema.value ? "" : button.dataset.thema);
      changed();
    });
  }
  byId("wis").addEventListener("click", () => {
    for (const key of ["vraag", "code", "thema", "q"]) set(key, "");
    changed();
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  addEventListener("hashchange", readAddress);
  readAddress();
})();
