package finding

// Extent says how far a finding reaches.
type Extent int

// The extents. A finding has one of them from where it is made: [Catalogue.New] wants it.
const (
	All         Extent = iota + 1 // whatever is deployed, by settings or by a manifest that somebody wrote
	Environment                   // what the settings of an environment deploy, or its server and this machine
	Flow                          // one flow
	File                          // the flows that are made of a file, or set up by it
	Deployment                    // one deployment
)

// Scope says what a finding is about, and so what an error stands in the way of. Name is a flow's entrypoint, or the words by which settings
// know it; or a file; or a deployment. The others need none.
type Scope struct {
	Extent Extent
	Name   string
}

// Wide tells whether it is about more than single flows and deployments.
func (s Scope) Wide() bool { return s.Extent != Flow && s.Extent != File && s.Extent != Deployment }

// Everything is the scope of what stands in everybody's way.
func Everything() Scope { return Scope{Extent: All} }

// Surroundings is the scope of what is wrong with an environment, its server or this machine.
func Surroundings() Scope { return Scope{Extent: Environment} }

// OfFlow is the scope of what is wrong with one flow.
func OfFlow(name string) Scope { return Scope{Flow, name} }

// OfFile is the scope of what is wrong with a file.
func OfFile(name string) Scope { return Scope{File, name} }

// OfDeployment is the scope of what is wrong with one deployment of a manifest. Without a name nobody can tell which: then it is all of them.
func OfDeployment(name string) Scope {
	if name == "" {
		return Everything()
	}
	return Scope{Deployment, name}
}
