"use strict";
// Filters the samples. Without this script all of them are there to read.
(() => {
	const form = document.getElementById("filters");
	const find = document.getElementById("find");
	const shown = document.getElementById("shown");
	const samples = [...document.querySelectorAll(".sample")];
	const selects = ["outcome", "task", "language"].map((name) => document.getElementById(name));
	if (samples.length === 0)
		return;

	// Each menu has what the samples name.
	for (const select of selects) {
		const values = new Set(samples.map((s) => s.dataset[select.id]));
		for (const value of [...values].filter((v) => v !== "").sort())
			select.add(new Option(value, value));
		select.parentElement.hidden = values.size < 2;
	}

	const texts = samples.map((s) => s.textContent.toLowerCase());
	function filter() {
		const words = find.value.toLowerCase().split(/\s+/).filter((w) => w !== "");
		let n = 0;
		samples.forEach((sample, i) => {
			const fits = selects.every((s) => s.value === "" || sample.dataset[s.id] === s.value) &&
				words.every((w) => texts[i].includes(w));
			sample.hidden = !fits;
			n += fits ? 1 : 0;
		});
		shown.textContent = `${n} of ${samples.length} shown`;
	}

	form.addEventListener("input", filter);
	form.addEventListener("reset", () => setTimeout(filter));
	form.addEventListener("submit", (event) => event.preventDefault());
	// "/" goes to the search, as on many pages.
	document.addEventListener("keydown", (event) => {
		if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey ||
			/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName))
			return;
		event.preventDefault();
		find.focus();
	});
	form.hidden = false;
	filter();
})();
