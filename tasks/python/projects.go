package python

import (
	"path"
	"slices"
	"strings"
)

// Installed names packages that come from outside whatever the tree holds: the tree may be that of the package itself.
func (l *Library) Installed(names ...string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.installed = append(l.installed, names...)
}

// packages gives the folders from which a package of the tree is installed, as far as the files tell where projects are: a project's folder is
// one with pyproject.toml, setup.py or setup.cfg, and workspace.go tells where its packages stand. Projects that it installs beside itself are
// looked through after its own. What is installed never hides a module of Python's own library.
func (l *Library) packages(file, name string) []string {
	around := l.projects(path.Dir(file))
	if len(around) == 0 || name == "" || standard(name) || slices.Contains(l.installed, name) {
		return nil
	}
	var out []string
	for _, base := range around {
		if l.isFile(path.Join(base, name, "__init__.py")) {
			out = append(out, base)
		}
	}
	return out
}

// projects gives the folders that hold the packages of the projects around a folder, the nearest first.
func (l *Library) projects(folder string) []string {
	l.mutex.Lock()
	known, ok := l.around[folder]
	l.mutex.Unlock()
	if ok {
		return known
	}
	var out []string
	seen := map[string]bool{}
	for queue := []string{folder}; len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		if p, ok := l.project(queue[0]); ok {
			out, queue = append(out, p.places...), append(queue, p.companions...)
		}
	}
	if folder != "." {
		out = append(out, l.projects(path.Dir(folder))...)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.around[folder] = out
	return out
}

// standard tells whether a name is that of a module of Python's own library, in any version from 3.9 to 3.14 (Python: sys.stdlib_module_names).
func standard(name string) bool { return strings.Contains(standardModules, " "+name+" ") }

const standardModules = " abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex " +
	"bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall compression concurrent " +
	"configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email " +
	"encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc genericpath getopt getpass " +
	"gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword " +
	"lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib " +
	"nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib " +
	"poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib " +
	"resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 " +
	"sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny " +
	"tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle " +
	"turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc " +
	"zipapp zipfile zipimport zlib zoneinfo "
