// Sets formulas by KaTeX and by MathJax, and prints what either refuses, a line each; reads an array of [name, formula] in JSON.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
// Where the packages are.
const load = createRequire(process.argv[2] + "/");

const katex = load("katex");
const faults = [];
const fault = (name, by, error) => faults.push(`${name}: ${by}: ${String(error.message ?? error).split("\n")[0]}`);

const { mathjax } = load("mathjax-full/js/mathjax.js");
const { TeX } = load("mathjax-full/js/input/tex.js");
const { SVG } = load("mathjax-full/js/output/svg.js");
const { liteAdaptor } = load("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = load("mathjax-full/js/handlers/html.js");
load("mathjax-full/js/input/tex/ams/AmsConfiguration.js");
RegisterHTMLHandler(liteAdaptor());
const refuse = (_jax, error) => {
  throw error;
};
const input = new TeX({ packages: ["base", "ams"], formatError: refuse });
const page = mathjax.document("", { InputJax: input, OutputJax: new SVG({ fontCache: "none" }) });

for (const [name, formula] of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    const html = katex.renderToString(formula, { displayMode: true, throwOnError: true, strict: "error" });
    if (html.includes("katex-error")) fault(name, "KaTeX", "an error in what it made");
  } catch (error) {
    fault(name, "KaTeX", error);
  }
  try {
    page.convert(formula, { display: true });
  } catch (error) {
    fault(name, "MathJax", error);
  }
}
process.stdout.write(faults.map((line) => line + "\n").join(""));
