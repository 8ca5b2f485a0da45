package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/store"
)

// The gate of JSON removes NUL and nothing else.
func TestWithoutNUL(t *testing.T) {
	for in, want := range map[string]string{
		`"a\u0000b"`: `"ab"`, `"a\\u0000b"`: `"a\\u0000b"`, `"\\\u0000"`: `"\\"`, `"\u0000\u0000"`: `""`, `"\n\u0001"`: `"\n\u0001"`,
	} {
		if got := store.WithoutNUL(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestParseQueries(t *testing.T) {
	for body, want := range map[string]string{
		"-- name: a\nSELECT 1\n": "lacks a name or a comment",
		"SELECT 1\n":             "lacks a name or a comment",
		"-- name: a\n-- why\nSELECT 1\n-- name: a\n-- why\nSELECT 2\n": "twice",
		"-- name: a\n-- why\n-- name: b\n-- why\nSELECT 2\n":           "empty",
	} {
		if _, err := store.ParseQueries(body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one with %q", body, err, want)
		}
	}
	got, err := store.ParseQueries("-- name: a\n-- why\nSELECT 1\nFROM x\n\n-- name: b\n-- why\nSELECT 2\n")
	if err != nil || got["a"] != "SELECT 1\nFROM x" || got["b"] != "SELECT 2" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestExpand(t *testing.T) {
	if _, err := store.Expand(true, "SELECT 1 FROM rows(:rows, a txt) AS r"); err == nil {
		t.Error("an unknown type of column was taken")
	}
	for onPostgres, want := range map[bool]string{
		true:  "SELECT r.a FROM (SELECT j.a AS a, decode(j.b, 'hex') AS b FROM json_to_recordset(CAST(:rows AS json)) AS j(a bigint, b text)) AS r",
		false: "SELECT r.a FROM (SELECT json_extract(j.value, '$.a') AS a, unhex(json_extract(j.value, '$.b')) AS b FROM jsonb_each(:rows) AS j) AS r",
	} {
		got, err := store.Expand(onPostgres, "SELECT r.a FROM rows(:rows, a bigint, b bytes) AS r")
		if err != nil || got != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:":                          "lacks the path",
		"mysql://x":                        "want sqlite:PATH",
		"postgres://u:geheim@h/d":          "sslmode must be given",
		"postgres://u:geheim@h/%zz":        "want sqlite:PATH",
		"postgres://u:geheim@h:x/d":        "want sqlite:PATH",
		"sqlite:" + t.TempDir() + "/no.db": "giaolien db migrate",
	} {
		_, err := store.Open(t.Context(), url, store.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: got error %v, want one with %q and without the password", url, err, want)
		}
		if errors.Is(err, store.ErrSchema) {
			t.Errorf("%s: a wrong address is no matter of the schema", url)
		}
	}
}
