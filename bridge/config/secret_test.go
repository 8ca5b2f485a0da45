package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	env := func(name string) string { return map[string]string{"SET": " from env \n"}[name] }
	cases := []struct {
		name, file, variable string
		want, fault          string
	}{
		{"one line end goes", write("one", "mật khẩu\n", 0o600), "", "mật khẩu", ""},
		{"only one", write("two", "pass\n\n", 0o400), "", "pass\n", ""},
		{"that of Windows too", write("crlf", "pass\r\n", 0o600), "", "pass", ""},
		{"spaces stay", write("space", " pass ", 0o600), "", " pass ", ""},
		{"from the environment, as it is", "", "SET", " from env \n", ""},
		{"group may read", write("group", "pass", 0o640), "", "", "chmod 600"},
		{"the world may read", write("world", "pass", 0o604), "", "", "chmod 600"},
		{"empty", write("empty", "\n", 0o600), "", "", "is empty"},
		{"a folder", dir, "", "", "is not a file"},
		{"far too long", write("long", strings.Repeat("x", maxSecret+1), 0o600), "", "", "one password and nothing else"},
		{"missing", filepath.Join(dir, "missing"), "", "", "no such file"},
		{"variable not set", "", "UNSET", "", "UNSET is not set"},
		{"nothing configured", "", "", "", "password_file or password_env"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadSecret(c.file, c.variable, env)
			if got != c.want || (err == nil) != (c.fault == "") {
				t.Fatalf("got %q, %v", got, err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.fault) || strings.Contains(err.Error(), "pass\n")) {
				t.Errorf("error %q, want %q in it", err, c.fault)
			}
		})
	}
}

func TestSystemdCredential(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "vanthu")
	if err := os.WriteFile(file, []byte("pass\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o440); err != nil {
		t.Fatal(err)
	}
	within := func(string) string { return dir + "/" }
	if got, err := ReadSecret(file, "", within); got != "pass" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	elsewhere := func(string) string { return filepath.Dir(dir) }
	if _, err := ReadSecret(file, "", elsewhere); err == nil {
		t.Error("a file outside the folder of credentials was read")
	}
}
