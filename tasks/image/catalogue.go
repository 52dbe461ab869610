package image

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"image-dockerfile": {Severity: finding.Error, Firm: true, Means: "a Dockerfile can't be used"},
	"image-circle":     {Severity: finding.Error, Firm: true, Means: "images start from each other"},
	"image-link":       {Severity: finding.Error, Firm: true, Means: "a link leads out of a build's context", Why: "a build sees nothing outside: in the image the link would point at nothing"},
	"image-context":    {Severity: finding.Warning, Means: "a build's context is large", Why: "each build reads and sends all of it"},
	"image-unpinned":   {Severity: finding.Warning, Firm: true, Unless: "an error where the guard pinned_images is on, and that stays", Means: "an image starts from one that has no digest", Why: "the same tag may be another image tomorrow, and the same code builds into something else"},
}.Needing(finding.Image)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
