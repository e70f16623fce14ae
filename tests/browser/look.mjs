// look: open pages of tg-report in Chromium, and print TAP.
//
//	usage: node tests/browser/look.mjs FOLDER CHROMIUM
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { statSync } from "node:fs";

const [folder, executablePath] = process.argv.slice(2);
const { chromium } = createRequire(`${folder}/`)("playwright-core");
const url = (name) => pathToFileURL(`${folder}/${name}.html`).href;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
let count = 0, failed = 0;

function check(name, ok, why = "") {
	console.log(`${ok ? "ok" : "not ok"} ${++count} - ${name}`);
	if (ok)
		return;
	failed++;
	console.log(`# ${JSON.stringify(why)}`);
}

// Open a page; all that it says, asks for or pops up is kept in page.heard.
async function open(name, options = {}) {
	const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...options });
	page.heard = [];
	page.on("console", (m) => page.heard.push(`console: ${m.text()}`));
	page.on("pageerror", (e) => page.heard.push(`error: ${e.message}`));
	page.on("dialog", (d) => { page.heard.push(`dialog: ${d.message()}`); d.dismiss(); });
	page.on("request", (r) => {
		if (r.url() !== url(name) && !r.url().startsWith("data:"))
			page.heard.push(`request: ${r.url()}`);
	});
	await page.goto(url(name));
	return page;
}

// Contrast of every text with what is behind it, as WCAG 2 computes it; returns those
// below AA.
function lowContrast() {
	const parse = (c) => (c.match(/[\d.]+/g) || []).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
		.map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const c = parse(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] === 1)
				return c;
		}
		return [255, 255, 255];
	};
	const bad = new Set();
	for (const e of document.querySelectorAll("body *")) {
		const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
		if (!own || e.closest("script, title, [hidden]"))
			continue;
		const style = getComputedStyle(e);
		const ink = light(parse(e.closest("svg") ? style.fill : style.color)), paper = light(behind(e));
		const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
		const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
		if (ratio < (large ? 3 : 4.5))
			bad.add(`${e.tagName}.${e.getAttribute("class")} ${ratio.toFixed(2)}`);
	}
	return [...bad];
}

// What is wrong with headings, landmarks, tables, labels and ids.
function structure() {
	const wrong = [];
	let level = 0;
	for (const h of document.querySelectorAll("h1, h2, h3, h4, h5")) {
		const now = Number(h.tagName[1]);
		if (now > level + 1)
			wrong.push(`h${level} is followed by h${now}: ${h.textContent}`);
		level = now;
	}
	for (const one of ["h1", "main", "nav", "body > header", "body > footer"])
		if (document.querySelectorAll(one).length !== 1)
			wrong.push(`not one ${one}`);
	for (const t of document.querySelectorAll("table"))
		if (!t.querySelector("thead th[scope=col]"))
			wrong.push("a table without headers");
	for (const c of document.querySelectorAll("input, select"))
		if (c.labels.length !== 1)
			wrong.push(`no label: ${c.id}`);
	for (const s of document.querySelectorAll("svg:not([aria-hidden])"))
		if (s.getAttribute("role") !== "img" || !s.getAttribute("aria-label"))
			wrong.push("a plot without a name");
	for (const s of document.querySelectorAll("main > section"))
		if (!document.getElementById(s.getAttribute("aria-labelledby")))
			wrong.push("a section without a name");
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
	if (new Set(ids).size !== ids.length)
		wrong.push("an id stands twice");
	if (document.documentElement.lang !== "en")
		wrong.push("no language");
	return wrong;
}

for (const name of ["page", "hostile"])
	for (const width of [1400, 400])
		for (const colorScheme of ["light", "dark"]) {
			const what = `${name} at ${width} pixels in ${colorScheme}`;
			const page = await open(name, { viewport: { width, height: 900 }, colorScheme });
			await page.$$eval("details", (all) => all.forEach((d) => { d.open = true; }));
			const wide = await page.evaluate(() => document.documentElement.scrollWidth);
			check(`${what} needs no horizontal scroll`, wide <= width, wide);
			const bad = await page.evaluate(lowContrast);
			check(`${what} has contrast AA`, bad.length === 0, bad);
			await page.$$eval("details", (all) => all.forEach((d) => { d.open = false; }));
			await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
			check(`${what} runs, says and asks for nothing`, page.heard.length === 0, page.heard);
			await page.close();
		}

