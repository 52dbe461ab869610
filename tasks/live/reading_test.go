package live

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// The first requests are known to be under way before the server has answered any.
func TestSent(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-answer
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	defer close(answer)
	api, err := prefect.New(prefect.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	r := Begin(t.Context(), api, ownership.Owner{Project: "shop", Env: "dev"}, []string{"a", "b"})
	defer r.Stop()
	r.Sent(time.Minute)
	select {
	case <-r.sent:
	default:
		t.Error("they are not sent")
	}
	select {
	case <-r.done:
		t.Error("they are answered already")
	default:
	}
}
