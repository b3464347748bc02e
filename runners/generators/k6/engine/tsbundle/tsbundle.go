// Package tsbundle lets k6 run a TypeScript file that imports packages, JSON and
// other TypeScript, as xk6-ts did: "run … SCRIPT.ts", the script last, is bundled
// by k6pack before k6 starts, and k6 reads the bundle from its standard input.
package tsbundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/grafana/k6pack"
)

// Off is the environment variable that leaves the script to k6's own type
// stripping where it is "off".
const Off = "PLIMSOLL_TS"

// Hook puts a bundle in the place of the script, in os.Args and os.Stdin.
func Hook() error {
	script := Script(os.Args[1:])
	if script == "" || os.Getenv(Off) == "off" {
		return nil
	}
	bundle, err := Bundle(script)
	if err != nil {
		return err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("no pipe for the bundle: %w", err)
	}
	go func() {
		_, _ = writer.Write(bundle) // k6 says so where it gets half a script
		_ = writer.Close()
	}()
	os.Args[len(os.Args)-1], os.Stdin = "-", reader
	return nil
}

// Script is the TypeScript file that the arguments ask k6 to run; "" without one.
func Script(arguments []string) string {
	last := len(arguments) - 1
	if last < 1 || !slices.Contains(arguments[:last], "run") || filepath.Ext(arguments[last]) != ".ts" {
		return ""
	}
	return arguments[last]
}

// Bundle makes one JavaScript module of a file and all that it imports. k6's own
// modules stay imports.
func Bundle(script string) ([]byte, error) {
	file, err := filepath.Abs(script)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", script, err)
	}
	source, err := os.ReadFile(file) //nolint:gosec // the user's own script
	if err != nil {
		return nil, fmt.Errorf("the script can't be read: %w", err)
	}
	// The bundler writes sources relative to the working directory.
	root, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("no working directory: %w", err)
	}
	bundle, err := k6pack.Pack(string(source), &k6pack.Options{
		Filename: file, Directory: filepath.Dir(file), SourceMap: true, SourceRoot: root,
	})
	var fault k6pack.PackError
	if errors.As(err, &fault) {
		return nil, errors.New(fault.Format(120, false))
	}
	return bundle, err
}
