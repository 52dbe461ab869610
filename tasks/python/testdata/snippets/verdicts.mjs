// Runs verdicts.py in Pyodide, which is CPython 3.14: PYODIDE=FOLDER_OF_THE_PACKAGE node verdicts.mjs SOURCES
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { loadPyodide } = await import(pathToFileURL(process.env.PYODIDE + "/pyodide.mjs"));
const python = await loadPyodide();
python.globals.set("text", readFileSync(process.argv[2], "utf8"));
python.runPython(readFileSync(new URL("verdicts.py", import.meta.url), "utf8").replace(/if __name__[^]*/, ""));
process.stdout.write(python.runPython("main(text)"));
