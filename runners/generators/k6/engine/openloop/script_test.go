package openloop

import (
	"errors"
	"testing"
)

func TestARouteHasNoIDs(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:80/groups/17/join?x=1":           "GET /groups/{id}/join",
		"http://h":                                         "GET /",
		"https://h/a/6f1c1f0e-8b1f-4b39-9d4c-0a3f6c6d2d11": "GET /a/{id}",
		"http://h/v2/orders":                               "GET /v2/orders",
		"http://h/orders/${}":                              "GET /orders/{id}",
		"${}/groups/${}":                                   "GET /groups/{id}",
		"${}/":                                             "GET /",
		"http://h/%zz/7?q":                                 "GET /%zz/{id}",
	} {
		if got := stepName("GET", address); got != want {
			t.Errorf("%s: %q, not %q", address, got, want)
		}
	}
	if got := stepName("GET", "menu"); got != "menu" {
		t.Errorf("a name of the script: %q", got)
	}
}

func TestAnExceptionNamesThePlaceInTheUsersFile(t *testing.T) {
	c := ScriptConfig{Root: "/runs/one/"}
	for stack, want := range map[string]string{
		"Error: deep x\n\tat deep (file:///runs/one/lib/visit.k6.ts:6:25(11))\n\tat iterate (file:///p/load-flow.ts:2:31(3))\n": "deep x (lib/visit.k6.ts:6:25)",
		"GoError: over\n\tat go.k6.io/k6 (native)\n\tat visit (file:///runs/one/visit.k6.ts:3:1(1))\n":                          "over (visit.k6.ts:3:1)",
		"TypeError: x\n\tat file:///p/load-flow.ts:2:31(3)\n":                                                                   "TypeError: x",
	} {
		if got := c.exceptionText(errors.New(stack)); got != want {
			t.Errorf("%q: %q, not %q", stack, got, want)
		}
	}
}
