// Uses the page of `--format html` as a person does and tells what came of it.
//
//   node page.mjs CHROMIUM FOLDER_OF_NODE_MODULES PAGE.html [axe] > results.json
//
// Every request but the page itself is refused and counted.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , executablePath, modules, file, checks] = process.argv;
const load = createRequire(join(modules, "node_modules", "page.js"));
const { chromium } = load("playwright-core");
const AXE = load.resolve("axe-core/axe.min.js");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const found = { requests: [], errors: [], dialogs: 0 };

async function open(options) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => found.errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && found.errors.push(message.text()));
  page.on("dialog", (dialog) => { found.dialogs += 1; dialog.dismiss(); });
  page.on("request", (request) => {
    if (request.url() !== pathToFileURL(file).href) found.requests.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  return page;
}

const rows = (page) => page.locator("table.flows tbody tr").count();
const page = await open({});
found.drawn = await page.evaluate(async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now();
});
found.rows = await rows(page);
found.bands = await page.locator("svg path.band").count();

// By keyboard alone: search, leave it, walk the rows, choose one, change the tab.
await page.keyboard.press("/");
await page.keyboard.type("tcp");
found.searched = await page.locator("input").inputValue();
const before = Date.now();
await page.keyboard.press("Escape");
await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
found.answered = Date.now() - before;
found.cleared = await page.locator("input").inputValue();
if (found.rows) {
  await page.locator("table.flows tbody tr").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  found.chosen = await page.locator("aside h2").allTextContents();
  await page.locator('[role="tab"][aria-selected="true"]').focus();
  await page.keyboard.press("ArrowRight");
  found.matrix = await page.locator("table.matrix td button").count();
  await page.keyboard.press("ArrowLeft");
  const label = page.locator("svg text.node[role=button]").first();
  if (await label.count()) {
    await label.focus();
    await page.keyboard.press("Enter");
    found.opened = await page.locator('svg text.node[aria-expanded="true"]').count();
    await page.keyboard.press("Escape");
  }
}
await page.emulateMedia({ media: "print" });
await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
found.printed = await page.locator("#print tbody tr").count();
found.shownOnPaper = await page.locator("#app").isVisible();
await page.emulateMedia({ media: "screen" });

// The policy holds: what somebody adds does not run and is not fetched.
found.injected = await page.evaluate(async () => {
  const script = document.createElement("script");
  script.textContent = "window.injected = true";
  document.body.append(script);
  const image = document.createElement("img");
  image.src = "https://example.invalid/x.png";
  document.body.append(image);
  await new Promise((done) => setTimeout(done, 100));
  return Boolean(window.injected);
});
found.requests = found.requests.filter((url) => !url.startsWith("https://example.invalid/"));
found.errors = found.errors.filter((text) => !/Content Security Policy|ERR_BLOCKED/.test(text));

found.violations = {};
for (const colorScheme of checks === "axe" ? ["light", "dark"] : []) {
  const checked = await open({ colorScheme, bypassCSP: true });
  await checked.addScriptTag({ path: AXE });
  const result = await checked.evaluate(() => window.axe.run());
  found.violations[colorScheme] = result.violations.map((each) => `${each.id}: ${each.nodes[0].html}`);
}
const narrow = await open({ viewport: { width: 390, height: 800 } });
found.sideways = await narrow.evaluate(() => document.documentElement.scrollWidth);
const bare = await open({ javaScriptEnabled: false });
found.bare = await bare.locator("body").innerText();
found.elements = await bare.locator("img, iframe, object, embed, link").count();
await browser.close();
process.stdout.write(JSON.stringify(found));
