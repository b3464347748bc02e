package tsbundle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnlyARunOfTypeScriptIsBundled(t *testing.T) {
	for arguments, want := range map[string]string{
		"run --quiet script.ts":        "script.ts",
		"run script.ts --quiet":        "",
		"run script.js":                "",
		"inspect script.ts":            "",
		"script.ts":                    "",
		"--no-color run a/b/script.ts": "a/b/script.ts",
	} {
		if got := Script(strings.Fields(arguments)); got != want {
			t.Errorf("%s: %q, not %q", arguments, got, want)
		}
	}
}

func TestABundleHoldsWhatIsImportedButNotK6(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"main.ts":     "import http from 'k6/http';\nimport { answer } from './other';\nimport data from './data.json';\nexport default (): void => { http.get(`${answer}${data.key}`); };\n",
		"other.ts":    "enum Kind { One = 41 }\nexport const answer: number = Kind.One + 1;\n",
		"data.json":   `{"key": "a value of the data"}`,
		"unused.ts":   "export const unused = 'never imported';\n",
		"faulty.ts":   "export const = ;\n",
		"missing.mts": "",
	})
	bundle, err := Bundle(filepath.Join(folder, "main.ts"))
	if err != nil {
		t.Fatal(err)
	}
	code, _, _ := strings.Cut(string(bundle), "//# sourceMappingURL")
	for _, wanted := range []string{"k6/http", "a value of the data"} {
		if !strings.Contains(code, wanted) {
			t.Errorf("no %q in %s", wanted, code)
		}
	}
	if strings.Contains(code, "never imported") || strings.Contains(code, ": void") {
		t.Errorf("not wanted: %s", code)
	}
}

func TestAFaultNamesFileAndLine(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, map[string]string{"faulty.ts": "export const one = 1;\nexport const = ;\n"})
	_, err := Bundle(filepath.Join(folder, "faulty.ts"))
	if err == nil || !strings.Contains(err.Error(), "faulty.ts") || !strings.Contains(err.Error(), "2:") {
		t.Errorf("%v", err)
	}
	if _, err := Bundle(filepath.Join(folder, "nowhere.ts")); err == nil {
		t.Error("a script that is not there")
	}
}
