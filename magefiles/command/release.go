package command

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// ReleaseOptions are the choices of deploy:release.
type ReleaseOptions struct {
	Env     string
	Project string   // whose they are, where that is not the settings' project
	Only    []string // these; empty wants All
	All     bool
	Kind    string // python or container; empty means both
	Yes     bool   // don't ask
	Wait    time.Duration
	JSON    bool
}

// Release gives deployments back: our tag goes, and all else stays as it is. Afterwards they are somebody else's to us. Which ones must be
// said, because nothing but an adoption of each takes it back.
func Release(ctx context.Context, s *Session, o ReleaseOptions) error {
	if err := o.chosen(); err != nil {
		return err
	}
	env, err := s.sound(ctx, o.Env)
	if err != nil {
		return err
	}
	if o.Project != "" {
		env.Project = o.Project
	}
	to, err := s.connect(ctx, env, access{})
	if err != nil {
		return err
	}
	owner := ownerOf(env)
	list, err := s.releasable(ctx, to, env, o)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		s.Console.Say("nothing to release: no deployment of %s is among these", owner.Tag())
		return s.released(o, to, deploy.Result{})
	}
	for _, x := range list {
		more := ""
		if x.Untagged {
			more = "; it has lost our tag already"
		}
		s.Console.Say("~ release %s (flow %s)%s  %s", x.Name, x.Flow, more, to.link(x.ID))
	}
	question := fmt.Sprintf("Give %s back by taking the tag %s away?", console.Count(len(list), "deployment"), owner.Tag())
	if err := s.agreed(ctx, o.Yes, question); err != nil {
		return err
	}
	result, err := s.release(ctx, to, owner, list, o)
	if err != nil {
		return err
	}
	return s.released(o, to, result)
}

// chosen is the error for a command line that does not say which deployments it is about.
func (o ReleaseOptions) chosen() error {
	kinds := []string{"", inProcess, container}
	switch {
	case !slices.Contains(kinds, o.Kind):
		return &fault.Error{Code: fault.Usage, What: fmt.Sprintf("%q is no kind of deployment", o.Kind), Next: "write -kind=python or -kind=container"}
	case len(o.Only) == 0 && !o.All:
		return &fault.Error{
			Code: fault.Usage, What: "it is not said which deployments to release", Why: "what is released is not ours any more; nothing was written",
			Next: "name them, as in -only=etl or -only='etl-*', or write -all",
		}
	case len(o.Only) > 0 && o.All:
		return &fault.Error{Code: fault.Usage, What: "-only and -all say two things at once", Next: "leave out one of them"}
	}
	return nil
}

