package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
)

// What public repositories have, made small: the names that Prefect gives, or what is said where nobody can know one.
func TestHouseStyles(t *testing.T) {
	t.Parallel()
	const ours = "from prefect import flow as prefect_flow\n\n\ndef flow(*args, timeout_seconds=3600, **kwargs):\n    return prefect_flow(*args, timeout_seconds=timeout_seconds, **kwargs)\n\n\n" +
		"def registered(name, **options):\n    def decorate(function):\n        return prefect_flow(name=name, **options)(function)\n\n    return decorate\n"
	tests := map[string]struct {
		files []string
		want  string // name function, or what is not known
	}{
		"house decorators": {
			[]string{"lib/__init__.py", "", "lib/ours.py", ours, "a.py", "from lib.ours import flow, registered\n@flow(log_prints=True)\ndef send_orders(limit: int = 1): pass\n@flow\ndef bare(): pass\n@registered('weekly', retries=1)\ndef weekly_(): pass\n"},
			"send-orders send_orders, bare bare, weekly weekly_",
		},
		"a shim by if and else": {
			[]string{"lib/__init__.py", "", "lib/optional.py", "import os\nif os.environ.get('WITHOUT_PREFECT') == '1':\n    def flow(*_, **__):\n        return lambda f: f\nelse:\n    from prefect import flow\n", "a.py", "from lib.optional import flow\n@flow(log_prints=True)\ndef orders(limit: int = 1): pass\n"},
			"orders orders",
		},
		"a module called prefect beside the flow": {
			[]string{"jobs/prefect.py", "def flow(f): return f\n", "prefect.py", "flow = None\n", "jobs/a.py", "from prefect import flow\n@flow\ndef orders(): pass\n"},
			"orders orders",
		},
		"a package called prefect beside the flow": {
			[]string{"jobs/prefect/__init__.py", "def flow(f): return f\n", "jobs/prefect/flows.py", "", "jobs/a.py", "import prefect.flows\n@prefect.flows.flow(name='x')\ndef orders(): pass\n"},
			"x orders",
		},
		"a folder called prefect": {
			[]string{"jobs/prefect/blocks.py", "x = 1\n", "jobs/a.py", "import prefect\n@prefect.flow\ndef orders(): pass\n"},
			"orders orders",
		},
		"a relative import of a module called prefect": {
			[]string{"jobs/__init__.py", "", "jobs/prefect.py", "def flow(f): return f\n", "jobs/a.py", "from .prefect import flow\n@flow\ndef orders(): pass\n"},
			"not orders: flow is not Prefect's, but jobs/prefect.py:1",
		},
		"a name from the environment": {
			[]string{"lib.py", "import os\nfrom prefect import flow as f\ndef ours(name):\n    return f(name=os.environ['TEAM'] + name)\n", "a.py", "from lib import ours\n@ours('x')\ndef orders(): pass\n"},
			"? os.environ['TEAM'] + name at lib.py:4",
		},
		"an argument from the environment": {
			[]string{"lib.py", "from prefect import flow as f\ndef ours(name):\n    return f(name='x-' + name)\n", "a.py", "import os\nfrom lib import ours\nNAME = os.environ['NAME']\n@ours(NAME)\ndef orders(): pass\n"},
			"? os.environ['NAME'] at a.py:3",
		},
		"keywords that nobody knows": {
			[]string{"lib.py", "from prefect import flow as f\ndef ours(**kw):\n    return f(**kw)\n", "a.py", "import os\nfrom lib import ours\n@ours(**load())\ndef orders(): pass\n@ours(name='known', **load())\ndef known(): pass\n"},
			"? **load() at a.py:3, known known",
		},
		"a literal name wins over what nobody knows": {
			[]string{"lib.py", "from prefect import flow as f\nfrom elsewhere import checked\ndef ours(**kw):\n    def deco(fn):\n        return f(**checked(kw))(fn)\n    return deco\n", "a.py", "from lib import ours\nfrom prefect import flow\n@ours(name='x')\ndef orders(): pass\n@flow(name='y', **load())\ndef more(): pass\n"},
			"x orders, y more",
		},
		"names that depend on a test": {
			[]string{"lib.py", "import os\nfrom prefect import flow as f\ndef ours(fn):\n    if os.environ.get('SHORT'):\n        return f(fn)\n    return f(fn, name='long')\n", "a.py", "from lib import ours\n@ours\ndef orders(): pass\n"},
			"? what depends on os.environ.get('SHORT') at lib.py:4",
		},
		"tests that change no name": {
			[]string{"lib.py", "import os\nfrom prefect import flow as f\ndef ours(fn):\n    if os.environ.get('SHORT'):\n        return f(fn)\n    return f(fn, retries=1)\n", "a.py", "from lib import ours\n@ours\ndef orders(): pass\n"},
			"orders orders",
		},
		"a wrapper below the decorator": {
			[]string{"a.py", "from prefect import flow\ndef timed(f):\n    def inner(*a, **k):\n        return f(*a, **k)\n    return inner\n@flow\n@timed\ndef orders(): pass\n"},
			"inner orders",
		},
		"a decorator that gives back no flow": {
			[]string{"lib.py", "from prefect import flow as f\ndef flow(fn):\n    made = f(fn)\n    def run(*a):\n        return made(*a)\n    return run\n", "a.py", "from lib import flow\n@flow\ndef orders(): pass\n"},
			"not orders: flow is not Prefect's, but lib.py:2",
		},
		"a class of flows": {
			[]string{"lib.py", "from prefect.flows import Flow\nclass Ours(Flow[..., int]):\n    pass\nclass Base: pass\nclass Deep(Base, Ours): pass\ndef ours(fn):\n    return Deep(fn, name='x')\n", "a.py", "from lib import ours\n@ours\ndef orders(): pass\n"},
			"x orders",
		},
		"a class that is its own base": {
			[]string{"lib.py", "from prefect.flows import Flow\nclass A(B, Flow if 0 else B): pass\nclass B(A): pass\ndef ours(fn):\n    return A(fn) or Flow\n", "a.py", "from lib import ours\n@ours\ndef orders(): pass\n"},
			"",
		},
		"a factory": {
			[]string{"core/__init__.py", "", "core/jobs.py", "from prefect import flow\ndef make(name, limit=5):\n    @flow(name=name)\n    def run(n: int = limit): pass\n    return run\n", "a.py", "from core.jobs import make\norders = make('orders')\nmore = make(name='more', limit=7)\n"},
			"orders orders(n=5), more more(n=7)",
		},
		"a factory with an argument from elsewhere": {
			[]string{"jobs.py", "from prefect import flow\ndef make(name):\n    @flow(name=name)\n    def run(): pass\n    return run\n", "a.py", "from jobs import make\nfrom elsewhere import name\norders = make(name)\n"},
			"? make(name) at a.py:3",
		},
		"a shim with its module elsewhere": {
			[]string{"a.py", "try:\n    from company.prefect import flow\nexcept ImportError:\n    from prefect import flow\n@flow\ndef orders(): pass\n"},
			"orders orders",
		},
		"a shim whose first module is there": {
			[]string{"own.py", "def flow(f): return f\n", "a.py", "try:\n    from own import flow\nexcept ImportError:\n    from prefect import flow\n@flow\ndef orders(): pass\n"},
			"not orders: flow is not Prefect's, but own.py:1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := scan(t, tree(test.files...), flow.Options{})
			var got []string
			for _, f := range r.Flows {
				text := f.Name + " " + f.Function
				if f.NameExpr != "" {
					text = "? " + f.NameExpr
				}
				for _, p := range f.Definition.Parameters {
					if strings.HasPrefix(name, "a factory") {
						text = fmt.Sprintf("%s(%s=%s)", text, p.Name, p.Default)
					}
				}
				got = append(got, text)
			}
			for _, f := range r.Others {
				if strings.Contains(f.Reason, "inside of the function") {
					continue
				}
				got = append(got, "not "+f.Function+": "+f.Reason)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