{
	const page = await open("page");
	const wrong = await page.evaluate(structure);
	check("headings, landmarks, tables, labels and plots have their names", wrong.length === 0, wrong);
	check("the page is smaller than 2 MB", statSync(`${folder}/page.html`).size < 2e6);
	check("the eight figures are there", await page.locator(".figures li").count() === 8);
	check("every plot has axes with units", await page.$$eval("figure svg", (all) => all.length > 5 &&
		all.every((s) => s.querySelector(".axis") && s.querySelectorAll("text.r").length > 1 &&
		s.querySelector("text.l").textContent !== "")));
	check("the plots of lengths have the line at 512", await page.locator("#lengths svg .mark").count() === 3);

	// Filters and search.
	const all = await page.locator(".sample").count();
	const seen = () => page.locator(".sample:visible").count();
	check("all samples are shown first", await seen() === all && all > 50, all);
	await page.selectOption("#outcome", "rejected");
	const rejected = await page.locator(".sample.rejected").count();
	check("the menu of outcomes chooses", await seen() === rejected && rejected > 0 && rejected < all);
	check("the page says how many are shown", await page.textContent("#shown") === `${rejected} of ${all} shown`);
	await page.selectOption("#task", "web_code_retrieval");
	check("menus narrow each other", (await page.$$eval(".sample:not([hidden])",
		(s) => s.every((e) => e.dataset.task === "web_code_retrieval" && e.dataset.outcome === "rejected"))) && await seen() > 0);
	await page.click("button[type=reset]");
	await page.waitForFunction((n) => document.querySelectorAll(".sample:not([hidden])").length === n, all);
	check("the button shows all again", await seen() === all);
	const word = await page.$eval(".sample .prose", (e) => e.textContent.split(" ").slice(-1)[0].toUpperCase());
	await page.fill("#find", `  ${word} `);
	check("the search finds words in any case", await seen() > 0 && await page.$$eval(".sample:not([hidden])",
		(s, w) => s.every((e) => e.textContent.toUpperCase().includes(w)), word));
	await page.fill("#find", "no such words <>&\"'");
	check("a search without a match shows none", await seen() === 0);
	check("filters say nothing on the console", page.heard.length === 0, page.heard);
	await page.close();
}

{
	// The keyboard alone.
	const page = await open("page");
	const focus = () => page.evaluate(() => {
		const e = document.activeElement, s = getComputedStyle(e);
		return { id: e.id, tag: e.tagName, text: e.textContent.slice(0, 40), outline: parseFloat(s.outlineWidth),
			style: s.outlineStyle };
	});
	await page.keyboard.press("Tab");
	check("the first stop of the keyboard skips to the samples", (await focus()).text === "Skip to the samples");
	const stops = [];
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press("Tab");
		stops.push(await focus());
	}
	check("the focus is visible wherever it is", stops.every((s) => s.style !== "none" && s.outline >= 1),
		stops.filter((s) => s.style === "none" || s.outline < 1));
	for (const id of ["find", "outcome", "task", "language"])
		check(`the keyboard reaches ${id}`, stops.some((s) => s.id === id));
	check("the keyboard reaches negatives", stops.some((s) => s.tag === "SUMMARY"));
	await page.focus("summary");
	await page.keyboard.press("Enter");
	check("the keyboard opens negatives", await page.$eval("details", (d) => d.open));
	await page.keyboard.press("/");
	check("/ goes to the search", (await focus()).id === "find");
	await page.keyboard.type("a/b");
	check("the search takes a /", await page.inputValue("#find") === "a/b");
	await page.close();
}

{
	const page = await open("page", { javaScriptEnabled: false });
	check("without scripts all samples are there to read", await page.locator(".sample:visible").count() > 50);
	check("without scripts there is no filter", !await page.locator("#filters").isVisible());
	await page.close();
}

{
	const page = await open("page", { colorScheme: "dark" });
	await page.pdf({ path: `${folder}/page.pdf`, format: "A4", printBackground: true });
	check("the page prints", statSync(`${folder}/page.pdf`).size > 20000);
	await page.emulateMedia({ media: "print", colorScheme: "dark" });
	check("paper is white in the dark, too", await page.evaluate(() =>
		getComputedStyle(document.body).backgroundColor) === "rgb(255, 255, 255)");
	const bad = await page.evaluate(lowContrast);
	check("the print has contrast AA", bad.length === 0, bad);
	check("filters are not printed", !await page.locator("#filters").isVisible());
	await page.setViewportSize({ width: 760, height: 1000 });
	await page.screenshot({ path: `${folder}/print.png`, fullPage: true });
	await page.close();
}

{
	const page = await open("hostile");
	const found = await page.evaluate(() => ({
		scripts: document.scripts.length,
		tags: document.querySelectorAll("img, iframe, object, embed, base, math, style:not(head style)").length,
		events: [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => /^on/.test(a.name))).length,
		links: [...document.querySelectorAll("a")].filter((a) => !a.getAttribute("href").startsWith("#")).length,
		forms: document.forms.length,
		acting: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]/.test(document.documentElement.outerHTML),
		named: document.querySelectorAll("b.x").length,
	}));
	check("documents add no script, tag, event or link", found.scripts === 1 && found.tags === 0 &&
		found.events === 0 && found.links === 0 && found.forms === 1, found);
	check("no character that acts is in the page, and each is named", !found.acting && found.named > 20, found);
	const wrong = await page.evaluate(structure);
	check("the page of hostile documents has its structure", wrong.length === 0, wrong);
	await page.fill("#find", "alert(7)");
	check("hostile documents are found by a search", await page.locator(".sample:visible").count() > 0);
	await page.selectOption("#task", { index: 3 });
	check("hostile names of tasks choose", (await page.$$eval(".sample:not([hidden])", (s) =>
		s.every((e) => e.dataset.task === document.getElementById("task").value))));
	check("hostile documents are silent", page.heard.length === 0, page.heard);
	await page.close();
}

{
	const page = await open("breached");
	await page.waitForTimeout(300);
	check("the policy stops a script that got through", await page.title() === "Report of triplets", await page.title());
	const sent = page.heard.filter((h) => h.startsWith("dialog"));
	check("the policy stops dialogs", sent.length === 0, sent);
	await page.close();
}

await browser.close();
console.log(`1..${count}`);
process.exit(failed > 0 ? 1 : 0);