// releasable gives the deployments of ours that were chosen.
func (s *Session) releasable(ctx context.Context, to server, env config.Env, o ReleaseOptions) ([]deploy.Holding, error) {
	known, err := deploy.Recall(ctx, to.api, ownerOf(env))
	if err != nil {
		return nil, err
	}
	list, err := deploy.Holdings(ctx, to.api, ownerOf(env), known)
	if err != nil {
		return nil, err
	}
	if len(o.Only) > 0 {
		_, scanned, err := s.scan(ctx, env)
		if err != nil {
			return nil, err
		}
		if list, err = pick(list, o.Only, scanned.Flows); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(list, func(x deploy.Holding) bool { return o.Kind != "" && x.Kind != o.Kind }), nil
}

// pick gives the deployments that the words name: each is flow/deployment, a deployment's name, a flow's name, a pattern of these, or a
// folder or function of the repository's flows. A word that names nothing, or deployments of several flows, is a fault of code Usage.
func pick(list []deploy.Holding, words []string, flows []flow.Flow) ([]deploy.Holding, error) {
	wanted := map[string]bool{}
	for _, word := range words {
		hits := named(list, word)
		if len(hits) == 0 {
			if selected, err := flow.Select(flows, []string{word}); err == nil {
				hits = named(list, selected[0].Name)
			}
		}
		if err := picked(list, hits, word); err != nil {
			return nil, err
		}
		for _, x := range hits {
			wanted[x.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(x deploy.Holding) bool { return !wanted[x.ID] }), nil
}

// named gives the deployments of that name, else those of the flow of that name. A pattern counts for either.
func named(list []deploy.Holding, word string) []deploy.Holding {
	for _, of := range []func(deploy.Holding) string{
		func(x deploy.Holding) string { return x.Flow + "/" + x.Name }, func(x deploy.Holding) string { return x.Name }, func(x deploy.Holding) string { return x.Flow },
	} {
		var hits []deploy.Holding
		for _, x := range list {
			if fits, err := path.Match(word, of(x)); of(x) == word || err == nil && fits {
				hits = append(hits, x)
			}
		}
		if len(hits) > 0 {
			return hits
		}
	}
	return nil
}

// picked is the error for a word that names nothing, or not one thing.
func picked(list, hits []deploy.Holding, word string) error {
	flows := map[string]bool{}
	for _, x := range hits {
		flows[x.Flow] = true
	}
	wrong := &fault.Error{Code: fault.Usage, What: fmt.Sprintf("no deployment of ours is called %q", word)}
	switch {
	case len(list) == 0:
		wrong.Why, wrong.Next = "there is none on this server", "mage deploy:status shows what is ours"
	case len(hits) == 0:
		wrong.Why, wrong.Next = "there are: "+fullNames(list), "name a deployment, its flow, or a pattern such as 'etl-*'"
	case len(flows) > 1 && !strings.ContainsAny(word, `*?[`):
		wrong.What = fmt.Sprintf("%q names deployments of several flows", word)
		wrong.Why, wrong.Next = "candidates: "+fullNames(hits), "write flow/deployment"
	default:
		return nil
	}
	return wrong
}

func fullNames(list []deploy.Holding) string {
	names := make([]string, 0, len(list))
	for _, x := range list {
		names = append(names, x.Flow+"/"+x.Name)
	}
	first, more := finding.Few(names, 20)
	return strings.Join(first, ", ") + more
}

// release takes the tag off under the lock. The receipt comes first: of whatever lost the tag without one, the next deploy would think
// that others took it away, and put it back.
func (s *Session) release(ctx context.Context, to server, owner deploy.Owner, list []deploy.Holding, o ReleaseOptions) (deploy.Result, error) {
	h := s.holder(ctx, "mage deploy:release -env="+owner.Env, s.commit(ctx).Short())
	lock, held, err := s.lock(ctx, to, owner, h, o.Wait)
	if err != nil {
		return deploy.Result{}, err
	}
	defer s.unlock(ctx, lock)
	known, err := deploy.Recall(held, to.api, owner)
	if err != nil {
		return deploy.Result{}, err
	}
	if err := recordTags(held, to, owner, deploy.Releasing(list), known, h); err != nil {
		s.Console.Warn("nothing was released: the receipt, which must come first, could not be stored")
		return deploy.Result{}, err
	}
	result := deploy.Release(held, to.api, owner, list)
	if len(result.Failed()) == 0 {
		return result, nil
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // also when it was cut off
	defer cancel()
	return result, recordTags(after, to, owner, result, known, h)
}

// recordTags leaves the receipt of a command that changes nothing but tags.
func recordTags(ctx context.Context, to server, owner deploy.Owner, r deploy.Result, known deploy.Known, h deploy.Holder) error {
	receipt, err := deploy.RecordTags(ctx, to.api, owner, r, known, h)
	if err == nil {
		_, err = receipt.Store(ctx, to.api)
	}
	if err != nil {
		return fmt.Errorf("the receipt could not be stored: %w", err)
	}
	return nil
}

// released prints what became of the deployments.
func (s *Session) released(o ReleaseOptions, to server, r deploy.Result) error {
	if o.JSON {
		if err := s.Console.JSON(map[string]any{"deployments": append([]deploy.Outcome{}, r.Outcomes...)}); err != nil {
			return err
		}
	}
	for _, x := range r.Outcomes {
		switch {
		case o.JSON:
		case x.Err != nil:
			s.Console.Printf("failed    %s  %s\n", x.Name, x.Failure)
		default:
			s.Console.Printf("released  %s  %s\n", x.Name, to.link(x.ID))
		}
	}
	return verdict(deploy.Plan{}, r, "")
}
