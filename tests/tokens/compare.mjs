// compare: read lines "estimate TAB record" and compare each estimate with the
// number of tokens that the real encoder of o200k gives; print TAP and a table.
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import readline from 'node:readline';

const [modules, ...files] = process.argv.slice(2);
const { encode } = createRequire(modules + '/')('gpt-tokenizer/encoding/o200k_base');
const most = 400; // records of a language, drawn by the hash of their text
const quantile = (v, q) => v[Math.min(v.length - 1, Math.floor(q * v.length))];
let failed = 0;

for (const [i, file] of files.entries()) {
	const rows = new Map();
	for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
		const tab = line.indexOf('\t');
		const { text, code_language: language } = JSON.parse(line.slice(tab + 1));
		const list = rows.get(language) ?? rows.set(language, []).get(language);
		list.push({ text, estimate: +line.slice(0, tab), draw: createHash('md5').update(text).digest('hex') });
	}
	const all = [];
	console.log(`# ${file}\n# language        n  total   p50   p90   p95   p99  within 10 %`);
	const show = (name, v) => {
		const errors = v.map((r) => Math.abs(r.estimate / r.tokens - 1) * 100).sort((a, b) => a - b);
		const sum = (key) => v.reduce((s, r) => s + r[key], 0);
		const within = errors.filter((e) => e <= 10).length / errors.length * 100;
		const total = (sum('estimate') / sum('tokens') - 1) * 100;
		console.log('# ' + name.padEnd(12) + String(v.length).padStart(6) + total.toFixed(1).padStart(7) +
			[0.5, 0.9, 0.95, 0.99].map((q) => quantile(errors, q).toFixed(1).padStart(6)).join('') +
			within.toFixed(1).padStart(9));
		return { total, within };
	};
	for (const [name, list] of [...rows].sort()) {
		list.sort((a, b) => (a.draw < b.draw ? -1 : 1)).splice(most);
		for (const r of list)
			r.tokens = encode(r.text, { disallowedSpecial: new Set() }).length;
		show(name, list);
		all.push(...list);
	}
	const { total, within } = show('all', all);
	const ok = Math.abs(total) <= 5 && within >= 90;
	failed += !ok;
	console.log(`${ok ? 'ok' : 'not ok'} ${i + 1} - nine of ten estimates are within 10 %, and all together within 5 %`);
}
console.log(`1..${files.length}`);
process.exit(failed ? 1 : 0);
