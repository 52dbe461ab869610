package config

import (
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = document.Rules().With(setting.Rules()).With(finding.Catalogue{
	"file-unreadable":          finding.Unreadable(),
	"path-missing":             finding.PathMissing(),
	"append":                   {Severity: finding.Error, Firm: true, Means: "something other than a list is appended to"},
	"key-bad":                  {Severity: finding.Error, Firm: true, Means: "a key can't be a name", Formerly: "bad-key"},
	"yaml-trap":                {Severity: finding.Warning, Means: "YAML reads a value otherwise than it looks"},
	"variable-unknown":         {Severity: finding.Error, Firm: true, Unless: "a warning for variables, which may be meant for something else", Means: "there is no setting of that name", Formerly: "unknown-variable"},
	"variable-ambiguous":       {Severity: finding.Warning, Means: "a credential is read for two environments"},
	"code-missing":             {Severity: finding.Error, Firm: true, Means: "it is not set where workers find the code", Why: "a python deployment runs the files on its worker's host"},
	"server-missing":           {Severity: finding.Error, Firm: true, Means: "no server is set", Why: "only dev has a server of its own; anything else would be a guess"},
	"project-missing":          {Severity: finding.Warning, Unless: "an error where nothing gives it a name", Means: "no project is set", Why: "deployments are known as ours by the project's name: another name makes them foreign"},
	"project-place":            {Severity: finding.Warning, Means: "the project is set for one environment only", Why: "deployments are known as ours by project and environment"},
	"user-unknown":             {Severity: finding.Error, Firm: true, Means: "`prefix` holds {user}, and nobody is named", Why: "everybody's deployments would have the same names"},
	"environment-unknown":      {Severity: finding.Error, Firm: true, Means: "a flow names an environment that does not exist", Why: "the flow would not be deployed where it is meant to be", Formerly: "unknown-environment"},
	"environment-file-missing": {Severity: finding.Warning, Means: "an environment has no file", Formerly: "missing-environment-file"},
	"file-stray":               {Severity: finding.Warning, Means: "a file looks like one of settings and is not read", Formerly: "stray-file"},
	"settings":                 {Severity: finding.Error, Firm: true, Means: "settings beside flows can't be used"},
	"guard-changed":            {Severity: finding.Warning, Means: "a pull request has other guards, or other severities, than the branch that it is to be merged into", Why: "a pull request does not choose its own guards"},
	"rule-unknown":             {Severity: finding.Error, Firm: true, Means: "settings name a rule that does not exist", Why: "they would change nothing"},
	"rule-firm":                finding.RuleFirm(),
	"secret-literal":           {Severity: finding.Error, Needs: finding.Settings | finding.Manifest, Unless: "a warning where only the name sounds like one; nothing in files that git does not keep", Means: "a file holds a secret", Why: "everybody who can read the file has it"},
	"secret-place":             {Severity: finding.Error, Means: "a secret goes where nobody would take it for one", Why: "plans, receipts and the log would show it"},
}.Needing(finding.Settings))

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
