package imports

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"dependency-missing": {
		Severity: finding.Error, Needs: finding.Source, Unless: "a warning where another package may bring it, or the import may never run",
		Means: "a flow imports a module that nothing which is declared for it has", Why: "the flow can't be loaded, or stops where it imports that",
	},
	"dependency-transitive": {
		Severity: finding.Warning, Needs: finding.Source, Means: "a flow imports a module that is there only because another package needs it",
		Why: "it goes when that package no longer needs it",
	},
	"import-unreachable": {
		Severity: finding.Error, Needs: finding.Source, Means: "a flow imports a module of the repository from where no run looks for it",
		Why: "the flow can't be loaded where it runs, or stops where it imports that",
	},
	"dependency-conflict": {Severity: finding.Error, Needs: finding.Source, Unless: "a warning in an image, where the flows run elsewhere too", Means: "two requirements for one image or environment leave no version of a package", Why: "an installer refuses them"},
	"dependency-unpinned": {
		Severity: finding.Warning, Needs: finding.Source, Means: "requirements name no version, and no lock file does", Why: "each installation may get other versions",
	},
	"dependency-unused":       {Severity: finding.Note, Needs: finding.Source, Means: "nothing imports a package that is declared"},
	"requires-python":         {Severity: finding.Error, Needs: finding.Source, Unless: "a warning in an image, where the flows run elsewhere too", Means: "flows run on a Python that their project excludes"},
	"requirements-missing":    {Severity: finding.Note, Needs: finding.Source, Means: "no file says which packages the flows need", Why: "workers and images must get them in another way"},
	"requirements-unreadable": {Severity: finding.Warning, Needs: finding.Source, Means: "a file that says which packages are needed can't be understood", Why: "installers refuse it"},
}

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
