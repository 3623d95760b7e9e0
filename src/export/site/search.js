// Searches the articles of this site. The index is in the files beside this one.
"use strict";

const binderyData = document.currentScript.dataset;
const binderyFiles = new Map();
function binderyWords(number, text) {
  const words = new Map();
  for (const entry of text.split(";")) {
    const at = entry.indexOf(" ");
    if (at > 0) words.set(entry.slice(0, at), entry.slice(at + 1));
  }
  binderyFiles.set("words-" + number, words);
}
function binderyArticles(number, rows) {
  binderyFiles.set("articles-" + number, rows);
}

function binderySearch(table) {
  const articles = Number(binderyData.articles);
  const block = Number(binderyData.block);
  const parts = Number(binderyData.parts);
  const [form, input, status, results, more] =
    ["form", "query", "status", "results", "more"].map((id) => document.getElementById(id));

  // Characters and letters that are treated as one.
  const same = new Map();
  for (const line of table.split(" ")) {
    const [one, ...others] = line;
    for (const other of others) same.set(other, one);
  }
  const pairs = "ßss æae œoe øo đd ðd ɖd þth łl ħh ıi ŋn ŧt ĸk ƒf əe ςσ ґг ٱا ىي یي ةه ەه ہه کك ךכ םמ ןנ ףפ ץצ";
  for (const pair of pairs.split(" ")) {
    const [one, ...others] = pair;
    same.set(one, others.join(""));
  }
  for (const zero of "٠۰०০੦૦௦๐໐༠၀") {
    for (let n = 0; n < 10; n++) same.set(String.fromCodePoint(zero.codePointAt(0) + n), String(n));
  }
  const ignored = /[\u00ad\u034f\u061c\u0640\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\u{e0100}-\u{e01ef}]/gu;
  const accents = new RegExp("[\\u0300-\\u036f\\u0483-\\u0489\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff" +
    "\\u2de0-\\u2dff\\ua66f-\\ua67d\\ufe20-\\ufe2f\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\ufb1e" +
    "\\u0610-\\u061a\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u08ca-\\u08ff" +
    "\\u0711\\u0730-\\u074a\\u093c\\u09bc\\u0a3c\\u0abc\\u0b3c]", "gu");

  function fold(text) {
    const plain = text.replace(/[™℠]/g, " ").normalize("NFKD").replace(ignored, "")
      .replace(accents, (mark, at, all) => mark === "\u0306" && /[иИуУ]/.test(all[at - 1] || "") ? mark : "")
      .normalize("NFC").toLowerCase().replace(/\u0307/g, "");
    return Array.from(plain, (c) => same.get(c) || c).join("");
  }

  const paired = /[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\u{20000}-\u{3ffff}]/u;
  const spaceless = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff\uaa00-\uaa7f\uaa80-\uaadf]/u;
  const letter = /[\p{Alphabetic}\p{N}]/u;
  const mark = /\p{M}/u;

  // Divides a text as the index is: words of letters, and the characters of scripts without spaces.
  function atoms(text) {
    const found = [];
    let open = null;
    for (const c of fold(text)) {
      const isPaired = paired.test(c) || (spaceless.test(c) && letter.test(c));
      if (mark.test(c)) {
        if (open) open.text += c;
      } else if (isPaired) {
        open = { text: c, isPaired, isInside: Boolean(open && open.isPaired) };
        found.push(open);
      } else if (!letter.test(c)) {
        open = null;
      } else if (open && !open.isPaired) {
        open.text += c;
      } else {
        open = { text: c, isPaired, isInside: false };
        found.push(open);
      }
    }
    return found;
  }

  // Returns the words that an article must have for a term of the query.
  function words(term) {
    const list = atoms(term);
    const found = [];
    list.forEach((atom, at) => {
      const next = list[at + 1];
      const last = list[at - 1];
      if (!atom.isPaired) found.push({ text: atom.text, isStart: term.endsWith("*") && !next });
      else if (next && next.isInside) found.push({ text: atom.text + next.text, isStart: false });
      else if (!atom.isInside || !last) found.push({ text: atom.text, isStart: true });
    });
    return found;
  }

  function partOf(word) {
    const points = Array.from(word, (c) => c.codePointAt(0)).slice(0, 2);
    if (points[0] >= 0xe00) points.length = 1;
    let hash = 0x811c9dc5;
    for (const point of points) hash = Math.imul(hash ^ point, 0x01000193);
    return (hash >>> 0) & (parts - 1);
  }

  const loading = new Map();
  function load(name) {
    if (!loading.has(name)) {
      loading.set(name, new Promise((done, fail) => {
        const script = document.createElement("script");
        script.src = "search/" + name + ".js";
        script.onload = () => done(binderyFiles.get(name));
        script.onerror = () => { loading.delete(name); fail(new Error(name)); };
        document.head.append(script);
      }));
    }
    return loading.get(name);
  }

  const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  const value = new Map(Array.from(digits, (digit, at) => [digit, at]));
  function read(coded, found) {
    let article = 0;
    for (let at = 0; at < coded.length;) {
      let number = 0;
      for (let shift = 0; ; shift += 5) {
        const digit = value.get(coded[at++]);
        number |= (digit & 31) << shift;
        if (digit < 32) break;
      }
      article += number >>> 2;
      found.set(article, Math.max(found.get(article) || 0, [1, 1.6, 2.2, 8][number & 3]));
      article += 1;
    }
  }

  // Returns the weight of a word in each article that has it.
  async function places(word) {
    const part = await load("words-" + partOf(word.text));
    const found = new Map();
    // The words that begin with one Latin letter are in many parts.
    if (word.isStart && (word.text.length > 1 || word.text.codePointAt(0) >= 0xe00)) {
      for (const [other, coded] of part) if (other.startsWith(word.text)) read(coded, found);
    } else if (part.has(word.text)) {
      read(part.get(word.text), found);
    }
    return found;
  }

  async function having(term) {
    let all = null;
    for (const found of await Promise.all(words(term).map(places))) {
      const weight = Math.log(1 + articles / (found.size || 1));
      const both = new Map();
      for (const [article, own] of found) {
        if (all === null || all.has(article)) both.set(article, (all === null ? 0 : all.get(article)) + own * weight);
      }
      all = both;
    }
    return all;
  }

  async function search(query) {
    let all = null;
    const terms = query.split(/\s+/).filter((term) => term !== "");
    for (const term of terms.filter((term) => !term.startsWith("-"))) {
      const found = await having(term);
      if (found === null) continue;
      const both = new Map();
      for (const [article, own] of found) {
        if (all === null || all.has(article)) both.set(article, (all === null ? 0 : all.get(article)) + own);
      }
      all = both;
    }
    for (const term of terms.filter((term) => term.startsWith("-"))) {
      const found = all && await having(term.slice(1));
      if (found) for (const article of found.keys()) all.delete(article);
    }
    // The newest articles have the highest numbers.
    return all && Array.from(all).sort((one, other) => other[1] - one[1] || other[0] - one[0]).map(([article]) => article);
  }

  function shown([page, title, day, origin, excerpt, language]) {
    const item = document.createElement("li");
    if (language) item.lang = language;
    const link = document.createElement("a");
    link.href = "articles/" + encodeURIComponent(page) + ".html";
    link.textContent = title;
    item.append(link);
    for (const [name, text] of [["meta", origin ? day + " · " + origin : day], ["excerpt", excerpt]]) {
      const line = document.createElement("p");
      line.className = name;
      line.textContent = text;
      item.append(line);
    }
    return item;
  }

  const step = 20;
  let found = [];
  let asked = 0;
  async function show(from) {
    const mine = asked;
    const next = found.slice(from, from + step);
    const rows = await Promise.all(next.map((article) => load("articles-" + Math.floor(article / block))));
    if (mine !== asked) return;
    if (from === 0) results.replaceChildren();
    results.append(...next.map((article, at) => shown(rows[at][article % block])));
    more.hidden = results.children.length >= found.length;
  }

  async function run() {
    const mine = ++asked;
    const query = input.value.trim();
    history.replaceState(null, "", "#" + encodeURIComponent(query));
    try {
      const all = await search(query);
      if (mine !== asked) return;
      found = all || [];
      await show(0);
      if (mine !== asked) return;
      status.textContent = all === null ? "" : found.length === 0 ? binderyData.none :
        found.length === 1 ? binderyData.one : binderyData.found.replace("{}", found.length);
    } catch {
      if (mine === asked) status.textContent = binderyData.failed;
    }
  }

  let timer = 0;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(run, 200); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); run(); });
  more.addEventListener("click", () => show(results.children.length));
  function fromAddress() {
    let query = location.hash.slice(1);
    try { query = decodeURIComponent(query); } catch { /* as it is */ }
    if (query && query !== input.value) { input.value = query; run(); }
  }
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
}
