"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const [QUESTION, TEXT, CODES, MARKS, BASIS, PROVINCE, SIZE] = [0, 1, 2, 3, 4, 5, 6];
  const PER_PAGE = 25;
  const at = (id) => document.getElementById(id);
  const count = new Intl.NumberFormat("nl-BE");

  /* Lower case without accents; `from` says where each sign of it stands in the text. */
  function folded(text) {
    let plain = "";
    const from = [];
    for (let i = 0; i < text.length; i += 1) {
      const sign = text[i].normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      for (let k = 0; k < sign.length; k += 1) from.push(i);
      plain += sign;
    }
    from.push(text.length);
    return { plain, from };
  }

  const plain = data.answers.map((answer) => folded(answer[TEXT]).plain);
  /* Of each code: itself and all that is above it. */
  const above = data.codes.map((_, code) => {
    const found = new Set();
    for (let c = code; c >= 0 && !found.has(c); c = data.codes[c][2]) found.add(c);
    return found;
  });

  const state = { province: -1, size: -1, question: -1, code: -1, words: [], page: 0 };
  let shown = [];

  function node(tag, text, kind) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function fits(answer, index) {
    return (state.province < 0 || answer[PROVINCE] === state.province)
      && (state.size < 0 || answer[SIZE] === state.size)
      && (state.question < 0 || answer[QUESTION] === state.question)
      && (state.code < 0 || answer[CODES].some((code) => above[code].has(state.code)))
      && state.words.every((word) => plain[index].includes(word));
  }

  /* The text with evidence and what was searched marked; nothing in it is read as HTML. */
  function marked(answer) {
    const text = answer[TEXT];
    const edges = new Set([0, text.length]);
    const hits = [];
    if (state.words.length) {
      const { plain: low, from } = folded(text);
      for (const word of state.words) {
        for (let i = low.indexOf(word); i >= 0; i = low.indexOf(word, i + word.length)) {
          hits.push([from[i], from[i + word.length - 1] + 1]);
        }
      }
    }
    for (const [start, end] of [...answer[MARKS], ...hits]) edges.add(start).add(end);
    const cuts = [...edges].sort((a, b) => a - b);
    const made = node("p", undefined, "text");
    for (let k = 0; k + 1 < cuts.length; k += 1) {
      const [start, end] = [cuts[k], cuts[k + 1]];
      const inside = ([a, b]) => a <= start && end <= b;
      const speaks = answer[MARKS].filter(inside);
      let piece = document.createTextNode(text.slice(start, end));
      if (hits.some(inside)) {
        const hit = node("span", undefined, "hit");
        hit.append(piece);
        piece = hit;
      }
      if (speaks.length) {
        const mark = node("mark");
        mark.title = [...new Set(speaks.map(([, , code]) => data.codes[code][1]))].join(", ");
        mark.append(piece);
        piece = mark;
      }
      made.append(piece);
    }
    return made;
  }

  function item(answer) {
    const made = node("li");
    made.append(marked(answer));
    for (const code of answer[CODES]) made.append(node("span", data.codes[code][1], "chip"));
    if (!answer[CODES].length) made.append(node("span", "geen code", "chip none"));
    const told = [
      data.bases[answer[BASIS]],
      data.provinces[answer[PROVINCE]] ?? "provincie niet getoond",
      data.sizes[answer[SIZE]],
      at("question").options[answer[QUESTION] + 1].textContent,
    ];
    made.append(node("p", told.filter(Boolean).join(" · "), "meta"));
    return made;
  }

  function drawAnswers() {
    const list = at("answers");
    if (!list) return;
    const pages = Math.max(1, Math.ceil(shown.length / PER_PAGE));
    state.page = Math.min(state.page, pages - 1);
    const first = state.page * PER_PAGE;
    list.replaceChildren(
      ...shown.slice(first, first + PER_PAGE).map((index) => item(data.answers[index])),
    );
    at("found").textContent = `${count.format(shown.length)} van de`
      + ` ${count.format(data.answers.length)} antwoorden`;
    at("page").textContent = `Pagina ${state.page + 1} van ${pages}`;
    at("previous").disabled = state.page === 0;
    at("next").disabled = state.page >= pages - 1;
  }

  function find() {
    shown = [];
    data.answers.forEach((answer, index) => {
      if (fits(answer, index)) shown.push(index);
    });
    state.page = 0;
    drawAnswers();
  }

  function drawMap() {
    let [yes, no] = [0, 0];
    for (const town of document.querySelectorAll(".town")) {
      const inside = (state.province < 0 || Number(town.dataset.p) === state.province)
        && (state.size < 0 || Number(town.dataset.s) === state.size);
      town.classList.toggle("dim", !inside);
      if (inside) town.classList.contains("silent") ? (no += 1) : (yes += 1);
    }
    if (at("map-yes")) {
      at("map-yes").textContent = count.format(yes);
      at("map-no").textContent = count.format(no);
    }
    return yes + no ? `kaart: ${yes} van ${yes + no} gemeenten antwoordden` : "";
  }

  function drawTables() {
    const wanted = state.question < 0 ? "" : data.questions[state.question][0];
    let seen = 0;
    const tables = document.querySelectorAll("article.table");
    for (const table of tables) {
      table.hidden = wanted !== "" && !table.dataset.questions.split(" ").includes(wanted);
      if (!table.hidden) seen += 1;
    }
    for (const row of document.querySelectorAll("tr[data-question]")) {
      row.hidden = state.question >= 0 && Number(row.dataset.question) !== state.question;
    }
    if (at("no-table")) at("no-table").hidden = seen > 0;
    return `tabellen: ${seen} van ${tables.length}`;
  }

  function drawThemes() {
    const wanted = state.code < 0 ? null : state.code;
    const themes = document.querySelectorAll(".theme");
    let seen = 0;
    for (const theme of themes) {
      theme.hidden = wanted !== null && !above[Number(theme.dataset.index)]?.has(wanted);
      if (!theme.hidden) seen += 1;
    }
    return themes.length && wanted !== null ? `thema’s: ${seen} van ${themes.length}` : "";
  }

  function cell(share, own) {
    const made = node("td", share === null ? "·" : `${share}%`, own ? "num own" : "num");
    if (share === null) made.append(node("span", " (niet getoond)", "visually-hidden"));
    return made;
  }

  function drawSplit() {
    if (!data.splits.length) return;
    const rows = data.splits.filter(([question, code]) => question === state.question
      && (state.code < 0 || above[code].has(state.code)));
    at("split").hidden = !rows.length;
    at("split-hint").hidden = rows.length > 0;
    at("split-hint").textContent = state.question < 0
      ? "Kies hierboven een open vraag, en als u wilt een code."
      : "Bij deze keuze kreeg geen enkel antwoord een code.";
    rows.sort((a, b) => (b[3] ?? -1) - (a[3] ?? -1) || a[1] - b[1]);
    const table = node("table");
    table.append(node("caption", "Aandeel gemeenten met elke code, per provincie"));
    const head = node("tr");
    for (const [k, name] of ["Code", ...data.provinces, "Alle"].entries()) {
      const made = node("th", name, k ? "num" : "");
      made.scope = "col";
      head.append(made);
    }
    const top = node("thead");
    top.append(head);
    const body = node("tbody");
    for (const [, code, shares, total] of rows) {
      const row = node("tr");
      const label = node("th", data.codes[code][1]);
      label.scope = "row";
      row.append(label, ...shares.map((s, k) => cell(s, k === state.province)), cell(total));
      body.append(row);
    }
    table.append(top, body);
    at("split").replaceChildren(table);
  }

  function offerCodes() {
    const book = state.question < 0 ? "" : data.questions[state.question][1];
    for (const group of document.querySelectorAll("#code optgroup")) {
      const other = state.question >= 0 && group.dataset.book !== book;
      group.hidden = other;
      group.disabled = other;
    }
    if (state.code >= 0 && state.question >= 0 && data.codes[state.code][0] !== book) {
      at("code").value = "";
      state.code = -1;
    }
  }

  function apply() {
    for (const name of ["province", "size", "question", "code"]) {
      const chosen = at(name)?.value ?? "";
      state[name] = chosen === "" ? -1 : Number(chosen);
    }
    offerCodes();
    const said = [drawMap(), drawTables(), drawThemes()];
    drawSplit();
    find();
    if (at("answers")) said.push(`antwoorden: ${count.format(shown.length)}`);
    const any = ["province", "size", "question", "code"].some((name) => state[name] >= 0);
    at("said").textContent = any ? `Gefilterd – ${said.filter(Boolean).join("; ")}.` : "";
  }

  at("form").addEventListener("change", apply);
  at("form").addEventListener("submit", (event) => event.preventDefault());
  at("form").addEventListener("reset", () => setTimeout(apply));
  if (at("search")) {
    at("search").addEventListener("input", (event) => {
      state.words = folded(event.target.value).plain.split(/\s+/).filter(Boolean);
      find();
    });
    for (const [name, step] of [["previous", -1], ["next", 1]]) {
      at(name).addEventListener("click", () => {
        state.page += step;
        drawAnswers();
        at("found").scrollIntoView({ block: "nearest" });
      });
    }
  }
  if (matchMedia("(max-width: 40rem)").matches) at("filters").open = false;
  // A reader on paper cannot unfold; afterwards the page is as it was.
  const folds = [...document.querySelectorAll("details.printed:not([open])")];
  addEventListener("beforeprint", () => folds.forEach((fold) => (fold.open = true)));
  addEventListener("afterprint", () => folds.forEach((fold) => (fold.open = false)));
  at("form").reset();
  apply();
})();
