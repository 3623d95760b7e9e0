// Opens pages from their files in a headless browser and prints what happens, as JSON. Standard input is a job:
// { browser, pages: [path], more: [path], shots: folder or null, searches: [{ page, query }] }. All but `more` and the
// searches after the first are opened on a wide and on a narrow screen.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const views = [
  { name: "wide", colorScheme: "light", viewport: { width: 1200, height: 900 } },
  { name: "phone", colorScheme: "dark", viewport: { width: 390, height: 800 } },
];

// Opens a page, and notes what it asks the network for and what goes wrong.
async function open(context, address, report) {
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) report.requests.push(request.url());
  });
  page.on("requestfailed", (request) => report.errors.push(`failed: ${request.url().slice(0, 200)}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) report.errors.push(message.text());
  });
  page.on("pageerror", (error) => report.errors.push(String(error)));
  await page.goto(address, { waitUntil: "load" });
  return page;
}

async function inspect(page, report, view) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { preload: false, resultTypes: ["violations"] }));
  for (const violation of found.violations) {
    const nodes = violation.nodes.map((node) => node.html.slice(0, 200));
    report.violations.push(`${view}: ${violation.id}: ${nodes.join(" | ")}`);
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (width > 0) report.errors.push(`${view}: ${width} pixels wider than the window`);
  const broken = await page.evaluate(() =>
    Array.from(document.images).filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src));
  report.broken.push(...broken.map((source) => source.slice(0, 200)));
}

async function main() {
  const job = JSON.parse(fs.readFileSync(0, "utf8"));
  const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const result = { pages: [], searches: [] };
  let number = 0;
  const browser = await chromium.launch({ executablePath: job.browser, args: flags, headless: true });
  try {
    for (const view of views) {
      const context = await browser.newContext({ colorScheme: view.colorScheme, viewport: view.viewport });
      const shoot = async (page) => {
        if (job.shots) await page.screenshot({ path: path.join(job.shots, `${number++}-${view.name}.png`) });
      };
      for (const file of view === views[0] ? job.pages.concat(job.more || []) : job.pages) {
        const report = { page: file, view: view.name, requests: [], errors: [], violations: [], broken: [] };
        const page = await open(context, pathToFileURL(file).href, report);
        await inspect(page, report, view.name);
        await shoot(page);
        await page.close();
        result.pages.push(report);
      }
      for (const search of view === views[0] ? job.searches : job.searches.slice(0, 1)) {
        const report = { ...search, view: view.name, requests: [], errors: [], violations: [], broken: [], titles: [] };
        const page = await open(context, pathToFileURL(search.page).href, report);
        await page.fill("#query", search.query);
        await page.press("#query", "Enter");
        await page.waitForFunction(() => document.getElementById("status").textContent !== "", null, { timeout: 30000 });
        report.status = await page.textContent("#status");
        report.titles = await page.$$eval("#results a", (links) => links.map((link) => link.textContent));
        await inspect(page, report, view.name);
        await shoot(page);
        if (report.titles.length > 0) {
          await page.click("#results a");
          await page.waitForLoadState("load");
          report.opened = await page.title();
        }
        await page.close();
        result.searches.push(report);
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(result));
}

main().catch((error) => { console.error(error); process.exit(1); });
