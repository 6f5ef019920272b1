package roles

import (
	"context"
	"log/slog"
	"net"
	"net/http"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// AuditorConfig is what an auditor's port is made of.
type AuditorConfig struct {
	Weak weakness.Set
	// Definition is the digest under which the election was announced; zero: it was not.
	Definition message.Digest
	Manage     net.Listener
	Logger     *slog.Logger
}

// RunAuditor answers who brings a record with the verdict of the system's own
// verifier, until ctx ends.
func RunAuditor(ctx context.Context, cfg AuditorConfig) error {
	if err := require("auditor", map[string]bool{"management port": cfg.Manage != nil}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, "auditor", "")
	routes := func(context.CancelFunc) []web.Route {
		return []web.Route{{
			Method: http.MethodPost, Path: manage.PathVerify, Takes: web.TypeJSON, Limit: manage.MaxImport,
			Handle: func(w http.ResponseWriter, r *http.Request) error {
				q, err := web.JSON[manage.Verify](r, codec.Limits{Size: manage.MaxImport})
				if err != nil {
					return err
				}
				files := record.Memory{}
				for _, f := range q.Files {
					files[f.Path] = f.Content
				}
				verdict, err := AuditWith(r.Context(), files, verify.Options{
					Fingerprint: q.Fingerprint, Definition: cfg.Definition, Weak: cfg.Weak.For(weakness.Verifier),
				})
				if err != nil {
					return err
				}
				return web.Reply(w, http.StatusOK, verdict)
			},
		}}
	}
	return withPort(ctx, cfg.Manage, cfg.Logger, routes, func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})
}

// Audit is the verdict of the system's own verifier on a record.
func Audit(ctx context.Context, source record.Source, fingerprint message.Digest, weak weakness.Set) (manage.Verdict, error) {
	return AuditWith(ctx, source, verify.Options{Fingerprint: fingerprint, Weak: weak.For(weakness.Verifier)})
}

// AuditWith is Audit with all that a verification may be told.
func AuditWith(ctx context.Context, source record.Source, o verify.Options) (manage.Verdict, error) {
	report, err := verify.Record(ctx, source, o)
	if err != nil {
		return manage.Verdict{}, err
	}
	return manage.Verdict{Accepted: report.Accepted(), Findings: faults("auditor", report.Faults), Size: report.Size}, nil
}
