package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ReadSecret reads a password from a file, or from the environment variable that is named when there is no file. One line end at the end
// is not part of it. A file that others than its owner may read is refused: whoever finds the permissions wrong must think of the password
// as known. Credentials of systemd are taken as they are: it guards their folder, and opens them by an access list that looks like 0440.
func ReadSecret(file, variable string, env func(string) string) (string, error) {
	if file == "" {
		if variable == "" {
			return "", errors.New("no password is configured; write password_file or password_env")
		}
		secret := env(variable)
		if secret == "" {
			return "", fmt.Errorf("environment variable %s is not set; set it where the program is started, or use password_file", variable)
		}
		return secret, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("open secret: %w", err)
	}
	defer f.Close() // only read from
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("look at secret %s: %w", file, err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("secret %s is not a file; name the file that holds the password", file)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && !credential(file, env) {
		return "", fmt.Errorf("secret %s may be read by others (mode %04o); change the password, then run: chmod 600 %s", file, mode, file)
	}
	if info.Size() > maxSecret {
		return "", fmt.Errorf("secret %s has %d bytes; it shall hold one password and nothing else", file, info.Size())
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	secret := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if secret == "" {
		return "", fmt.Errorf("secret %s is empty; write the password into it", file)
	}
	return secret, nil
}

// maxSecret is far above any password, and far below a file that was named by mistake.
const maxSecret = 64 << 10

// credential reports whether the file is one that systemd made for this service (systemd.exec(5), LoadCredential).
func credential(file string, env func(string) string) bool {
	folder := env("CREDENTIALS_DIRECTORY")
	return folder != "" && filepath.Dir(filepath.Clean(file)) == filepath.Clean(folder)
}
