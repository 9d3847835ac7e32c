// Draws diagrams and pages in a real browser and tells what came of each.
//
//   node draw.mjs < job.json > results.json
//
// job: {chromium, modules, diagrams: [{name, text}], pages: [{name, html, style, theme, width, open,
// png, exempt}]}. A page is a comment's HTML under GitHub's stylesheet; `open` unfolds it and draws
// its diagrams. Every request is refused and counted, so nothing that is drawn can reach a host.
// Needs the packages that `make pictures` installs, in the folder `modules`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const job = JSON.parse(readFileSync(0, "utf8"));
const load = createRequire(join(job.modules, "node_modules", "draw.js"));
const { chromium } = load("playwright-core");
const AXE = load.resolve("axe-core/axe.min.js");
const MERMAID = join(dirname(load.resolve("mermaid")), "mermaid.min.js");
const STYLE = (theme) => load.resolve(`github-markdown-css/github-markdown-${theme}.css`);
// What github.com gives Mermaid; beyond the two sizes it shows a box and reports no error.
const BOUNDS = { securityLevel: "strict", maxTextSize: 50_000, maxEdges: 500, startOnLoad: false };
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

/** In the page: draw one text; what stands in the drawing. */
async function drawOne({ text, bounds }) {
  const canvas = document.querySelector("#canvas");
  canvas.replaceChildren();
  window.mermaid.initialize(bounds);
  try {
    await window.mermaid.parse(text);
    canvas.innerHTML = (await window.mermaid.render("drawing", text)).svg;
  } catch (error) {
    return { error: String(error?.message ?? error).split("\n").slice(0, 3).join(" / "), labels: [] };
  }
  const labels = [...canvas.querySelectorAll(".nodeLabel, .edgeLabel, .cluster-label")];
  return {
    error: canvas.querySelector('[aria-roledescription="error"]') ? "drawn as an error" : "",
    labels: labels.map((label) => label.textContent.trim()).filter(Boolean),
    edges: canvas.querySelectorAll("path.flowchart-link").length,
  };
}

/** In the page: GitHub's alerts, which the Markdown renderer does not know. */
function makeAlerts() {
  for (const quote of document.querySelectorAll("blockquote")) {
    const first = quote.querySelector("p");
    const kind = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*/.exec(first?.textContent ?? "");
    if (!kind) continue;
    first.innerHTML = first.innerHTML.replace(/^\[![A-Z]+\]\s*(<br\s*\/?>)?\s*/, "");
    const alert = document.createElement("div");
    alert.className = `markdown-alert markdown-alert-${kind[1].toLowerCase()}`;
    const title = document.createElement("p");
    title.className = "markdown-alert-title";
    title.textContent = kind[1][0] + kind[1].slice(1).toLowerCase();
    alert.append(title, ...quote.childNodes);
    quote.replaceWith(alert);
  }
}

/** In the page: unfold everything and put drawings where GitHub puts them. */
async function unfold({ bounds, theme }) {
  for (const part of document.querySelectorAll("details")) part.open = true;
  window.mermaid.initialize({ ...bounds, theme: theme === "dark" ? "dark" : "default" });
  let number = 0;
  for (const block of document.querySelectorAll('pre[lang="mermaid"], code.language-mermaid')) {
    const picture = document.createElement("div");
    number += 1;
    picture.innerHTML = (await window.mermaid.render(`part${number}`, block.textContent)).svg;
    (block.closest("pre") ?? block).replaceWith(picture);
  }
}

async function diagram(page, one) {
  if (one.text.length > BOUNDS.maxTextSize)
    return { name: one.name, error: `${one.text.length} characters`, labels: [] };
  return { name: one.name, ...(await page.evaluate(drawOne, { text: one.text, bounds: BOUNDS })) };
}

async function drawPage(browser, one, requests) {
  const context = await browser.newContext({ viewport: { width: one.width, height: 600 } });
  const page = await context.newPage();
  await page.route("**/*", (route) => { requests.push(route.request().url()); return route.abort(); });
  await page.setContent(`<!doctype html><html lang="en"><head><title>${one.name}</title></head>
    <body class="markdown-body"><main>${one.html}</main></body></html>`);
  await page.addStyleTag({ path: STYLE(one.theme) });
  // GitHub sets comments smaller than files.
  const body = "padding: 16px; box-sizing: border-box; min-height: 0; font-size: 14px !important";
  await page.addStyleTag({ content: `body { ${body} }` });
  await page.evaluate(makeAlerts);
  if (one.open) {
    await page.addScriptTag({ path: MERMAID });
    await page.evaluate(unfold, { bounds: BOUNDS, theme: one.theme });
  }
  await page.addScriptTag({ path: AXE });
  const exempt = Object.fromEntries(one.exempt.map((rule) => [rule, { enabled: false }]));
  const { violations } = await page.evaluate(
    (rules) => window.axe.run({ exclude: ["svg"] }, { rules }), // colours inside are Mermaid's
    exempt,
  );
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (one.png) await page.locator("body").screenshot({ path: one.png });
  await context.close();
  return {
    name: one.name,
    wide,
    violations: violations.map((found) => `${found.id}: ${found.nodes[0].html.slice(0, 200)}`),
  };
}

const requests = [];
const browser = await chromium.launch({ executablePath: job.chromium, args: FLAGS });
try {
  const page = await browser.newPage({ viewport: { width: 1012, height: 600 } });
  await page.route("**/*", (route) => { requests.push(route.request().url()); return route.abort(); });
  await page.setContent('<!doctype html><title>diagrams</title><div id="canvas"></div>');
  await page.addScriptTag({ path: MERMAID });
  const diagrams = [];
  for (const one of job.diagrams) diagrams.push(await diagram(page, one));
  const pages = [];
  for (const one of job.pages) pages.push(await drawPage(browser, one, requests));
  process.stdout.write(JSON.stringify({ diagrams, pages, requests }));
} finally {
  await browser.close();
}
