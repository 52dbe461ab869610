package imports

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/distribution"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/requirement"
	"github.com/flowmage/flowmage/tasks/tree"
)

// mostRead is how many files that belong to no flow are looked into for the sake of a note.
const mostRead = 200

// unused finds packages that a file names and that nothing below its folder imports, once for each file.
func (j *judge) unused() finding.List {
	var out finding.List
	imported := j.imported()
	for _, name := range j.declaring {
		f, read := j.files[name]
		if !read || f.Lock || path.Ext(name) == ".in" {
			continue
		}
		candidates := slices.DeleteFunc(slices.Clone(f.Entries), func(e dependency.Entry) bool {
			return e.File != name || e.Known == "" || e.Group != "" || e.Own || e.Limit || silent(e.Known) || imported[e.Known] || !j.known(e.Known) && len(distribution.Modules(e.Known)) == 0
		})
		if candidates = j.unread(f, candidates); len(candidates) == 0 {
			continue
		}
		out = append(out, catalogue.New("dependency-unused", finding.OfFile(name), finding.Finding{
			Position: finding.Position{File: name, Line: candidates[0].Line}, Message: doing(candidates, "is", "are") + " imported nowhere",
			Fix: "remove what is not needed",
		}))
	}
	return out
}

// imported gives the distributions that have, or may have, what the files of some flow import.
func (j *judge) imported() map[string]bool {
	out := map[string]bool{}
	for _, list := range j.uses {
		for _, u := range list {
			for _, n := range append(j.providers(u.module), spellings(u.module)...) {
				out[n] = true
			}
		}
	}
	return out
}

// unread leaves those of which no other Python file below the folder has a word: other code than flows may need them. Where those are many, none is left.
func (j *judge) unread(f *dependency.File, candidates []dependency.Entry) []dependency.Entry {
	if len(candidates) == 0 {
		return nil
	}
	others := j.strangers()[home(f.Path)]
	if len(others) > mostRead {
		return nil
	}
	var buffer []byte
	for _, name := range others {
		text, err := tree.Into(j.Root, name, buffer, tree.Source)
		if buffer = text; err != nil {
			return nil
		}
		candidates = slices.DeleteFunc(candidates, func(e dependency.Entry) bool {
			return slices.ContainsFunc(tops(e.Known), func(module string) bool { return bytes.Contains(text, []byte(module)) })
		})
	}
	return candidates
}

// strangers gives the Python files that belong to no flow, by each folder that they are in or below.
func (j *judge) strangers() map[string][]string {
	if j.others == nil {
		j.others = map[string][]string{}
		for _, name := range j.Library.Find(func(name string) bool { _, flows := j.uses[name]; return !flows && path.Ext(name) == ".py" }) {
			for _, dir := range above(path.Dir(name)) {
				j.others[dir] = append(j.others[dir], name)
			}
		}
	}
	return j.others
}

// tops gives the words by which a file would import something of a distribution.
func tops(name string) []string {
	return append(distribution.Modules(name), strings.ReplaceAll(name, "-", "_"), strings.ReplaceAll(name, "-", "."))
}

// silent tells whether a distribution does its work without being imported: tools, drivers and engines that others load by name.
func silent(name string) bool {
	name = requirement.Normal(name)
	for _, begin := range []string{"prefect", "pytest", "types-", "flake8", "sphinx", "mkdocs", "opentelemetry", "dbt-", "jupyter"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return strings.HasSuffix(name, "-stubs") || slices.Contains([]string{
		"pip", "setuptools", "wheel", "uv", "tox", "nox", "build", "twine", "hatchling", "poetry", "pipenv", "pre-commit", "ruff", "black", "isort", "mypy", "pyright", "pylint",
		"coverage", "bandit", "ipython", "ipykernel", "notebook", "gunicorn", "uvicorn", "hypercorn", "tzdata", "psycopg2", "psycopg2-binary", "psycopg", "asyncpg", "aiosqlite", "pymysql",
		"mysqlclient", "cx-oracle", "oracledb", "pyodbc", "snowflake-sqlalchemy", "sqlalchemy-bigquery", "databricks-sql-connector", "openpyxl", "xlsxwriter", "xlrd", "pyarrow",
		"fastparquet", "lxml", "html5lib", "odfpy", "tables", "s3fs", "gcsfs", "adlfs", "fsspec", "tabulate", "python-multipart", "cryptography", "greenlet", "socksio", "pysocks",
	}, name)
}
