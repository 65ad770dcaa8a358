// Renders every LaTeX formula of snapshots, JSON answers and complete documents with KaTeX in strict mode.
//
//   node check_katex.cjs COLLECTED FILE-OR-FOLDER…
//
// Formulas are: every string under the key "latex" in JSON; in documents and snapshots the text between \[ \], \( \)
// and $ $; and each line of a snapshot that marks itself as LaTeX by `latex: `. They are collected, once each, in a
// document COLLECTED for pdflatex. A place that should have formulas and has none is a failure.
"use strict";
const fs = require("fs");
const path = require("path");
const katex = require("katex");

const [collected, ...places] = process.argv.slice(2);
const formulas = new Map();

function add(formula, where) {
  const text = formula.trim();
  if (text && !formulas.has(text)) formulas.set(text, where);
}

/** The formulas in text that mixes words and mathematics. */
function addMixed(text, where) {
  const body = text.replace(/(^|[^\\])%.*$/gm, "$1");
  const mathematics = /(?<!\\)\\\[([\s\S]*?)\\\]|\\\(([\s\S]*?)\\\)|\$\$([\s\S]*?)\$\$|\$((?:\\.|[^$\\])+)\$/g;
  let rest = body;
  for (const found of body.matchAll(mathematics)) {
    add(found[1] ?? found[2] ?? found[3] ?? found[4], where); // $…$ inside \text stays inside
    rest = rest.replace(found[0], "");
  }
  for (const found of rest.matchAll(/\\begin\{(equation|align|gather)\*?\}/g)) {
    throw new Error(`${where}: the environment ${found[1]} is not looked into`);
  }
}

function addJson(value, key, where) {
  if (typeof value === "string") {
    if (key === "latex") value.includes("$") ? addMixed(value, where) : add(value, where);
  } else if (Array.isArray(value)) {
    value.forEach((item) => addJson(item, key, where));
  } else if (value && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) addJson(item, name, where);
  }
}

function read(file) {
  const text = fs.readFileSync(file, "utf8");
  const before = formulas.size;
  if (file.endsWith(".json")) {
    for (const [at, line] of text.split("\n").entries()) {
      if (line.trim()) addJson(JSON.parse(line), "", `${file}:${at + 1}`);
    }
  } else if (file.endsWith(".snap")) {
    const body = text.replace(/^---\n[\s\S]*?\n---\n/, "");
    if (body.includes("\\documentclass") || /latex/.test(path.basename(file))) addMixed(body, file);
    for (const found of body.matchAll(/^\s*latex:? (.*)$/gm)) add(found[1], file);
  } else {
    addMixed(text, file);
  }
  return formulas.size - before;
}

function files(place) {
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs.readdirSync(place).sort().flatMap((name) => files(path.join(place, name)));
}

let failures = 0;
for (const place of places) {
  const all = files(place);
  const before = formulas.size;
  all.forEach(read);
  console.log(`${place}: ${all.length} files, ${formulas.size - before} formulas that were not seen before`);
}
for (const [formula, where] of formulas) {
  try {
    katex.renderToString(formula, { displayMode: true, throwOnError: true, strict: "error", trust: false });
  } catch (error) {
    failures += 1;
    console.log(`${where}: ${error.message}\n    ${formula}`);
  }
}
fs.writeFileSync(
  collected,
  "\\documentclass[11pt]{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage{amsmath, amssymb}\n\\setlength{\\textwidth}{100cm}\n" +
    "\\begin{document}\n" + [...formulas.keys()].map((f) => `\\[ ${f} \\]\n`).join("") + "\\end{document}\n",
);
if (formulas.size < 50) {
  console.log(`only ${formulas.size} formulas were found; that cannot be all`);
  process.exit(1);
}
console.log(failures ? `${failures} of ${formulas.size} formulas failed` : `${formulas.size} formulas`);
process.exit(failures ? 1 : 0);
