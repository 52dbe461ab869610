package main

import (
	"context"
	"fmt"
	"strings"
)

// manyStored plans and deploys thousands of deployments that are there already, on the cluster: memory and the tool's own time must
// grow with their number and not faster.
func manyStored(ctx context.Context, l *lab, sizes []int, rounds int) ([]row, error) {
	c, err := l.cluster(ctx)
	if err != nil {
		return nil, err
	}
	defer c.stop(ctx)
	var rows []row
	for _, n := range sizes {
		m, err := l.plant(n)
		if err != nil {
			return nil, err
		}
		if err := m.seed(ctx, c); err != nil {
			return nil, err
		}
		ours := m.twice(deployAll, func(l *lab, api string) (turn, error) { return l.tool(ctx, api, "deploy:all") })
		more, err := measured(ctx, race{
			job: fmt.Sprintf("%d deployments, unchanged, Postgres", n), api: c.api, rounds: rounds, rest: quiet,
			contenders: append(ours, m.ours(ctx, "deploy:plan")),
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// seed puts the deployments into the database: copies of one that the server made, with what a deploy would have sent for each.
func (m *many) seed(ctx context.Context, c *cluster) error {
	if _, err := m.tool(ctx, c.api, "deploy:all", "-only="+m.flows[0]); err != nil {
		return err
	}
	if err := pause(ctx, settle); err != nil {
		return err
	}
	others := *m
	others.n-- // the first one is there
	bodies, err := others.pretend(ctx, c.api)
	if err != nil {
		return err
	}
	var sql strings.Builder
	sql.WriteString("CREATE TEMP TABLE body (b jsonb);\n")
	for _, b := range bodies {
		fmt.Fprintf(&sql, "INSERT INTO body VALUES ($body$%s$body$);\n", b)
	}
	fmt.Fprintf(&sql, `
INSERT INTO flow (name, labels) SELECT b->>'flow_id', '{}' FROM body ON CONFLICT DO NOTHING;
INSERT INTO deployment (name, tags, parameters, flow_id, description, parameter_openapi_schema, version, infra_overrides, entrypoint,
  work_queue_name, work_queue_id, pull_steps, enforce_parameter_schema, paused, labels)
SELECT b->>'name', b->'tags', b->'parameters', flow.id, b->>'description', b->'parameter_openapi_schema', b->>'version', b->'job_variables',
  b->>'entrypoint', t.work_queue_name, t.work_queue_id, b->'pull_steps', t.enforce_parameter_schema, t.paused, t.labels
FROM body JOIN flow ON flow.name = b->>'flow_id', (SELECT * FROM deployment WHERE name = '%[1]s-python-dev') t;
INSERT INTO deployment_schedule (schedule, active, deployment_id, parameters, slug)
SELECT s.schedule, s.active, d.id, s.parameters, s.slug FROM body JOIN deployment d ON d.name = b->>'name',
  (SELECT s.* FROM deployment_schedule s JOIN deployment t ON t.id = s.deployment_id WHERE t.name = '%[1]s-python-dev') s;
ANALYZE;
`, m.flows[0])
	if err := c.sql(ctx, sql.String()); err != nil {
		return err
	}
	t, err := m.tool(ctx, c.api, "deploy:plan")
	if want := fmt.Sprintf("%d unchanged", m.n); err == nil && !strings.Contains(t.out, want) {
		return fmt.Errorf("after seeding the plan has not %s:\n%.2000s", want, t.out)
	}
	return err
}
