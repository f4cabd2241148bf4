internal import Inspection
internal import JSON

/// A picture as one HTML page that needs nothing else: one can search in it, point at things, and filter.
struct MapPage {
  private let map: NetworkMap

  init(_ map: NetworkMap) { self.map = map }

  /// The page.
  var document: String {
    let title = Markup.text("container networks of \(map.root.name)")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
      <title>\(title)</title>
      <style>
      \(MapDrawing.style)
      \(MapPage.style)
      </style>
      </head>
      <body class="netmap">
      <header>
      <input id="search" type="search" placeholder="name, address, port, interface…" aria-label="search" autofocus>
      <span id="filters"></span>
      <label><input type="checkbox" id="faulty"> only with problems</label>
      <span id="count" role="status"></span>
      </header>
      <main>
      \(MapDrawing(map).element(withStyle: false))
      </main>
      <aside id="details" hidden></aside>
      <table><thead><tr><th>name</th><th>what</th><th>known</th><th>ports</th><th>problems</th></tr></thead><tbody id="rows"></tbody></table>
      <script type="application/json" id="data">\(Markup.script(MapReport(map).json.text))</script>
      <script>
      \(MapPage.script)
      </script>
      </body>
      </html>

      """
  }

  private static let style = """
    body{margin:0;background:var(--ground);color:var(--text);font-size:13px}
    header{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:.8em 1.2em;align-items:center;padding:.7em 24px;\
    background:var(--body);border-bottom:1px solid var(--edge)}
    header input[type=search]{font:inherit;width:22em;max-width:60vw;padding:.35em .6em;border:1px solid var(--edge);border-radius:6px;\
    background:var(--ground);color:var(--text)}
    header label{margin-right:1em;white-space:nowrap}
    #count{color:var(--soft);margin-left:auto}
    main{overflow:auto}
    main svg{display:block}
    .box,.wire{transition:opacity .12s}
    .off{opacity:.13}
    .box{cursor:pointer}
    .box.lit .body{stroke:var(--port);stroke-width:2.5}
    .wire.lit path{stroke:var(--port);stroke-width:2.5}
    #details{position:fixed;right:16px;bottom:16px;z-index:3;max-width:34em;padding:.8em 1em;border:1px solid var(--edge);border-radius:8px;\
    background:var(--ground);box-shadow:0 4px 18px #0004;overflow-wrap:anywhere}
    #details h2{font-size:15px;margin:0 0 .4em}
    #details p{margin:.15em 0}
    #details .port,#rows .port{color:var(--port)}
    #details .problem,#rows .problem{color:var(--bad)}
    table{border-collapse:collapse;margin:0 24px 24px;font-size:12px}
    th,td{text-align:left;vertical-align:top;padding:.25em 1em .25em 0;border-bottom:1px solid var(--edge);max-width:34em;overflow-wrap:anywhere}
    th{color:var(--soft);font-weight:normal}
    tr.lit td{background:var(--body)}
    """

  /// Everything that is shown comes in by textContent, so nothing in a name is ever markup.
  private static let script = """
    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const nodes = new Map(data.nodes.map(node => [node.id, node]));
    const rows = document.getElementById("rows"), details = document.getElementById("details");
    const search = document.getElementById("search"), faulty = document.getElementById("faulty");
    const filters = document.getElementById("filters"), count = document.getElementById("count");
    const element = (name, text, style) => {
      const made = document.createElement(name);
      if (text !== undefined) made.textContent = text;
      if (style) made.className = style;
      return made;
    };
    for (const node of data.nodes) {
      const wires = data.wires.filter(wire => wire.to === node.id);
      node.words = [node.name, node.type, ...node.facts, ...node.ports, ...node.problems,
        ...wires.flatMap(wire => [wire.name || "", wire.interface || ""])].join(" ").toLowerCase();
      const row = element("tr");
      row.dataset.id = node.id;
      row.append(element("td", node.name), element("td", node.type));
      for (const [style, texts] of [["fact", node.facts], ["port", node.ports], ["problem", node.problems]]) {
        const cell = element("td", undefined, style);
        for (const text of texts) cell.append(element("div", text));
        row.append(cell);
      }
      rows.append(row);
    }
    for (const type of [...new Set(data.nodes.map(node => node.type))].sort()) {
      const label = element("label"), box = element("input");
      box.type = "checkbox";
      box.checked = true;
      box.dataset.type = type;
      label.append(box, " " + type);
      filters.append(label);
    }
    const update = () => {
      const words = search.value.toLowerCase().split(/\\s+/).filter(word => word);
      const types = new Set([...filters.querySelectorAll("input")].filter(box => box.checked).map(box => box.dataset.type));
      let shown = 0;
      for (const node of data.nodes) {
        node.on = types.has(node.type) && (!faulty.checked || node.problems.length > 0) && words.every(word => node.words.includes(word));
        if (node.on) shown++;
        document.getElementById(node.id).classList.toggle("off", !node.on);
      }
      for (const wire of document.querySelectorAll(".wire"))
        wire.classList.toggle("off", !nodes.get(wire.dataset.from).on || !nodes.get(wire.dataset.to).on);
      for (const row of rows.children) row.hidden = !nodes.get(row.dataset.id).on;
      count.textContent = `${shown} of ${data.nodes.length}`;
    };
    const point = id => {
      const lit = new Set();
      for (let node = nodes.get(id); node; node = nodes.get(node.parent)) lit.add(node.id);
      for (const box of document.querySelectorAll(".box")) box.classList.toggle("lit", box.id === id);
      for (const row of rows.children) row.classList.toggle("lit", row.dataset.id === id);
      for (const wire of document.querySelectorAll(".wire"))
        wire.classList.toggle("lit", lit.has(wire.dataset.from) && lit.has(wire.dataset.to) || wire.dataset.to === id);
      const node = nodes.get(id);
      details.hidden = !node;
      if (!node) return;
      details.replaceChildren(element("h2", `${node.name} (${node.type})`));
      for (const [style, texts] of [["fact", node.facts], ["port", node.ports], ["problem", node.problems]])
        for (const text of texts) details.append(element("p", text, style));
      for (const wire of data.wires.filter(wire => wire.to === id && wire.name))
        details.append(element("p", `wire ${wire.name} to ${nodes.get(wire.from).name}`));
    };
    const pointed = event => (event.target.closest(".box") || {}).id || (event.target.closest("tr[data-id]") || {dataset: {}}).dataset.id;
    document.addEventListener("mouseover", event => point(pointed(event)));
    document.addEventListener("input", update);
    document.addEventListener("keydown", event => {
      if (event.key === "Escape") { search.value = ""; update(); }
      if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
    });
    update();
    """
}
